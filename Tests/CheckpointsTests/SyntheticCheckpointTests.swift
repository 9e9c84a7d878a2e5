import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Checkpoints that are written here, in each layout and format, are read again.
@Suite struct SyntheticCheckpointTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func toy(
        _ layout: CheckpointLayout = .understanding, _ format: SyntheticCheckpoint.Format = .bin, shards: Int = 1
    ) -> SyntheticCheckpoint {
        var checkpoint = SyntheticCheckpoint()
        checkpoint.configuration = .toy
        (checkpoint.layout, checkpoint.format, checkpoint.shards) = (layout, format, shards)
        return checkpoint
    }

    /// All parameters as numbers.
    private func values(_ checkpoint: Checkpoint) throws -> [String: [Float]] {
        var values: [String: [Float]] = [:]
        let source = CheckpointSource(checkpoint)
        for parameter in VideoLaVIT.parameters(of: checkpoint.configuration) {
            guard parameter.isUsed else {
                source.skip(parameter.key, shape: parameter.shape)
                continue
            }
            source.read(parameter.key, shape: parameter.shape) { elements in
                values[parameter.key] = elements.bytes.withMemoryRebound(to: UInt8.self) { bytes in
                    stride(from: 0, to: bytes.count, by: elements.type.size).map { at in
                        let bits = bytes[at..<at + elements.type.size].reversed().reduce(UInt32(0)) {
                            $0 << 8 | UInt32($1)
                        }
                        return elements.type == .float32 ? Float(bitPattern: bits) : Float(bitPattern: bits << 16)
                    }
                }
            }
        }
        try source.finish()
        return values
    }

    @Test func everyLayoutAndFormatHasTheSameWeights() throws {
        let kinds: [(SyntheticCheckpoint, [String])] = [
            (toy(), ["pytorch_model.bin"]), (toy(.understanding, .safetensors), ["model.safetensors"]),
            (
                toy(.understanding, .bin, shards: 2),
                [
                    "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
                    "pytorch_model.bin.index.json",
                ]
            ),
            (
                toy(.understanding, .safetensors, shards: 3),
                (1...3).map { "model-0000\($0)-of-00003.safetensors" } + ["model.safetensors.index.json"]
            ),
            (toy(.generation), ["motion_tokenizer.bin", "visual_tokenizer"]),
            (toy(.generation, .safetensors), ["motion_tokenizer.safetensors", "visual_tokenizer"]),
        ]
        var first: [String: [Float]]?
        var hashes: [CheckpointLayout: Set<String>] = [:]
        for (index, (synthetic, names)) in kinds.enumerated() {
            let folder = scratch("\(index)")
            try synthetic.write(to: folder)
            let found = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(found == (["config.json"] + names).sorted())
            let checkpoint = try Checkpoint(opening: folder)
            #expect(checkpoint.layout == synthetic.layout)
            hashes[checkpoint.layout, default: []].insert(checkpoint.weightHash)
            let read = try values(checkpoint)
            let known = first ?? read
            first = known
            #expect(read.allSatisfy { known[$0.key] == $0.value })
            #expect(read.count == known.count - (synthetic.layout == .generation ? 2 : 0))
        }
        // Two layouts, of which one has no projection to the language model.
        #expect(hashes.values.map(\.count) == [1, 1])
    }

    @Test func theWeightsAreThoseOfATrainedNetworksSize() throws {
        var synthetic = toy()
        synthetic.type = .float32
        try synthetic.write(to: scratch("a"))
        let read = try values(try Checkpoint(opening: scratch("a")))
        for row in 0..<64 {
            let length = try #require(read["visual_tokenizer.quantize.embedding.weight"])[8 * row..<8 * row + 8].reduce(
                0
            ) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-5)
        }
        let weight = try #require(read["visual_tokenizer.encoder.blocks.1.mlp.fc2.weight"])
        let variance = weight.reduce(0) { $0 + $1 * $1 } / Float(weight.count)
        #expect(abs(variance * 139 - 1) < 0.1)
        let norm = try #require(read["visual_tokenizer.causal_encoder.norm.weight"])
        #expect(norm.allSatisfy { abs($0 - 1) <= 0.1 } && Set(norm).count == 32)

        // bfloat16 is the same, rounded to 8 bits; another seed is another checkpoint.
        try toy().write(to: scratch("b"))
        let rounded = try values(try Checkpoint(opening: scratch("b")))
        for (key, values) in read {
            let pairs = zip(values, try #require(rounded[key]))
            #expect(pairs.allSatisfy { abs($0 - $1) <= abs($0) / 256 }, "\(key)")
        }
        synthetic.seed = 1
        try synthetic.write(to: scratch("c"))
        let other = try values(try Checkpoint(opening: scratch("c")))
        #expect(other.allSatisfy { read[$0.key] != $0.value })
    }

    @Test func whatIsThereIsNotOverwritten() throws {
        try scratch.write("full/note", Array("mine".utf8))
        let error = try #require(throws: CheckpointError.self) { try toy().write(to: scratch("full")) }
        #expect(error.kind == .unwritable && error.description.contains("is not empty; nothing is overwritten"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("full")) == ["note"])
        #expect(throws: CheckpointError.self) { try toy().write(to: scratch("full/note")) }
        #expect(throws: CheckpointError.self) { try toy().write(to: scratch("none/none")) }
    }

    @Test func aFileSystemThatIsTooSmallIsRefused() throws {
        var synthetic = toy()
        (synthetic.configuration.visual.width, synthetic.configuration.visual.encoderLayers) = (16_384, 256)
        (synthetic.configuration.visual.mlpHidden, synthetic.type) = (65_536, .float32)
        let error = try #require(throws: CheckpointError.self) { try synthetic.write(to: scratch("large")) }
        #expect(error.description.contains("but its file system has"))
    }
}
