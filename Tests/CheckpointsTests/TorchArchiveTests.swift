import Checkpoints
import Foundation
import Testing

/// Files that PyTorch wrote (Tests/Goldens/Tools/make_checkpoint_files.py): tensors of 0.5, 1.5, 2.5 … row by row.
@Suite struct TorchArchiveTests {
    private static func ramp(_ type: String, _ shape: [Int], from first: Int = 0) -> StoredValues {
        let count = shape.reduce(1, *)
        let values = (first..<first + count).map { index in
            switch type {
            case "F32", "F16", "BF16", "F64": Double(index) + 0.5
            case "BOOL": 1.0
            default: Double(index)
            }
        }
        return StoredValues(type, shape, values)
    }

    @Test(arguments: ["types.bin", "protocol4.bin", "protocol5.bin"])
    func eachElementTypeIsRead(name: String) throws {
        let expected = [
            "f32": "F32", "f16": "F16", "bf16": "BF16", "f64": "F64", "i64": "I64", "i32": "I32", "u8": "U8",
            "bool": "BOOL",
        ].mapValues { Self.ramp($0, [2, 3]) }
        #expect(try Fixture.torch(Fixture.bytes(name)) == expected)
        #expect(try Fixture.safetensors(Fixture.bytes("types.safetensors")) == expected)
    }

    /// A module's state dict has versions of its parts as an attribute; `named_parameters` gives parameters instead of tensors.
    @Test(arguments: ["module.bin", "parameters.bin"])
    func modulesAndParametersAreRead(name: String) throws {
        #expect(
            try Fixture.torch(Fixture.bytes(name)) == [
                "a.weight": Self.ramp("F32", [2, 3]), "a.bias": Self.ramp("F32", [2]),
                "b.weight": Self.ramp("F32", [2]),
                "b.bias": Self.ramp("F32", [2]),
            ])
    }

    @Test func viewsOfOneStorageAreRead() throws {
        #expect(
            try Fixture.torch(Fixture.bytes("views.bin")) == [
                "whole": Self.ramp("F32", [4, 3]), "tied": Self.ramp("F32", [4, 3]),
                "rows": Self.ramp("F32", [2, 3], from: 3),
                "row": Self.ramp("F32", [3], from: 9), "element": Self.ramp("F32", [], from: 7),
                "none": Self.ramp("F32", [0, 3]),
            ])
    }

    @Test(arguments: [
        ("transposed.bin", "t of shape 3×2 has the strides 1×3: its elements do not lie one behind another"),
        ("training.bin", "epoch is no tensor"),
        (
            "code.bin",
            "it asks for the Python object posix.system, which no checkpoint of tensors needs. Nothing was run"
        ),
        ("legacy.bin", "the format of torch before 1.6"),
        ("types.safetensors", "it is no file of torch.save"),
    ])
    func whatCannotBeReadIsNamed(name: String, words: String) throws {
        let error = try #require(throws: FormatError.self) { try Fixture.torch(Fixture.bytes(name)) }
        #expect(error.description.contains(words), "\(error)")
    }

    @Test func aFileCutOffAnywhereIsAnError() throws {
        let bytes = try Fixture.bytes("types.bin")
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self, "\(count) bytes") { try Fixture.torch(Array(bytes[..<count])) }
        }
    }

    /// A pickle in a zip archive that is made here, byte by byte.
    private func archive(_ pickle: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let name = Array("a/data.pkl".utf8)
        let local = little(0x0403_4B50, 4) + little(0, 22) + little(name.count, 2) + little(0, 2) + name
        let sizes = little(pickle.count, 4) + little(pickle.count, 4) + little(name.count, 2)
        let entry = little(0x0201_4B50, 4) + little(0, 16) + sizes + little(0, 16) + name
        let end = little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2)
        return local + pickle + entry + end + little(entry.count, 4) + little(local.count + pickle.count, 4)
            + little(0, 2)
    }

    /// Nesting must not overflow the stack, and nothing may trap.
    @Test(
        arguments: [
            ("nested tuples", [0x29], 0x85), ("marks", [], 0x28), ("a memo of nothing", [], 0x71),
            ("unread memos", [], 0x68),
            // }q\0X\1\0\0\0ah\0s: a dictionary that is its own member
            ("a dictionary in itself", [0x7D, 0x71, 0, 0x58, 1, 0, 0, 0, 0x61, 0x68, 0, 0x73], 0x4E),
            ("a long number", [0x8A], 0xFF), ("a text longer than the file", [0x8D], 0xFF),
            ("an argument for nothing", [], 0x52),
        ] as [(String, [UInt8], UInt8)])
    func hostilePicklesAreErrors(name: String, start: [UInt8], repeated: UInt8) throws {
        let opcodes = start + [UInt8](repeating: repeated, count: 1_000_000)
        #expect(throws: FormatError.self) { try Fixture.torch(archive([0x80, 2] + opcodes + [0x2E])).count }
    }

    @Test func anEmptyDictionaryIsRead() throws {
        #expect(try Fixture.torch(archive([0x80, 2, 0x7D, 0x2E])).isEmpty)
    }
}
