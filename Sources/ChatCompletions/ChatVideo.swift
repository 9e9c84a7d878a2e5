/// A moving picture of a request, for servers that take them. It is made when it is sent, and smaller when the server has no room.
package struct ChatVideo: Sendable {
    static let mediaType = "video/mp4"
    private let encode: @Sendable (_ longSide: Int) async throws -> [UInt8]

    /// - Parameter mp4: the file, the longer side of its pictures at most that many pixels.
    package init(mp4: @escaping @Sendable (_ longSide: Int) async throws -> [UInt8]) {
        encode = mp4
    }

    func mp4(longSide: Int) async throws -> [UInt8] {
        try await encode(longSide)
    }
}
