import Foundation
import MediaTesting
import Testing

/// Video-LaVIT's tokens of a real clip, from a checkpoint of toy width, as the reference computes them.
@Suite(
    .enabled(
        if: SharedFolder.has("media", "fixtures/video-lavit-tiny"), "needs the folder of reference outputs"))
struct TokenizerTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static func shared(_ path: String) -> String { SharedFolder.path("fixtures/video-lavit-tiny/\(path)") }

    @Test(
        "the reference's clips with the reference's ids, from either layout of the weights, from the clip and from its re-encoding",
        arguments: ["checkpoint", "checkpoint-bin"], [true, false])
    func ids(checkpoint: String, isReencoded: Bool) async throws {
        let expected = try TensorFile(path: Self.shared("expected.safetensors"))
        let source = isReencoded ? Self.shared("car-detection.6fps.m4v") : SharedFolder.path("media/car-detection.mp4")
        let result = try await Program.run(
            "videowire",
            [
                "tokens", source, "--json", "--tokenizer", Self.shared(checkpoint), "--precision", "fp32", "--sampling",
                "reference", "--max-clips", "8", "--features", scratch.path("features"), "--name", "cars",
            ] + (isReencoded ? ["--motion", "codec"] : []))
        try #require(result.status == 0, "\(result.errors)")
        let clips = try result.lines.map { try data(of: $0) }.filter { $0["clip"] != nil }
        let starts = clips.compactMap { ($0["clip"] as? [String: Any])?["pts_start_ns"] as? Int64 }
        #expect(
            starts == expected.elements("clip_start_frames", as: Int32.self).map { Int64($0) * 1_000_000_000 / 6 })
        let counts = expected.elements("visual_counts", as: Int32.self).map { Int($0) }
        let text = try #require(clips.first?["llm_ids"] as? [Int])[0]
        let visual = expected.elements("visual_token_ids", as: Int32.self).map { Int($0) - text - 2 }
        let motion = expected.elements("motion_codes", as: Int32.self).map { Int($0) }
        try #require(clips.count == counts.count)
        var first = 0
        for (index, clip) in clips.enumerated() {
            let key = try #require((clip["key"] as? [String: Any])?["ids"] as? [Int])
            #expect(key == Array(visual[first..<first + counts[index]]))
            first += counts[index]
            let ids = try #require((clip["motion"] as? [String: Any])?["ids"] as? [Int])
            #expect(ids == Array(motion[index * 135..<(index + 1) * 135]))
            #expect((clip["llm_ids"] as? [Int])?.count == key.count + ids.count + 4)
            #expect(clip["features"] as? String == "cars-1-\(index).safetensors")
        }
        // The continuous tokens of all clips, one after another.
        let embeds = try clips.indices.flatMap { index in
            try TensorFile(path: scratch.path("features/cars-1-\(index).safetensors")).elements("visual_embeds")
        }
        let wanted = expected.elements("visual_embeds")
        let scale = wanted.map { abs($0) }.max() ?? 0
        #expect(embeds.count == wanted.count)
        #expect(zip(embeds, wanted).allSatisfy { abs($0 - $1) <= 1e-5 * scale })
    }

    @Test("every clip of a file, and their motion back from the ids")
    func everyClip() async throws {
        let run = try await Program.run(
            "videowire",
            ["run", SharedFolder.path("media/car-detection.mp4"), "--json", "--tokenizer", Self.shared("checkpoint")])
        try #require(run.status == 0, "\(run.errors)")
        let clips = try run.lines.map { try data(of: $0) }.filter { $0["clip"] != nil && $0["key"] != nil }
        #expect(clips.count == 8)
        let log = scratch.path("events.ndjson")
        try run.lines.map { $0 + "\n" }.joined().write(toFile: log, atomically: true, encoding: .utf8)
        let decoded = try await Program.run(
            "videowire", ["decode", log, "-o", scratch.path("pictures"), "--tokenizer", Self.shared("checkpoint")])
        #expect(decoded.status == 0 && decoded.errors.contains("no thumbnail"), "\(decoded.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: scratch.path("pictures"))
        #expect(files.count { $0.hasSuffix("-motion.png") } == 8 && !files.contains { $0.hasSuffix("-key.png") })
        // A video would have to show the key pictures.
        let video = try await Program.run(
            "videowire", ["decode", log, "-o", scratch.path("a.mp4"), "--tokenizer", Self.shared("checkpoint")])
        #expect(video.status == 65 && video.errors.contains("diffusion"))
    }

    @Test("what cannot be is said before anything is read")
    func wrongUsage() async throws {
        let file = SharedFolder.path("media/car-detection.mp4")
        for (arguments, words) in [
            (["--tokenizer", Self.shared("checkpoint"), "--motion", "codec"], "vectors of its own encoding"),
            (["--precision", "int8"], "need --tokenizer"), (["--max-clips", "3"], "needs --sampling reference"),
        ] {
            let result = try await Program.run("videowire", ["tokens", file] + arguments)
            #expect(result.status == 64 && result.errors.contains(words), "\(result.errors)")
        }
        let nowhere = try await Program.run("videowire", ["tokens", file, "--tokenizer", scratch.path("nowhere")])
        #expect(nowhere.status == 66 && nowhere.errors.contains("nowhere"), "\(nowhere.errors)")
    }

    private func data(of line: String) throws -> [String: Any] {
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return event?["data"] as? [String: Any] ?? [:]
    }
}
