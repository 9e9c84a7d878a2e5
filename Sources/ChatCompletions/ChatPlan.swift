/// What a request may hold, as far as is known of the server.
package struct ChatPlan: Sendable, Hashable {
    package var pictures: Int
    /// Pixels of a picture's longer side.
    package var longSide: Int
    package var hasPictures = true
    package var hasVideo: Bool
    package var omitted: Set<OptionalField> = []
    /// Failures in a row before this request.
    var failures = 0
}
