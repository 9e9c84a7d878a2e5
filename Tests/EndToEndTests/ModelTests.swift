import Foundation
import Testing

/// `videowire model`.
@Suite struct ModelTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func model(_ arguments: String...) async throws -> Program.Result {
        try await Program.run("videowire", ["model"] + arguments)
    }

    private func object(_ result: Program.Result) throws -> [String: Any] {
        let line = Data(try #require(result.lines.first).utf8)
        return try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    }

    /// A toy checkpoint in the layout for understanding, one file of safetensors.
    private func toy(_ name: String) async throws -> String {
        let folder = scratch.path(name)
        let result = try await model("synth", folder, "--config", "toy", "--format", "safetensors")
        #expect(result.status == 0 && result.lines.isEmpty, "\(result.errors)")
        return folder
    }

    private func edit(_ path: String, _ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        change(&bytes)
        try bytes.write(to: URL(filePath: path))
    }

    @Test func whatSynthWritesIsWhole() async throws {
        var hashes: Set<String> = []
        for (number, options) in [["--format", "safetensors"], ["--shards", "3"], ["--format", "bin"]].enumerated() {
            let folder = scratch.path("\(number)")
            let written = try await Program.run("videowire", ["model", "synth", folder, "--config", "toy"] + options)
            #expect(written.status == 0, "\(written.errors)")
            let verified = try object(try await model("verify", folder, "--json"))
            hashes.insert(try #require(verified["sha256"] as? String))
            #expect(verified["tensors"] as? Int == 614)
            let inspected = try object(try await model("inspect", folder, "--json"))
            #expect(inspected["layout"] as? String == "understanding")
            let parts = try #require(inspected["parts"] as? [[String: Any]])
            #expect(parts.reduce(0) { $0 + ($1["tensors"] as? Int ?? 0) } == 614)
            #expect(
                parts.contains {
                    $0["name"] as? String == "motion_tokenizer.quantize" && $0["parameters"] as? Int == 256
                })
        }
        #expect(hashes.count == 1)
    }

    @Test func inspectAndVerifySayItInWords() async throws {
        let folder = try await toy("toy")
        let inspected = try await model("inspect", folder)
        let text = inspected.lines.joined(separator: "\n")
        for words in [
            "layout      understanding", "ViT 2 × 32, 4 heads, MLP 139; merger 2", "24 fields of 20 × 36",
            "model.safetensors      614",
            "visual_tokenizer.encoder",
        ] {
            #expect(text.contains(words), "\(words) is not in\n\(text)")
        }
        let verified = try await model("verify", folder)
        #expect(verified.lines.first?.hasPrefix("\(folder) is whole: 614 tensors, ") == true, "\(verified.lines)")
        #expect(verified.lines.last?.hasPrefix("sha256 ") == true)
    }

    @Test func foldersThatAreNoCheckpointAreRefused() async throws {
        try DocumentedError.expect("No such checkpoint", try await model("inspect", scratch.path("none")))
        try FileManager.default.createDirectory(atPath: scratch.path("empty"), withIntermediateDirectories: true)
        try DocumentedError.expect("A folder without a checkpoint", try await model("verify", scratch.path("empty")))

        let llama = try await toy("llama")
        let header = #"{"lm_head.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        try edit("\(llama)/model.safetensors") {
            $0 = Data([UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0, 0])
        }
        try DocumentedError.expect("A language model without tokenizers", try await model("inspect", llama))

        let generation = scratch.path("generation")
        #expect(try await model("synth", generation, "--config", "toy", "--layout", "generation").status == 0)
        #expect(try await model("verify", generation).status == 0)
        try FileManager.default.removeItem(atPath: "\(generation)/motion_tokenizer.bin")
        try DocumentedError.expect(
            "A checkpoint for generation that lacks a file", try await model("inspect", generation))

        let shards = scratch.path("shards")
        #expect(try await model("synth", shards, "--config", "toy", "--shards", "2").status == 0)
        try FileManager.default.removeItem(atPath: "\(shards)/pytorch_model-00002-of-00002.bin")
        try DocumentedError.expect("A shard that is missing", try await model("inspect", shards))
        try DocumentedError.expect(
            "A checkpoint in the way of another", try await model("synth", shards, "--config", "toy"))
    }

    @Test func damagedFilesAreRefused() async throws {
        let folder = try await toy("toy")
        let whole = try Data(contentsOf: URL(filePath: "\(folder)/model.safetensors"))
        try edit("\(folder)/model.safetensors") { $0.removeLast(2_000) }
        try DocumentedError.expect("A checkpoint file that was cut off", try await model("inspect", folder))

        // The last of the bytes are those of a tensor of 16-bit numbers; all ones is no number.
        try edit("\(folder)/model.safetensors") { $0 = whole.dropLast(2) + [0xFF, 0xFF] }
        #expect(try await model("inspect", folder).status == 0)
        try DocumentedError.expect("Weights that are no finite numbers", try await model("verify", folder))

        try edit("\(folder)/model.safetensors") { $0 = whole }
        try edit("\(folder)/config.json") {
            $0 = Data(String(decoding: $0, as: UTF8.self).replacing(": 139", with: ": 140").utf8)
        }
        try edit("\(folder)/model.safetensors") {
            let name = Data("encode_task_layer.0.bias".utf8)
            if let range = $0.range(of: name) { $0.replaceSubrange(range, with: Data("encode_task_layer.9.bias".utf8)) }
        }
        try DocumentedError.expect("Tensors that do not fit the configuration", try await model("verify", folder))
        try edit("\(folder)/config.json") { $0 = Data(#"{"visual_tokenizer":{"heads":7}}"#.utf8) }
        try DocumentedError.expect("A configuration that fits no model", try await model("inspect", folder))
    }

    @Test func picklesThatAreNotReadAreNamed() async throws {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "CheckpointsTests/Fixtures")
        for (name, row) in [("code", "A pickle that would run code"), ("legacy", "A checkpoint of an old PyTorch")] {
            let folder = try scratch.write("config.json", "{}").dropLast("/config.json".count)
            try? FileManager.default.removeItem(atPath: "\(folder)/pytorch_model.bin")
            try FileManager.default.copyItem(
                atPath: fixtures.appending(path: "\(name).bin").path, toPath: "\(folder)/pytorch_model.bin")
            try DocumentedError.expect(row, try await model("inspect", String(folder)))
            #expect(!FileManager.default.fileExists(atPath: "videowire-ran-code"))
        }
    }

    @Test func wrongOptionsAreRefused() async throws {
        #expect(try await model("synth", scratch.path("a"), "--layout", "generation", "--shards", "2").status == 64)
        #expect(try await model("synth", scratch.path("a"), "--dtype", "int4").status == 64)
        #expect(try await model("inspect").status == 64)
    }
}
