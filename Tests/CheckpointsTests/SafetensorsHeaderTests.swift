import Checkpoints
import Testing

@Suite struct SafetensorsHeaderTests {
    private func file(_ header: String, data: Int = 0) -> [UInt8] {
        let bytes = Array(header.utf8)
        return (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes
            + [UInt8](repeating: 7, count: data)
    }

    @Test func unknownTypesAreListed() throws {
        let bytes = file(
            #"{"a":{"dtype":"F4","shape":[3,3],"data_offsets":[0,5]},"b":{"dtype":"U8","shape":[],"data_offsets":[5,6]}}"#,
            data: 6)
        let tensors = try Fixture.safetensors(bytes)
        #expect(tensors["a"] == StoredValues("F4", [3, 3], []) && tensors["b"] == StoredValues("U8", [], [7]))
    }

    @Test(arguments: [
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#, 12,
            "a of shape 2 and type F32 does not fill its 12 bytes"
        ),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, 11, "the bytes of a are not inside the file"),
        (
            #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, 13,
            "1 bytes behind the last tensor belong to none"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
            6, "the bytes of b do not begin"
        ),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}"#, 5, "the bytes of a do not begin"),
        (#"{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}"#, 4, "the shape of a is no shape"),
        (
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
            "the shape of a is no shape"
        ),
        (#"{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}"#, 0, "does not fill"),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}"#, 4, "not inside the file"),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}"#, 4, "not inside the file"),
        (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,99999999999999999999]}}"#, 4, "no JSON object of tensors"),
        (#"{"a":{"shape":[4],"data_offsets":[0,4]}}"#, 4, "a: dtype is missing"),
        (#"{"a":7}"#, 0, "no JSON object of tensors"), ("[]", 0, "no JSON object of tensors"),
        ("{", 0, "no JSON object of tensors"),
        // Of two members of one name one counts; the bytes of the other then belong to none.
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}"#,
            8, "4 bytes behind the last tensor belong to none"
        ),
    ])
    func whatIsWrongIsNamed(header: String, data: Int, words: String) throws {
        let error = try #require(throws: FormatError.self) { try Fixture.safetensors(file(header, data: data)) }
        #expect(error.description.contains(words), "\(error)")
    }

    @Test func nestingDoesNotOverflowTheStack() {
        for text in [String(repeating: "[", count: 1_000_000), String(repeating: #"{"a":"#, count: 500_000)] {
            #expect(throws: FormatError.self) { try Fixture.safetensors(file(text)) }
            #expect(throws: FormatError.self) { try Fixture.safetensors(file(#"{"__metadata__":"# + text)) }
        }
    }

    @Test func aFileCutOffAnywhereIsAnError() throws {
        let bytes = try Fixture.bytes("types.safetensors")
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self, "\(count) bytes") { try Fixture.safetensors(Array(bytes[..<count])) }
        }
        #expect(throws: FormatError.self) { try Fixture.safetensors([UInt8](repeating: 0xFF, count: 64)) }
    }
}
