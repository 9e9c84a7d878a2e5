internal import Glibc
public import Models

/// The tokenizers' weights in a folder as the model hub serves them: safetensors or files of torch.save, whole or in shards. The files
/// stay mapped, read-only, as long as the value lives.
public final class Checkpoint: Sendable {
    /// A tensor and the file that has it.
    struct Place: Sendable {
        var entry: TensorEntry
        var file: Int
    }

    public let path: String
    public let layout: CheckpointLayout
    public let configuration: VideoLaVITConfiguration
    let files: [CheckpointFile]
    /// By the keys that the models ask for.
    let places: [String: Place]
    /// The language model's parameters, which may lie in the same files.
    let languageModel: [TensorEntry]

    /// - Parameter path: a folder of one of the two layouts, or one file of the layout for understanding with its `config.json` beside it.
    /// - Throws: `CheckpointError`: what is there cannot be read, or is no checkpoint of this family.
    public init(opening path: String) throws(CheckpointError) {
        self.path = path
        var folder = path
        let parts: [(path: String, keys: CheckpointPart.KeyRule)]
        switch FileKind(path) {
        case .file:
            layout = .understanding
            parts = [(path, .below("model."))]
            folder =
                path.contains("/")
                ? path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") : "."
        case .folder: (layout, parts) = try Self.parts(of: path)
        case nil:
            throw CheckpointError(
                .unreadable, "\(path) does not exist, or may not be read. Name the folder of a checkpoint.")
        }
        configuration = try Self.configuration(in: folder, layout)

        var files: [CheckpointFile] = []
        var places: [String: Place] = [:]
        var languageModel: [TensorEntry] = []
        for part in parts {
            for file in part.path.hasSuffix(".json")
                ? try CheckpointFile.shards(part.path) : [try CheckpointFile(part.path)]
            {
                for entry in file.tensors {
                    guard let key = part.keys.canonical(entry.key) else {
                        languageModel.append(entry)
                        continue
                    }
                    if let other = places.updateValue(Place(entry: entry, file: files.count), forKey: key) {
                        throw CheckpointError(
                            .unusable,
                            "\(path) has \(key) twice, in \(files.count > other.file ? files[other.file].path : file.path) and in "
                                + "\(file.path). Leave one file out.")
                    }
                }
                files.append(file)
            }
        }
        guard places.keys.contains(where: { $0.hasPrefix("visual_tokenizer.") || $0.hasPrefix("motion_tokenizer.") })
        else {
            throw CheckpointError(
                .unusable,
                "\(path) has no tokenizers of Video-LaVIT (keys model.visual_tokenizer.… and model.motion_tokenizer.…). "
                    + "Name the hub's folder language_model_sft, or the root of its repository.")
        }
        (self.files, self.places, self.languageModel) = (files, places, languageModel)
    }

    /// Bytes of the tokenizers' tensors.
    public var byteCount: Int { places.values.reduce(0) { $0 + $1.entry.range.count } }

    func bytes(of place: Place) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: files[place.file].mapping.bytes[place.entry.range])
    }
}

// MARK: - Finding the files

extension Checkpoint {
    /// The files of a folder. Where any part of the layout for generation is there, all must be, and what else is in the folder
    /// (`language_model_sft` for one) is left alone.
    private static func parts(of folder: String) throws(CheckpointError)
        -> (CheckpointLayout, [(path: String, keys: CheckpointPart.KeyRule)])
    {
        let found = CheckpointPart.generation.map { part in (part, file(folder, part.stem)) }
        if found.contains(where: { $0.1 != nil }) {
            let missing = found.filter { $0.1 == nil }.map { "\($0.0.stem).bin" }
            guard missing.isEmpty else {
                throw CheckpointError(
                    .unusable,
                    "\(folder) is a checkpoint for generation without \(missing.joined(separator: ", ")). Download the rest."
                )
            }
            return (.generation, found.compactMap { part, path in path.map { ($0, part.keys) } })
        }
        for part in CheckpointPart.understanding {
            if let path = file(folder, part.stem) { return (.understanding, [(path, part.keys)]) }
        }
        let hint =
            FileKind("\(folder)/language_model_sft") == .folder
            ? "Name \(folder)/language_model_sft" : "Name a folder of the model hub"
        throw CheckpointError(
            .unusable,
            "\(folder) has no checkpoint: neither model.safetensors nor pytorch_model.bin, whole or with an index, nor "
                + "visual_tokenizer/eva_vitg_psz14.bin. \(hint).")
    }

    /// Safetensors before pickles, an index before a whole file.
    private static func file(_ folder: String, _ stem: String) -> String? {
        [".safetensors.index.json", ".safetensors", ".bin.index.json", ".bin"].map { "\(folder)/\(stem)\($0)" }
            .first { FileKind($0) == .file }
    }

    private static func configuration(in folder: String, _ layout: CheckpointLayout) throws(CheckpointError)
        -> VideoLaVITConfiguration
    {
        let path = "\(folder)/config.json"
        var configuration = VideoLaVITConfiguration()
        if FileKind(path) == .file {
            let file = try MappedFile(path)
            do {
                configuration = try VideoLaVITConfiguration(parsing: file.bytes)
            } catch {
                throw CheckpointError(.unusable, "\(path): \(error). Download it again.")
            }
        } else if layout == .understanding {
            throw CheckpointError(
                .unreadable, "\(path) does not exist; it says how large the model is. Download it too.")
        }
        if layout == .generation { configuration.languageWidth = nil }
        return configuration
    }
}

/// What a path leads to, links followed; nil where to nothing.
enum FileKind {
    case file
    case folder

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }
}
