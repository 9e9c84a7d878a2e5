/// Takes the bytes of an event stream as they come, cut anywhere, and gives its events.
///
/// After https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation, with two additions that
/// servers of chat completions need: a field `error` (llama-server before 2025) counts as an event `error` with that data,
/// and what the stream ends with counts as an event also without its empty line. Memory is bounded by `maximumBytes`.
package struct ServerSentEventParser: Sendable {
    /// An event, or a line, is longer than allowed.
    package struct TooLong: Error, Hashable {
        package let maximumBytes: Int
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var isFirstLine = true
    /// A newline right after a carriage return belongs to it, also where the two come apart.
    private var endsWithCarriageReturn = false
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false

    /// - Parameter maximumBytes: of a line, and of an event's data.
    package init(maximumBytes: Int = 256 * 1024) {
        self.maximumBytes = maximumBytes
    }

    /// The events that `bytes` completes.
    ///
    /// - Throws: `TooLong`; nothing may be given after that.
    package mutating func parse(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            defer { endsWithCarriageReturn = byte == Self.carriageReturn }
            if byte == Self.newline, endsWithCarriageReturn { continue }
            if byte == Self.newline || byte == Self.carriageReturn {
                if let event = try endLine() { events.append(event) }
            } else {
                guard line.count < maximumBytes else { throw TooLong(maximumBytes: maximumBytes) }
                line.append(byte)
            }
        }
        return events
    }

    /// The stream has ended: the last event, where its empty line is missing.
    package mutating func finish() throws(TooLong) -> ServerSentEvent? {
        if !line.isEmpty { _ = try endLine() }
        return dispatch()
    }

    private mutating func endLine() throws(TooLong) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        }
        guard !line.isEmpty else { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        // A line that begins with a colon is a comment.
        guard colon > 0 else { return nil }
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data": try append(value)
        case "event": name = String(decoding: value, as: UTF8.self)
        case "error":
            name = "error"
            try append(value)
        default: break
        }
        return nil
    }

    private mutating func append(_ value: ArraySlice<UInt8>) throws(TooLong) {
        guard data.count + value.count < maximumBytes else { throw TooLong(maximumBytes: maximumBytes) }
        if hasData { data.append(Self.newline) }
        data += value
        hasData = true
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            name = ""
            data = []
            hasData = false
        }
        return hasData ? ServerSentEvent(name: name, data: data) : nil
    }
}
