/// Writes one JSON object with its fields in the order of the calls: equal calls give equal bytes. A nil value leaves the
/// field out.
package struct JSONObject {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    package init(_ fill: (inout JSONObject) -> Void = { _ in }) {
        fill(&self)
    }

    /// The object's text.
    package var text: String {
        String(decoding: bytes + [UInt8(ascii: "}")], as: UTF8.self)
    }

    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        begin(name)
        Self.appendQuoted(value, to: &bytes)
    }

    package mutating func add(_ name: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        begin(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func add(_ name: String, _ value: Bool?) {
        guard let value else { return }
        begin(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func add(_ name: String, _ values: [Int]) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: String(value).utf8)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// A fraction rounded to `digits` decimals; left out where it is no number.
    package mutating func add(_ name: String, _ value: Double?, digits: Int) {
        guard let value, value.isFinite, abs(value) < 1e12 else { return }
        begin(name)
        bytes.append(contentsOf: Self.decimal(value, digits: digits).utf8)
    }

    package mutating func add(_ name: String, _ value: JSONObject?) {
        guard let value else { return }
        add(name, json: value.text)
    }

    package mutating func add(_ name: String, _ values: [JSONObject]) {
        add(name, json: "[" + values.map(\.text).joined(separator: ",") + "]")
    }

    /// A value that is JSON already.
    package mutating func add(_ name: String, json: String) {
        begin(name)
        bytes.append(contentsOf: json.utf8)
    }

    private mutating func begin(_ name: String) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        Self.appendQuoted(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    /// Decimal digits without exponent and without trailing zeros: 25, 0.93.
    private static func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int64((value * Double(scale)).rounded())
        let (whole, part) = scaled.magnitude.quotientAndRemainder(dividingBy: UInt64(scale))
        let sign = scaled < 0 ? "-" : ""
        guard part > 0 else { return sign + String(whole) }
        var fraction = String(part)
        fraction = String(repeating: "0", count: digits - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(sign)\(whole).\(fraction)"
    }

    /// RFC 8259 §7: quotes, backslashes and control characters are escaped, all else stays as it is.
    static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"):
                bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
