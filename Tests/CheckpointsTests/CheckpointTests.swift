import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// What is wrong with folders and files of a checkpoint, and what is said of it.
@Suite struct CheckpointTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A safetensors file of 32-bit numbers; each tensor is filled with one number.
    private func safetensors(_ tensors: [(key: String, shape: [Int], value: Float)]) -> [UInt8] {
        var (members, data): ([String], [UInt8]) = ([], [])
        for tensor in tensors {
            let count = tensor.shape.reduce(1, *)
            members.append(
                #""\#(tensor.key)":{"dtype":"F32","shape":\#(tensor.shape),"data_offsets":[\#(data.count),\#(data.count + 4 * count)]}"#
            )
            for _ in 0..<count { data += withUnsafeBytes(of: tensor.value.bitPattern.littleEndian) { Array($0) } }
        }
        let header = Array("{\(members.joined(separator: ","))}".utf8)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + data
    }

    private func write(_ folder: String, _ tensors: [(key: String, shape: [Int], value: Float)]) throws -> String {
        try scratch.write("\(folder)/config.json", Fixture.bytes("config.json"))
        try scratch.write("\(folder)/model.safetensors", safetensors(tensors))
        return scratch(folder)
    }

    private func error(opening path: String) throws -> CheckpointError {
        try #require(throws: CheckpointError.self) { try Checkpoint(opening: path) }
    }

    @Test func allThatIsWrongIsToldAtOnce() throws {
        let folder = try write(
            "wrong",
            [
                ("model.motion_tokenizer.good", [2], 1), ("model.motion_tokenizer.flat", [6], 1),
                ("model.motion_tokenizer.infinite", [2], .infinity), ("model.motion_tokenizer.surplus", [1], 1),
                ("model.layers.0.mlp.up_proj.weight", [1], .nan), ("lm_head.weight", [1], 1),
            ])
        let source = CheckpointSource(try Checkpoint(opening: folder))
        var given: [String] = []
        for (key, shape) in [("good", [2]), ("flat", [2, 3]), ("infinite", [2]), ("gone", [4])] {
            source.read("motion_tokenizer.\(key)", shape: shape) { _ in given.append(key) }
        }
        #expect(given == ["good"])
        let error = try #require(throws: CheckpointError.self) { try source.finish() }
        let file = "\(folder)/model.safetensors"
        for line in [
            "\(folder) does not fit its configuration", "1 tensor missing:\n  motion_tokenizer.gone 4\n",
            "1 tensor of another shape or type:\n  motion_tokenizer.flat: expected 2×3, found 6 of F32 in \(file)\n",
            "1 tensor with elements that are no finite numbers:\n  motion_tokenizer.infinite, element 0, in \(file)\n",
            "1 tensor that the model does not have:\n  motion_tokenizer.surplus 1 in \(file)",
        ] {
            #expect(error.description.contains(line), "\(line) is not in\n\(error)")
        }
        #expect(!error.description.contains("lm_head") && !error.description.contains("layers"))
    }

    /// Before anything is read; of a kind twenty are listed, and the others counted.
    @Test func aCheckpointIsComparedWithTheModelsFirst() throws {
        let checkpoint = try Checkpoint(opening: try write("few", [("model.motion_tokenizer.norm", [2], 1)]))
        let recorder = ParameterRecorder()
        for number in 0..<30 { recorder.read("motion_tokenizer.\(number)", shape: [2]) { _ in } }
        let error = try #require(throws: CheckpointError.self) { try checkpoint.check(recorder.parameters) }
        #expect(error.description.contains("30 tensors missing:\n  motion_tokenizer.0 2\n"))
        #expect(
            error.description.contains("motion_tokenizer.19 2\n  and 10 more\n1 tensor that the model does not have:"))
    }

    @Test func elementsOfATypeThatIsNotReadAreNamed() throws {
        let header = #"{"model.motion_tokenizer.a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#
        try scratch.write("double/config.json", Fixture.bytes("config.json"))
        try scratch.write(
            "double/model.safetensors",
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
                + [UInt8](repeating: 0, count: 8))
        let source = CheckpointSource(try Checkpoint(opening: scratch("double")))
        source.read("motion_tokenizer.a", shape: [1]) { _ in Issue.record("given") }
        let error = try #require(throws: CheckpointError.self) { try source.finish() }
        #expect(error.description.contains("motion_tokenizer.a: expected 1, found 1 of F64 in"))
    }

    @Test func foldersThatAreNoCheckpointAreNamed() throws {
        #expect(try error(opening: scratch("none")).description.contains("does not exist"))
        #expect(try error(opening: scratch("none")).kind == .unreadable)
        try scratch.write("empty/readme", [])
        #expect(
            try error(opening: scratch("empty")).description.contains(
                "has no checkpoint: neither model.safetensors nor"))
        try scratch.write("root/language_model_sft/config.json", [])
        #expect(try error(opening: scratch("root")).description.contains("Name \(scratch("root"))/language_model_sft"))
        let llama = try write("llama", [("model.layers.0.mlp.up_proj.weight", [1], 1)])
        #expect(try error(opening: llama).description.contains("has no tokenizers of Video-LaVIT"))
        try scratch.write("bare/model.safetensors", safetensors([("model.motion_tokenizer.a", [1], 1)]))
        #expect(try error(opening: scratch("bare")).description.contains("bare/config.json does not exist"))
    }

    /// The root of the hub's repository has the files for generation, and beside them another checkpoint for understanding.
    @Test func theLayoutForGenerationIsWholeAndNotMixed() throws {
        try scratch.write("g/visual_tokenizer/eva_vitg_psz14.safetensors", safetensors([("cls_token", [1], 1)]))
        try scratch.write("g/visual_tokenizer/tokenizer_encoder.safetensors", safetensors([("quantize.a", [1], 2)]))
        #expect(
            try error(opening: scratch("g")).description.contains("without motion_tokenizer.bin. Download the rest."))
        try scratch.write("g/motion_tokenizer.safetensors", safetensors([("encoder.a", [1], 3)]))
        try scratch.write("g/model.safetensors", safetensors([("model.visual_tokenizer.b", [1], 4)]))
        try scratch.write("g/language_model_sft/model.safetensors", safetensors([("model.visual_tokenizer.c", [1], 5)]))
        let checkpoint = try Checkpoint(opening: scratch("g"))
        #expect(checkpoint.layout == .generation && checkpoint.configuration.languageWidth == nil)
        let source = CheckpointSource(checkpoint)
        var values: [Float] = []
        for key in ["visual_tokenizer.encoder.cls_token", "visual_tokenizer.quantize.a", "motion_tokenizer.encoder.a"] {
            source.read(key, shape: [1]) { values.append($0.bytes.loadUnaligned(as: Float.self)) }
        }
        try source.finish()
        #expect(values == [1, 2, 3])
    }

    @Test func shardsThatDoNotFitTheirIndexAreNamed() throws {
        func index(_ map: String) throws -> CheckpointError {
            try scratch.write("s/config.json", Fixture.bytes("config.json"))
            try scratch.write("s/model-1.safetensors", safetensors([("model.motion_tokenizer.a", [1], 1)]))
            try scratch.write("s/model.safetensors.index.json", Array(#"{"weight_map":{\#(map)}}"#.utf8))
            return try error(opening: scratch("s"))
        }
        #expect(
            try index(#""model.motion_tokenizer.a":"model-2.safetensors""#).description.contains(
                "model-2.safetensors cannot be read: No such file"))
        for name in ["../model-1.safetensors", "/etc/passwd", "a/b", "", ".hidden"] {
            #expect(
                try index(#""model.motion_tokenizer.a":"\#(name)""#).description.contains(
                    "it names the file \"\(name)\", which is none in the same folder"))
        }
        let missing = try index(
            #""model.motion_tokenizer.a":"model-1.safetensors","model.motion_tokenizer.b":"model-1.safetensors""#)
        #expect(
            missing.description.contains(
                "names 1 tensors that its files do not have, the first: model.motion_tokenizer.b of model-1.safetensors"
            ))
        try scratch.write("s/model.safetensors.index.json", Array(repeating: UInt8(ascii: "["), count: 100_000))
        #expect(try error(opening: scratch("s")).description.contains("it is no index of a checkpoint"))
    }

    /// FIPS 180-4 and its examples, through what a checkpoint is named by: printf 'motion_tokenizer.a F32 1 %s\n' "$(printf '\0\0\200\077' |
    /// sha256sum | cut -d' ' -f1)" | sha256sum
    @Test func theHashIsThatOfTheDocumentedLines() throws {
        let checkpoint = try Checkpoint(
            opening: try write("hash", [("model.motion_tokenizer.a", [1], 1), ("lm_head.weight", [1], 2)]))
        #expect(checkpoint.weightHash == "f9671902bffe12a50c676c1ea0e4295a25d3596c8e98f9898fedfe1d4b21407c")
    }
}
