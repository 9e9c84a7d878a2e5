package import Media

/// A caption with its times on the time line of an output.
package struct TimedCaption: Sendable, Hashable {
    package var id: String
    /// The id of an earlier caption that this one takes the place of.
    package var replaces: String?
    package var text: String
    /// The span that it tells of.
    package var start: MediaTime
    package var end: MediaTime
    /// When it was told.
    package var told: MediaTime

    package init(
        id: String, replaces: String? = nil, text: String, start: MediaTime, end: MediaTime, told: MediaTime
    ) {
        self.id = id
        self.replaces = replaces
        self.text = text
        self.start = start
        self.end = end
        self.told = told
    }
}
