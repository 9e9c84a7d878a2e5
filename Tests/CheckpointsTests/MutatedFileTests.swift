import Checkpoints
import Models
import Testing

/// Thousands of damaged files through each parser: an error, or tensors that lie inside the file; never a trap. `make fuzz-checkpoints` runs
/// longer, and sees reads outside the input.
@Suite struct MutatedFileTests {
    /// SplitMix64 (Steele, Lea, Flood 2014).
    private struct RandomNumbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// One to four kinds of damage; often where formats have lengths: near the beginning and the end.
    private func damaged(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard bytes.count > 16 else { break }
            let near = min(bytes.count, Bool.random(using: &random) ? bytes.count : 256)
            let place = Int.random(in: 0..<near, using: &random)
            let at = Bool.random(using: &random) ? place : bytes.count - 1 - place
            let block = at..<min(bytes.count, at + Int.random(in: 1...16, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[at] = .random(in: 0...255, using: &random)
            case 2: for index in block { bytes[index] = 0xFF }
            case 3: bytes.removeSubrange(block)
            case 4: bytes.insert(contentsOf: bytes[block], at: at)
            default: bytes.removeLast(bytes.count - at)
            }
        }
        return bytes
    }

    @Test(arguments: [
        "types.bin", "protocol4.bin", "views.bin", "module.bin", "types.safetensors", "model.safetensors.index.json",
        "config.json",
    ])
    func nothingTraps(name: String) throws {
        let whole = try Fixture.bytes(name)
        var random = RandomNumbers(state: 20_261_121)
        var errors = 0
        for number in 0..<2_000 {
            let bytes = damaged(whole, &random)
            do {
                let tensors = try bytes.withUnsafeBytes { file in
                    switch name.split(separator: ".").last {
                    case "bin": return try TorchArchive(parsing: file).tensors
                    case "safetensors": return try SafetensorsHeader(parsing: file).tensors
                    default:
                        _ =
                            name == "config.json"
                            ? try VideoLaVITConfiguration(parsing: file).visual.patches
                            : try ShardIndex(parsing: file).names.count
                        return []
                    }
                }
                let areInside = tensors.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= bytes.count }
                #expect(areInside, "input \(number)")
            } catch {
                #expect(error is FormatError, "input \(number): \(error)")
                errors += 1
            }
        }
        #expect(errors > 200)
    }
}
