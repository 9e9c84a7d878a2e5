/// What a reader gets at once.
package struct LogPage: Sendable, Hashable {
    /// Lines of matching events after the cursor, in order.
    package var lines: [String]
    /// The new cursor: everything up to it that matches is in `lines` or was before them.
    package var through: UInt64
    /// The oldest number that is still there; one more than the newest where none is.
    package var oldest: UInt64

    package init(lines: [String], through: UInt64, oldest: UInt64) {
        self.lines = lines
        self.through = through
        self.oldest = oldest
    }

    /// Most lines and bytes of a page; a page holds at least one line.
    static let maximumLines = 256
    static let maximumBytes = 128 << 10
}
