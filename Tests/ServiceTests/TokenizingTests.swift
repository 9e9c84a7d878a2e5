import Capture
import Events
import Foundation
import Media
import MediaTesting
import Service
import Synchronization
import Testing
import Tokenization

/// Streams with a tokenizer that takes its time: a made one, which counts.
@Suite(.enabled(if: FFmpeg.isInstalled, "needs the ffmpeg command"))
struct TokenizingTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "videowire-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// A file with a moving picture.
    private func makeFile(seconds: Int) throws -> Capture.SourceLocation {
        let path = folder.appending(path: "made.mp4").path
        _ = try FFmpeg.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=160x96:r=12:d=\(seconds)", "-c:v",
                "libx264", "-g", "24", "-pix_fmt", "yuv420p", path,
            ])
        return try Capture.SourceLocation(parsing: path)
    }

    private func plan(_ source: Capture.SourceLocation, reuses: Bool = false, features: Bool = false) -> StreamPlan {
        StreamPlan(
            name: "made", source: source, captioner: .motion, tokenizer: .videoLaVIT, reusesStaticClips: reuses,
            features: features ? FeatureFolder(path: folder.path) : nil)
    }

    @Test("every clip of a file is tokenized, in order, however slow the tokenizer; the end comes last")
    func file() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let told = Told()
        let tokenizer = MadeTokenizer(delay: 0.05)
        try await StreamService(
            plan(makeFile(seconds: 24), features: true), tokenizer: tokenizer, publish: { told.add($0) }
        ).run()
        let events = told.events
        let clips = events.filter { $0.name == .clipTokens }
        #expect(clips.map { $0.value["clip"]?["index"]?.integer } == [0, 1, 2, 3, 4, 5])
        #expect(events.last?.value["state"]?.string == "ended")
        let live = try #require(events.firstIndex { $0.value["state"]?.string == "live" })
        let first = try #require(events.firstIndex { $0.name == .clipTokens })
        #expect(live < first)
        #expect(events[live].value["motion"]?["source"]?.string == "reencode")
        // What the tokenizer got: a key picture of the video's size, and motion.
        #expect(tokenizer.seen.allSatisfy { $0.key.width == 160 && $0.motion.count == 2 * 24 * 720 })
        #expect(clips.allSatisfy { $0.value["llm_ids"]?.array?.count == 3 })
        let name = try #require(clips[2].value["features"]?.string)
        #expect(name == "made-1-2.safetensors")
        let features = try TensorFile(path: folder.appending(path: name).path)
        #expect(features.elements("visual_embeds") == [2, 0.5, -1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 7)
    }

    @Test("a clip that the tokenizer refuses is skipped, and the next one is not")
    func refusal() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let told = Told()
        try await StreamService(
            plan(makeFile(seconds: 12)), tokenizer: MadeTokenizer(refuses: 1), publish: { told.add($0) }
        ).run()
        let names = told.events.filter { $0.name == .clipTokens || $0.name == .clipSkipped }.map(\.name)
        #expect(names == [.clipTokens, .clipSkipped, .clipTokens])
    }

    @Test("a camera's captions go on while the tokenizer is at work, clips that wait too long are given up, in order")
    func camera() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try makeFile(seconds: 24)
        let camera = try TestCamera(
            media: .file(path: folder.appending(path: "made.mp4").path, fromStart: true), pace: .times(8))
        defer { camera.stop() }
        let told = Told()
        let tokenizer = MadeTokenizer(delay: 0, holds: true)
        let service = StreamService(
            plan(try Capture.SourceLocation(parsing: camera.url)), tokenizer: tokenizer, publish: { told.add($0) })
        let running = Task { try await service.run() }
        // The first clip is at work, two wait, and one more has come.
        while tokenizer.seen.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        try await Task.sleep(for: .seconds(3))
        #expect(told.events.allSatisfy { $0.name != .clipTokens })
        tokenizer.release()
        while !told.events.contains(where: { $0.name == .clipTokens && $0.value["clip"]?["index"]?.integer ?? 0 > 0 }) {
            try await Task.sleep(for: .milliseconds(20))
        }
        running.cancel()
        try? await running.value
        let clips = told.events.filter { $0.name == .clipTokens || $0.name == .clipSkipped }
        // The file may have ended and begun anew: a session after the other.
        let places = try clips.map { clip in
            let session = try #require(clip.value["session"]?.integer)
            return try session * 1000 + #require(clip.value["clip"]?["index"]?.integer)
        }
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 }, "\(places)")
        #expect(clips.contains { $0.value["cause"]?.string == "busy" })
    }

    @Test("a stream that is stopped gives up what its tokenizer holds, and says so")
    func stopping() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let told = Told()
        let tokenizer = MadeTokenizer(delay: 0, holds: true)
        let service = StreamService(plan(try makeFile(seconds: 24)), tokenizer: tokenizer, publish: { told.add($0) })
        let running = Task { try await service.run() }
        while tokenizer.seen.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        running.cancel()
        try? await running.value
        tokenizer.release()
        #expect(told.events.contains { $0.name == .clipSkipped && $0.value["cause"]?.string == "busy" })
        #expect(!told.events.contains { $0.name == .clipTokens })
    }

    @Test("the reference's clips of a file: 60 pictures in five groups give those from pictures 12 and 36 on")
    func reference() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "plain.mp4").path
        // Nothing that the encoder could take for a cut.
        _ = try FFmpeg.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "color=gray:s=160x96:r=12:d=10", "-c:v",
                "libx264", "-pix_fmt", "yuv420p", path,
            ])
        let told = Told()
        try await ReferenceService(
            plan(try Capture.SourceLocation(parsing: path)), maximumClips: 16, tokenizer: MadeTokenizer(),
            publish: { told.add($0) }
        ).run()
        let starts = told.events.filter { $0.name == .clipTokens }.map { $0.value["clip"]?["pts_start_ns"]?.integer }
        #expect(starts == [2_000_000_000, 6_000_000_000])
    }

    @Test("a still picture's clips share the tokens of the first one, where that is asked for")
    func reuse() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "plain.mp4").path
        _ = try FFmpeg.run(
            "ffmpeg",
            [
                "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "color=gray:s=160x96:r=12:d=12", "-c:v",
                "libx264", "-pix_fmt", "yuv420p", path,
            ])
        for (reuses, expected) in [(true, [nil, 0, 0]), (false, [nil, nil, nil])] as [(Bool, [Int64?])] {
            let told = Told()
            try await StreamService(
                plan(try Capture.SourceLocation(parsing: path), reuses: reuses), tokenizer: MadeTokenizer(),
                publish: { told.add($0) }
            ).run()
            let clips = told.events.filter { $0.name == .clipTokens }
            #expect(clips.map { $0.value["reused_from"]?.integer } == expected)
        }
    }
}

/// Events that were published.
private final class Told: Sendable {
    private let list = Mutex<[Event]>([])

    var events: [Event] { list.withLock { $0 } }
    func add(_ event: Event) { list.withLock { $0.append(event) } }
}

extension Event {
    fileprivate var value: JSONValue { JSONValue(data) ?? .null }
}

/// Gives each clip its index as its tokens.
private final class MadeTokenizer: ClipTokenizer {
    struct Refused: Error {}

    private struct State {
        var seen: [VideoLaVITInput] = []
        var holds: Bool
    }

    private let delay: Double
    private let refused: Int?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - delay: seconds a clip.
    ///   - refuses: index of a clip that it throws for.
    ///   - holds: it gives nothing back until `release`.
    init(delay: Double = 0, refuses: Int? = nil, holds: Bool = false) {
        self.delay = delay
        refused = refuses
        state = Mutex(State(holds: holds))
    }

    var seen: [VideoLaVITInput] { state.withLock { $0.seen } }
    func release() { state.withLock { $0.holds = false } }

    var description: TokenizerDescription {
        TokenizerDescription(
            id: "made", weightHash: nil, keyVocabulary: 9, motionVocabulary: 9, keyGrid: [1, 1], motionGrid: [1, 1],
            maximumMotionIDs: 1, keyIDs: 1)
    }

    func encode(_ clip: Clip) throws -> ClipTokens {
        guard let input = clip.videoLaVIT, clip.index != refused else { throw Refused() }
        state.withLock { $0.seen.append(input) }
        while state.withLock({ $0.holds }) { Thread.sleep(forTimeInterval: 0.01) }
        Thread.sleep(forTimeInterval: delay)
        return ClipTokens(
            key: [clip.index], motion: [clip.index], languageModel: [0, clip.index, 1],
            features: ClipFeatures(columns: 3, values: [Float(clip.index), 0.5, -1]))
    }

    func decode(_ tokens: ClipTokens) throws -> DecodedClip { DecodedClip(fields: [], thumbnail: nil) }
}
