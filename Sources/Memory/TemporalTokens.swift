/// Time as Grounded-VideoLLM tells it to its language model (arXiv 2410.03290): 301 tokens `<0>` to `<300>`, from the start of the remembered
/// span to its end.
public struct TemporalTokens: Sendable, Hashable {
    /// The largest token: M in the paper.
    public static let last = 300

    private let start: MemoryTime
    private let end: MemoryTime

    public init(span: MemorySpan) {
        self.init(start: span.start.position, end: span.end.position)
    }

    public init(start: MemoryTime, end: MemoryTime) {
        self.start = start
        self.end = max(start, end)
    }

    private var duration: Int64 { end.units(since: start) }

    /// The token of a time: truncated, not rounded, as the model was trained. Times outside get the first or the last one.
    public func token(for time: MemoryTime) -> Int {
        let (duration, offset) = (duration, time.units(since: start))
        guard duration > 0, offset > 0 else { return offset > 0 ? Self.last : 0 }
        guard offset < duration else { return Self.last }
        let product = offset.multipliedFullWidth(by: Int64(Self.last))
        return Int(duration.dividingFullWidth(product).quotient)
    }

    /// The middle of the times that have a token: off by half of a 300th of the span at most. The last token stands for the end alone.
    public func time(of token: Int) -> MemoryTime {
        guard token < Self.last else { return end }
        return start.advanced(by: Int64(Double(duration) * (Double(max(token, 0)) + 0.5) / Double(Self.last)))
    }

    /// Seconds from the start of the span as the model's authors print them: the earliest time that has the token.
    public func seconds(of token: Int) -> Double {
        MemoryTime(units: duration).seconds * Double(token) / Double(Self.last)
    }

    /// `<34>`. Tokenizers know it after a space, or at the start of a text, only.
    public func text(for time: MemoryTime) -> String { "<\(token(for: time))>" }

    /// `From <34> to <60>.`, as the model answers where it is asked when something happens.
    public func text(from: MemoryTime, to: MemoryTime) -> String { "From \(text(for: from)) to \(text(for: to))." }

    /// The tokens in a model's answer, in their order; numbers beyond the last one are none.
    public static func tokens(in answer: String) -> [Int] {
        answer.split(separator: "<").dropFirst(answer.hasPrefix("<") ? 0 : 1).compactMap { piece in
            guard let end = piece.firstIndex(of: ">"), let token = Int(piece[..<end]), 0...last ~= token,
                piece[..<end].allSatisfy(\.isNumber)
            else { return nil }
            return token
        }
    }
}
