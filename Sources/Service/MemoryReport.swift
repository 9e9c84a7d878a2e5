internal import Codec
internal import Events
internal import Foundation
internal import Media
internal import Memory
internal import Rendering
internal import Tokenization

/// The work of `videowire memory`: what a stream of a daemon remembers, as lines and as a contact sheet.
public enum MemoryReport {
    public struct Request: Sendable {
        public var stream: String
        /// The path of the daemon's event log, beside which the memory is.
        public var log: String
        /// A PNG file; nil: no contact sheet.
        public var output: String?
        /// JSON lines instead of lines for people.
        public var json: Bool
        /// Whether lines are written to standard output.
        public var lists: Bool

        public init(stream: String, log: String, output: String?, json: Bool, lists: Bool) {
            self.stream = stream
            self.log = log
            self.output = output
            self.json = json
            self.lists = lists
        }
    }

    /// The daemon has no such stream, or it has not remembered anything.
    struct UnknownStream: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: `MemoryStoreError`, `UnknownStream`, `FileOutput.Failure`, `EncoderError`.
    public static func run(_ request: Request) async throws {
        try await onOwnThread("vw-memory") { Result { try report(request) } }.get()
    }

    private static func report(_ request: Request) throws {
        let path = MemoryStore.path(besideLog: request.log)
        let memories = try MemoryStore.read(path: path)
        guard let memory = memories[request.stream] else {
            let known = memories.keys.sorted().joined(separator: ", ")
            throw UnknownStream(
                description: "\(path) has no memory of a stream \(request.stream); "
                    + (known.isEmpty ? "it is empty" : "it has those of \(known)"))
        }
        let bank: MemoryBank
        do {
            bank = try memory.bank()
            if let output = request.output { try draw(memory, bank, request.stream, to: output) }
        } catch let error as TokenError {
            throw MemoryStoreError(path: path, reason: .damaged, detail: "\(error)")
        } catch let error as MemoryError {
            throw MemoryStoreError(path: path, error)
        }
        guard request.lists else { return }
        var output = FileOutput()
        for slot in bank.slots {
            let line = request.json ? json(slot, memory, bank, request.stream) : slot.line
            try output.write((line + "\n").utf8)
        }
        try output.flush()
    }

    // MARK: - Lines

    private static func json(_ slot: MemorySlot, _ memory: StoredMemory, _ bank: MemoryBank, _ stream: String) -> String
    {
        let span = bank.span ?? slot.span
        let (tokens, stamps) = (TemporalTokens(span: span), TextualTimestamps(span: span))
        let (start, end) = (slot.span.start, slot.span.end)
        return JSONObject { line in
            line.add("stream", stream)
            line.add("slot", slot.id)
            line.add("clips", slot.weight)
            if slot.runs.count > 1 { line.add("clips_by_location", slot.runs.map { Int($0.weight) }) }
            for (name, point) in [("start", start), ("end", end)] {
                line.add(
                    name,
                    JSONObject { object in
                        object.add("session", point.session)
                        object.add("clip", point.clip)
                        object.add("pts_ns", point.time.nanoseconds)
                        object.add("utc", point.utc?.rfc3339)
                        object.add("seconds", point.position.seconds - span.start.position.seconds, digits: 3)
                        object.add("token", tokens.text(for: point.position))
                        object.add("timestamp", stamps.text(for: point.position))
                    })
            }
            line.add("remembered_from", slot.record.remembered.lowerBound.rfc3339)
            line.add("remembered_to", slot.record.remembered.upperBound.rfc3339)
            line.add("tokenizer", memory.tokenizerID)
            line.add("key_ids", slot.key)
            line.add("motion_ids", slot.motion)
        }.text
    }

    // MARK: - Contact sheet

    private static func draw(_ memory: StoredMemory, _ bank: MemoryBank, _ stream: String, to path: String) throws {
        let tokenizer = ScalarTokenizer()
        let isShown = memory.tokenizerID == tokenizer.description.id
        let tiles = try bank.slots.map { slot in
            PictureSheet.Tile(picture: isShown ? try tokenizer.thumbnail(ofKey: slot.key) : nil, caption: slot.caption)
        }
        let clips = bank.summary.reduce(0) { $0 + $1.run.weight }
        let sheet = PictureSheet.draw(
            tiles, tile: PictureSize(video: memory.video.map { ($0.width, $0.height) }, longSide: 288),
            title: "\(stream): \(clips) clips in \(tiles.count) slots")
        let bytes = try PNGEncoder(width: sheet.width, height: sheet.height).encode(sheet)
        var file = try FileOutput(path: path)
        try file.write(bytes)
        try file.flush()
        printError("\(clips) clips in \(tiles.count) slots, written to \(path)")
        if !isShown {
            printError("without pictures: the key ids of \(memory.tokenizerID) are none without a diffusion model")
        }
    }
}

extension StoredMemory {
    /// The tokenizer's id without the hash of its weights.
    fileprivate var tokenizerID: String { tokenizer.split(separator: " ").first.map { String($0) } ?? tokenizer }
}

extension MemoryPoint {
    /// Where UTC is not known, the session and its media time.
    fileprivate var text: String {
        guard let utc else { return "\(session)/\(time.clockText)" }
        return String(utc.rfc3339.prefix(19)).replacing("T", with: " ")
    }
}

extension MemorySlot {
    fileprivate var clips: String { weight == 1 ? "1 clip" : "\(weight) clips" }

    /// Not longer than a picture is wide.
    fileprivate var caption: [String] { [span.start.text, "- \(span.end.text)", clips] }

    fileprivate var line: String {
        let (start, end) = (span.start, span.end)
        return "\(start.text) - \(end.text)  \(clips), \(start.session)/\(start.clip) - \(end.session)/\(end.clip)"
    }
}
