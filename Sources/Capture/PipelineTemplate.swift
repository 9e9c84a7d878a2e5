internal import Glibc

/// The text of a pipeline with `${placeholders}`; see docs/capture.md.
package struct PipelineTemplate {
    package enum Name: String, CaseIterable {
        case file
        case rtsp
        case testPicture = "test-picture"
        case testcam
    }

    let name: String
    let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The template built in, or the one of that name in `directory` where there is one.
    package init(_ name: Name, directory: String?) throws(SourceError) {
        self.name = "\(name.rawValue).gst"
        if let directory, let text = try Self.read("\(directory)/\(self.name)") {
            self.text = text
        } else {
            self.text = String(decoding: name.builtIn, as: UTF8.self)
        }
    }

    /// A line for gst_parse: without comments, each placeholder replaced by its value, escaped.
    /// - Throws: `badPipeline` for a placeholder without a value, and for a value with a control character.
    package func filled(with values: [String: String]) throws(SourceError) -> String {
        var result = ""
        var rest = withoutComments[...]
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            let tail = rest[start.upperBound...]
            guard let end = tail.firstIndex(of: "}") else { throw error("a ${ without its }") }
            let key = String(tail[..<end])
            guard let value = values[key] else {
                let known = values.keys.sorted().map { "${\($0)}" }.joined(separator: ", ")
                throw error("unknown placeholder ${\(key)}; it can use \(known.isEmpty ? "none" : known)")
            }
            result += try escaped(value)
            rest = tail[tail.index(after: end)...]
        }
        return result + rest
    }

    private var withoutComments: String {
        text.split(whereSeparator: \.isNewline).filter { !$0.drop { $0 == " " || $0 == "\t" }.hasPrefix("#") }
            .joined(separator: "\n")
    }

    /// A backslash before everything that could mean something to gst_parse.
    private func escaped(_ value: String) throws(SourceError) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            guard scalar.value >= 0x20, scalar.value != 0x7F else {
                throw error("the value for a placeholder holds a control character")
            }
            let isPlain = !scalar.isASCII || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            if !isPlain { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    private func error(_ why: String) -> SourceError { SourceError(.badPipeline, "Pipeline \(name): \(why).") }

    /// Nil where there is no such file.
    private static func read(_ path: String) throws(SourceError) -> String? {
        guard let file = fopen(path, "r") else {
            if errno == ENOENT { return nil }
            throw SourceError(.badPipeline, "Cannot read the pipeline \(path): \(String(cString: strerror(errno))).")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        guard ferror(file) == 0, let text = String(validating: bytes, as: UTF8.self) else {
            throw SourceError(.badPipeline, "The pipeline \(path) is not a readable UTF-8 text.")
        }
        return text
    }
}

extension PipelineTemplate.Name {
    fileprivate var builtIn: [UInt8] {
        switch self {
        case .file: PackageResources.file_gst
        case .rtsp: PackageResources.rtsp_gst
        case .testPicture: PackageResources.test_picture_gst
        case .testcam: PackageResources.testcam_gst
        }
    }

    /// Elements that the built-in template and what is linked to it need in any case.
    var elements: [String] {
        switch self {
        case .file: ["filesrc", "parsebin", "fakesink", "appsink", "capsfilter", "h264parse"]
        case .rtsp: ["rtspsrc", "rtpbin", "udpsrc", "fakesink", "appsink", "capsfilter", "rtph264depay", "h264parse"]
        case .testPicture: ["appsrc", "clocksync", "x264enc", "h264parse", "capsfilter", "appsink"]
        case .testcam: ["appsrc"]
        }
    }
}
