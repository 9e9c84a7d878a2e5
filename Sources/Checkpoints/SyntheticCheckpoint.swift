internal import FoundationEssentials
internal import Glibc
public import Models
public import Tensors

/// A checkpoint of made-up weights in the hub's layout: to measure speed and memory of a size without its weights. It has the tokenizers
/// and no language model.
public struct SyntheticCheckpoint: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case safetensors
        /// Files of torch.save.
        case bin
    }

    public var configuration = VideoLaVITConfiguration()
    public var layout = CheckpointLayout.understanding
    public var format = Format.bin
    public var type = ElementType.bfloat16
    public var seed: UInt64 = 0
    /// Files that the layout for understanding is spread over; an index then says which has what.
    public var shards = 1

    public init() {}

    /// Writes the files into a folder that does not exist yet, or is empty. Takes a few MB of memory, whatever the size.
    /// - Parameter onProgress: gets how many bytes of weights have been written, of how many.
    /// - Throws: `CheckpointError` of the kind `unwritable`; what was written until then is taken away.
    public func write(to folder: String, onProgress: @escaping (_ written: Int, _ total: Int) -> Void = { _, _ in })
        throws(CheckpointError)
    {
        let files = plan()
        let total = files.reduce(0) { $0 + $1.byteCount(type) }
        try Self.prepare(folder, for: total)
        var progress = Progress(total: total, report: onProgress)
        do {
            for file in files {
                try makeFolder(of: "\(folder)/\(file.name)")
                try write(file, to: "\(folder)/\(file.name)", &progress)
            }
            if files.count > 1, layout == .understanding {
                try write(index(files, total), to: "\(folder)/\(stem).\(ending).index.json")
            }
            try write(configuration.file, to: "\(folder)/config.json")
        } catch {
            Self.remove(files.map(\.name), from: folder)
            throw error
        }
    }
}

// MARK: - What goes where

extension SyntheticCheckpoint {
    private struct File {
        var name: String
        /// Keys of the file, keys of the models, shapes.
        var tensors: [(key: String, canonical: String, shape: [Int])] = []

        func byteCount(_ type: ElementType) -> Int { tensors.reduce(0) { $0 + type.byteCount($1.shape) } }
    }

    private struct Progress {
        let total: Int
        let report: (Int, Int) -> Void
        var written = 0
    }

    private var stem: String { format == .bin ? "pytorch_model" : "model" }
    private var ending: String { format == .bin ? "bin" : "safetensors" }

    private func plan() -> [File] {
        var configuration = configuration
        if layout == .generation { configuration.languageWidth = nil }
        let parameters = VideoLaVIT.parameters(of: configuration)
        if layout == .generation {
            // The longest prefix is the file's.
            var files = CheckpointPart.generation.map { File(name: "\($0.stem).\(ending)") }
            for parameter in parameters {
                guard let (index, prefix) = CheckpointPart.place(ofGenerationKey: parameter.key) else { continue }
                files[index].tensors.append(
                    (String(parameter.key.dropFirst(prefix.count)), parameter.key, parameter.shape))
            }
            return files
        }
        let total = parameters.reduce(0) { $0 + type.byteCount($1.shape) }
        let count = max(1, shards)
        var files = (1...count).map {
            File(name: count == 1 ? "\(stem).\(ending)" : "\(stem)-\(Self.five($0))-of-\(Self.five(count)).\(ending)")
        }
        var start = 0
        for parameter in parameters {
            files[min(start * count / max(total, 1), count - 1)].tensors.append(
                ("model." + parameter.key, parameter.key, parameter.shape))
            start += type.byteCount(parameter.shape)
        }
        return files
    }

    private static func five(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }

    private struct Index: Encodable {
        var metadata: [String: Int]
        var weight_map: [String: String]
    }

    private func index(_ files: [File], _ total: Int) -> Index {
        let map = files.flatMap { file in file.tensors.map { ($0.key, file.name) } }
        return Index(metadata: ["total_size": total], weight_map: Dictionary(map) { first, _ in first })
    }
}

// MARK: - Writing

extension SyntheticCheckpoint {
    /// Elements at a time; a multiple of the width of any row.
    private static func piece(_ shape: [Int]) -> Int {
        let width = max(shape.last ?? 1, 1) * 4
        return max(1, (1 << 18) / width) * width
    }

    private func write(_ file: File, to path: String, _ progress: inout Progress) throws(CheckpointError) {
        let tensors = file.tensors.map { (key: $0.key, shape: $0.shape) }
        let writer: any TensorWriter.Type = format == .bin ? TorchWriter.self : SafetensorsWriter.self
        try writer.write(tensors, type: type, to: try OutputFile(path)) { (index, body) throws(CheckpointError) in
            let tensor = file.tensors[index]
            let weights = SeededWeights(seed: seed, key: tensor.canonical, shape: tensor.shape)
            let count = tensor.shape.reduce(1, *)
            let size = Self.piece(tensor.shape)
            for first in stride(from: 0, to: count, by: size) {
                let bytes = weights.bytes(first: first, count: min(size, count - first), type: type)
                try body(bytes)
                progress.written += bytes.count
                progress.report(progress.written, progress.total)
            }
        }
    }

    private func write(_ value: some Encodable, to path: String) throws(CheckpointError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: Data
        do {
            text = try encoder.encode(value)
        } catch {
            throw CheckpointError(.unwritable, "\(path): \(error)")
        }
        var file = try OutputFile(path)
        try file.write(text)
        try file.write([UInt8(ascii: "\n")])
        try file.flush()
    }

    private func makeFolder(of path: String) throws(CheckpointError) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if mkdir(folder, 0o777) != 0, errno != EEXIST { throw .unwritable(folder, errno) }
    }

    /// Makes the folder, and sees whether there is room.
    private static func prepare(_ folder: String, for bytes: Int) throws(CheckpointError) {
        if mkdir(folder, 0o777) != 0 {
            guard errno == EEXIST else { throw .unwritable(folder, errno) }
            guard FileKind(folder) == .folder,
                let entries = try? FileManager.default.contentsOfDirectory(atPath: folder), entries.isEmpty
            else {
                throw CheckpointError(.unwritable, "\(folder) is not empty; nothing is overwritten. Name a new folder.")
            }
        }
        var space = statvfs()
        guard statvfs(folder, &space) == 0 else { throw .unwritable(folder, errno) }
        let free = Int(
            clamping: UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize)).partialValue)
        // Headers, index and configuration are small beside the weights.
        guard bytes + 16_000_000 <= free else {
            throw CheckpointError(
                .unwritable,
                "\(folder) takes \(bytes / 1_000_000) MB, but its file system has \(free / 1_000_000) MB. Free space there, "
                    + "or name another folder.")
        }
    }

    private static func remove(_ names: [String], from folder: String) {
        for name in names { unlink("\(folder)/\(name)") }
    }
}

extension CheckpointPart {
    /// The file of a key in the layout for generation, and the prefix that the file leaves out.
    static func place(ofGenerationKey key: String) -> (index: Int, prefix: String)? {
        generation.indices.compactMap { index in
            if case .prefixed(let prefix) = generation[index].keys, key.hasPrefix(prefix) {
                (index, prefix)
            } else {
                nil
            }
        }.max { $0.prefix.count < $1.prefix.count }
    }
}

extension SeededWeights {
    /// Elements as a file has them.
    func bytes(first: Int, count: Int, type: ElementType) -> [UInt8] {
        let elements = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]), first: first)
            initialized = count
        }
        return [UInt8](unsafeUninitializedCapacity: count * type.size) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            switch type {
            case .float32:
                for (index, value) in elements.enumerated() {
                    bytes.storeBytes(of: value.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
                }
            case .bfloat16:
                for (index, value) in elements.enumerated() {
                    bytes.storeBytes(of: value.bfloat16.littleEndian, toByteOffset: 2 * index, as: UInt16.self)
                }
            case .float16:
                for (index, value) in elements.enumerated() {
                    bytes.storeBytes(
                        of: Float16(value).bitPattern.littleEndian, toByteOffset: 2 * index, as: UInt16.self)
                }
            }
            initialized = count * type.size
        }
    }
}

extension Float {
    /// The upper half of the bits, rounded to the nearest, ties to even. For finite numbers.
    fileprivate var bfloat16: UInt16 {
        UInt16(truncatingIfNeeded: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) >> 16)
    }
}
