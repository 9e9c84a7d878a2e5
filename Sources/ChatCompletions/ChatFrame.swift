/// A picture of a request. It is made into JPEG when it is sent, and smaller when the server has no room.
package struct ChatFrame: Sendable {
    /// Told to the model in front of the picture; nil: nothing is told.
    package var seconds: Double?
    private let encode: @Sendable (_ longSide: Int) async throws -> [UInt8]

    /// - Parameter jpeg: the picture as JPEG, its longer side at most that many pixels; a smaller one is not made larger.
    package init(seconds: Double?, jpeg: @escaping @Sendable (_ longSide: Int) async throws -> [UInt8]) {
        (self.seconds, encode) = (seconds, jpeg)
    }

    func jpeg(longSide: Int) async throws -> [UInt8] {
        try await encode(longSide)
    }

    /// `<13.0 seconds>`, as Qwen3-VL and CogVLM2-Video were trained on.
    static func timestamp(_ seconds: Double) -> String {
        "<\(tenths(seconds)) seconds>"
    }

    /// With one decimal.
    static func tenths(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e12 else { return "0.0" }
        let tenths = Int64((abs(seconds) * 10).rounded())
        return "\(seconds < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
    }
}
