/// Why a source cannot be used, in words for the person who named it. Never holds credentials.
public struct SourceError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The text is no path and no address that videowire knows.
        case badAddress
        /// No such file, or it may not be read.
        case notFound
        /// No container or codec stream that GStreamer recognises.
        case notVideo
        /// Recognised, but without a video stream.
        case noVideoStream
        /// Reading broke off.
        case broken
        /// Camera: user or password refused.
        case unauthorized
        /// Camera: no connection, or the connection ended.
        case connection
        /// The pipeline text cannot be used.
        case badPipeline
        /// GStreamer lacks an element.
        case missingElement
    }

    public var kind: Kind
    /// What happened, where, and what to do.
    public var description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
