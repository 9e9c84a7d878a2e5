public import Tensors

/// Gives models their parameters from a checkpoint, and remembers what is wrong with them. One thread uses it.
public final class CheckpointSource: ParameterSource {
    private let checkpoint: Checkpoint
    private let onProgress: ((_ read: Int, _ total: Int) -> Void)?
    private let total: Int
    private var read = 0
    private var asked: Set<String> = []
    private var problems = ParameterProblems()

    /// - Parameter onProgress: gets how many bytes have been read, of how many, after each tensor.
    public init(_ checkpoint: Checkpoint, onProgress: ((_ read: Int, _ total: Int) -> Void)? = nil) {
        self.checkpoint = checkpoint
        self.onProgress = onProgress
        total = checkpoint.byteCount
    }

    public func read(_ key: String, shape: [Int], _ body: (ParameterElements) -> Void) {
        asked.insert(key)
        guard let place = checkpoint.places[key] else { return problems.missing.append("\(key) \(shape.shapeText)") }
        let entry = place.entry
        let file = checkpoint.files[place.file]
        guard entry.shape == shape, let type = entry.type.elementType else {
            problems.misshapen.append(
                "\(key): expected \(shape.shapeText), found \(entry.shape.shapeText) of \(entry.type.name) in \(file.path)"
            )
            return
        }
        file.mapping.prefetch(entry.range)
        let elements = ParameterElements(type: type, bytes: checkpoint.bytes(of: place))
        if let index = elements.firstNonFinite {
            problems.nonFinite.append("\(key), element \(index), in \(file.path)")
        } else {
            body(elements)
        }
        // What was read is in the model now: memory holds it once.
        file.mapping.discard(entry.range)
        read += entry.range.count
        onProgress?(read, total)
    }

    public func skip(_ key: String, shape: [Int]) {
        asked.insert(key)
        read += checkpoint.places[key]?.entry.range.count ?? 0
    }

    /// Call when the models are made.
    /// - Throws: `CheckpointError` with everything that was wrong.
    public func finish() throws(CheckpointError) {
        for (key, place) in checkpoint.places where !asked.contains(key) {
            problems.extra.append("\(key) \(place.entry.shape.shapeText) in \(checkpoint.files[place.file].path)")
        }
        problems.extra.sort()
        try problems.check(checkpoint.path)
    }
}

extension Checkpoint {
    /// Compares keys and shapes with those that the models have, before anything is read or allocated.
    /// - Throws: `CheckpointError` with all that are missing, misshapen or too many.
    public func check(_ parameters: [ParameterRecorder.Parameter]) throws(CheckpointError) {
        var problems = ParameterProblems()
        for parameter in parameters where parameter.isUsed {
            guard let place = places[parameter.key] else {
                problems.missing.append("\(parameter.key) \(parameter.shape.shapeText)")
                continue
            }
            guard place.entry.shape == parameter.shape, place.entry.type.elementType != nil else {
                problems.misshapen.append(
                    "\(parameter.key): expected \(parameter.shape.shapeText), found \(place.entry.shape.shapeText) of "
                        + "\(place.entry.type.name) in \(files[place.file].path)")
                continue
            }
        }
        let known = Set(parameters.map(\.key))
        for (key, place) in places where !known.contains(key) {
            problems.extra.append("\(key) \(place.entry.shape.shapeText) in \(files[place.file].path)")
        }
        problems.extra.sort()
        try problems.check(path)
    }
}
