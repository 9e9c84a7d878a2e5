/// A moving picture of a request, for servers that take them.
package struct ChatVideo: Sendable {
    /// `video/mp4`.
    package var mediaType: String
    package var bytes: [UInt8]

    package init(mediaType: String = "video/mp4", bytes: [UInt8]) {
        (self.mediaType, self.bytes) = (mediaType, bytes)
    }
}
