/// One event of a server's event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).
package struct ServerSentEvent: Sendable, Hashable {
    /// The value of the field `event`; empty where there was none. `error` where the server wrote a field of that name.
    package var name: String
    /// The values of the fields `data`, joined by newlines. Not checked to be UTF-8.
    package var data: [UInt8]

    package init(name: String = "", data: [UInt8]) {
        self.name = name
        self.data = data
    }
}
