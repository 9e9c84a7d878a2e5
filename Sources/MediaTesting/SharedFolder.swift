internal import Foundation

/// Reference outputs and real clips that lie outside the repository; CONTRIBUTING.md tells where.
public enum SharedFolder {
    private static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["VIDEOWIRE_SHARED"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../shared").standardized
    }()

    /// Whether all of these are there.
    public static func has(_ paths: String...) -> Bool {
        paths.allSatisfy { FileManager.default.fileExists(atPath: path($0)) }
    }

    public static func path(_ path: String) -> String { root.appendingPathComponent(path).path }
}
