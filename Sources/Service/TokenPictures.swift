internal import Codec
internal import Media
internal import Rendering
internal import Tokenization

/// The work of `videowire decode`: pictures or a video of a log of token events.
public enum TokenPictures {
    public struct Request: Sendable {
        /// A file of event lines; `-` for standard input.
        public var events: String
        /// A folder, or a path that ends in `.mp4`.
        public var output: String
        /// Only this stream's clips; nil for all.
        public var stream: String?
        /// For events of Video-LaVIT's tokenizers; nil: only those of the scalar one can be shown.
        public var tokenizer: TokenizerSettings?

        public init(events: String, output: String, stream: String?, tokenizer: TokenizerSettings? = nil) {
            self.events = events
            self.output = output
            self.stream = stream
            self.tokenizer = tokenizer
        }
    }

    /// No line of the log could be turned into a picture.
    struct NothingToShow: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: `LineReader.Failure`, `FileOutput.Failure`, `EncoderError`, or `NothingToShow`.
    public static func run(_ request: Request) async throws {
        try await onOwnThread("vw-decode") { Result { try decode(request) } }.get()
    }

    private static func decode(_ request: Request) throws {
        var lines = try LineReader(path: request.events)
        let isMovie = request.output.lowercased().hasSuffix(".mp4")
        var output: any ClipOutputFile =
            isMovie ? TokenMovie(path: request.output, stream: request.stream) : PictureFolder(path: request.output)
        let model = try request.tokenizer.map { settings in
            try TokenizerFactory.make(settings, forDecoding: true) { printError("videowire: \($0)") }
        }
        let reader = ClipReader(tokenizers: [ScalarTokenizer()] + [model].compactMap(\.self))
        let progress = standardErrorIsTerminal() ? ProgressLine() : nil
        var report = DecodeReport(source: request.events == "-" ? "standard input" : request.events)
        while let line = try lines.read() {
            report.number += 1
            do {
                guard case .text(let text) = line else {
                    throw ClipReader.Damage(description: "longer than \(LineReader.maximumBytes) bytes")
                }
                guard let clip = try reader.clip(from: text) else { continue }
                guard request.stream == nil || request.stream == clip.stream else {
                    report.noteOther(clip.stream)
                    continue
                }
                if clip.decoded.thumbnail == nil { report.withoutThumbnail += 1 }
                if try output.append(clip) { report.note(clip) } else { report.noteOther(clip.stream) }
                progress?.note(report.duration)
            } catch let error as ClipReader.Damage {
                progress?.clear()
                report.note(damage: error.description)
            } catch let error as TokenError {
                progress?.clear()
                report.note(damage: error.description)
            }
        }
        progress?.clear()
        guard report.clips > 0 else { throw NothingToShow(description: report.nothing(wanted: request.stream)) }
        try output.finish()
        report.summarize(output: request.output)
        if report.withoutThumbnail > 0 {
            printError(
                "\(report.withoutThumbnail) clips have no thumbnail: their key ids are no picture without a diffusion model"
            )
        }
    }
}

/// Where decoded clips go.
protocol ClipOutputFile {
    /// - Returns: false where the clip has no place in it.
    mutating func append(_ clip: LoggedClip) throws -> Bool
    mutating func finish() throws
}

/// What was found in a log, told on standard error.
struct DecodeReport {
    private static let shownDamages = 10

    let source: String
    /// Of the line that was read last, from 1.
    var number = 0
    private(set) var clips = 0
    var withoutThumbnail = 0
    private(set) var duration = MediaTime.zero
    private var damages = 0
    private var others: [String: Int] = [:]
    private var seen: Set<String> = []
    private var repeated = 0

    init(source: String) {
        self.source = source
    }

    mutating func note(_ clip: LoggedClip) {
        clips += 1
        duration = duration + Clip.fieldDuration * Int64(clip.pictures)
        if !seen.insert("\(clip.session)/\(clip.index)/\(clip.stream)").inserted { repeated += 1 }
    }

    mutating func noteOther(_ stream: String) {
        others[stream, default: 0] += 1
    }

    mutating func note(damage: String) {
        damages += 1
        if damages <= Self.shownDamages { printError("videowire: \(source), line \(number): \(damage); left out") }
        if damages == Self.shownDamages { printError("videowire: more such lines are only counted") }
    }

    func nothing(wanted stream: String?) -> String {
        let streams = others.keys.sorted().joined(separator: ", ")
        if let stream, !others.isEmpty {
            return "\(source) has no token events of the stream \(stream); it has some of \(streams)"
        }
        let found = damages > 0 ? "; \(damages) of \(number) lines could not be used" : ""
        return "\(source) has no token events\(found). "
            + "It should hold what `videowire run --json` or `videowire watch --json` writes"
    }

    func summarize(output: String) {
        printError("\(clips) clips, \(Int(duration.seconds.rounded())) s, written to \(output)")
        if damages > 0 { printError("\(damages) of \(number) lines could not be used") }
        if repeated > 0 { printError("\(repeated) clips had the name of an earlier one; the later one was kept") }
        for (stream, count) in others.sorted(by: { $0.key < $1.key }) {
            printError("\(count) clips of the stream \(stream) left out; --stream says which one to show")
        }
    }
}
