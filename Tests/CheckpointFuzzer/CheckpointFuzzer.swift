internal import Checkpoints
internal import Glibc
internal import Models

/// What libFuzzer calls with each input; `FUZZ_TARGET` names the parser. Errors are right answers; traps, and reads outside the input,
/// which the address sanitizer sees, are not.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> Int32 {
    do { try parse(UnsafeRawBufferPointer(start: start, count: count)) } catch {}
    return 0
}

private let parse: @Sendable (UnsafeRawBufferPointer) throws -> Void = {
    switch getenv("FUZZ_TARGET").map({ String(cString: $0) }) {
    case "safetensors": { touch(try SafetensorsHeader(parsing: $0).tensors, in: $0) }
    case "torch": { touch(try TorchArchive(parsing: $0).tensors, in: $0) }
    case "index": { _ = try ShardIndex(parsing: $0).names }
    case "config": { _ = try VideoLaVITConfiguration(parsing: $0) }
    default: fatalError("FUZZ_TARGET must be safetensors, torch, index or config")
    }
}()

/// Reads the first and the last byte of each tensor.
private func touch(_ tensors: [TensorEntry], in input: UnsafeRawBufferPointer) {
    for tensor in tensors where !tensor.range.isEmpty {
        sum &+= input[tensor.range.lowerBound] &+ input[tensor.range.upperBound - 1]
    }
}

nonisolated(unsafe) private var sum: UInt8 = 0
