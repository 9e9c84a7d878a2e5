/// A stack machine for the pickles that torch.save writes of a state dict, protocols 2 to 5
/// (<https://docs.python.org/3/library/pickletools.html>). It rebuilds tensors' descriptions and nothing else: a pickle that asks for any
/// other Python name is refused, and nothing is ever run.
///
/// Objects lie in flat arrays and name each other by their places there, so that no nesting overflows the stack; each takes memory in
/// proportion to the bytes of the pickle that made it.
struct Unpickler {
    /// Of more than 100 000 tensors. It bounds what a hostile pickle can cost.
    private static let maximumLength = 16_000_000
    /// More dimensions than torch's tensors have.
    private static let maximumRank = 64

    private var reader: ByteReader
    private var objects: [TorchObject] = []
    private var dictionaries: [[(key: Int, value: Int)]] = []
    private var storages: [TorchStorage] = []
    private var tensors: [TorchTensor] = []
    private var stack: [Int] = []
    private var marks: [Int] = []
    private var memo: [UInt32: Int] = [:]

    private init(_ pickle: UnsafeRawBufferPointer) {
        reader = ByteReader(pickle)
    }

    /// The tensors of a pickled state dict, by key.
    static func stateDictionary(_ pickle: UnsafeRawBufferPointer) throws(FormatError) -> [(
        key: String, tensor: TorchTensor
    )] {
        guard pickle.count <= maximumLength else {
            throw FormatError("its data.pkl has \(pickle.count) bytes, more than any checkpoint has")
        }
        var machine = Unpickler(pickle)
        do {
            let root = try machine.run()
            return try machine.members(of: root)
        } catch let error as FormatError {
            throw error
        } catch {
            throw FormatError("its data.pkl is cut off")
        }
    }

    /// Works through the opcodes; the place of the object that they make.
    private mutating func run() throws -> Int {
        while true {
            let opcode = try reader.integer(UInt8.self)
            switch Opcode(rawValue: opcode) {
            case .stop: return try pop()
            case .protocolVersion:
                let version = try reader.integer(UInt8.self)
                guard 2...5 ~= version else { throw FormatError("its pickle protocol \(version) is none of 2 to 5") }
            case .frame: try reader.skip(8)
            case nil: throw FormatError("its data.pkl has opcode \(opcode), which no checkpoint needs")
            case let known?: try perform(known)
            }
        }
    }

    private mutating func perform(_ opcode: Opcode) throws {
        switch opcode {
        case .stop, .protocolVersion, .frame: break
        case .mark: marks.append(stack.count)
        case .pop: _ = try pop()
        case .popMark: _ = try popMarked()
        case .none: push(.none)
        case .newTrue, .newFalse: push(.bool)
        case .binInt1: push(.integer(Int(try reader.integer(UInt8.self))))
        case .binInt2: push(.integer(Int(try reader.integer(UInt16.self))))
        case .binInt: push(.integer(Int(try reader.integer(Int32.self))))
        case .long1: push(.integer(try long()))
        case .binFloat: try pushOther(8)
        case .shortBinBytes: try pushOther(Int(try reader.integer(UInt8.self)))
        case .binBytes: try pushOther(Int(try reader.integer(UInt32.self)))
        case .shortBinUnicode: push(.string(try reader.text(Int(try reader.integer(UInt8.self)))))
        case .binUnicode: push(.string(try reader.text(Int(try reader.integer(UInt32.self)))))
        case .binUnicode8: push(.string(try reader.text(Int(clamping: try reader.integer(UInt64.self)))))
        case .emptyTuple: push(.tuple([]))
        case .tuple: push(.tuple(try popMarked()))
        case .tuple1: push(.tuple(try pop(count: 1)))
        case .tuple2: push(.tuple(try pop(count: 2)))
        case .tuple3: push(.tuple(try pop(count: 3)))
        case .emptyList: push(.other)
        case .append: _ = try pop()
        case .appends: _ = try popMarked()
        case .emptyDictionary: pushDictionary()
        case .setItem: try setItems(try pop(count: 2))
        case .setItems: try setItems(try popMarked())
        case .global: try pushGlobal(module: try reader.line(), name: try reader.line())
        case .stackGlobal: try pushStackGlobal()
        case .persistentID: try pushStorage()
        case .reduce: try reduce()
        case .build: try build()
        case .binPut: memo[UInt32(try reader.integer(UInt8.self))] = try top()
        case .longBinPut: memo[try reader.integer()] = try top()
        case .memoize: memo[UInt32(clamping: memo.count)] = try top()
        case .binGet: try recall(UInt32(try reader.integer(UInt8.self)))
        case .longBinGet: try recall(try reader.integer())
        }
    }
}

// MARK: - Stack and memo

extension Unpickler {
    private mutating func push(_ object: TorchObject) {
        stack.append(objects.count)
        objects.append(object)
    }

    private mutating func pushOther(_ size: Int) throws {
        try reader.skip(size)
        push(.other)
    }

    private mutating func pushDictionary() {
        push(.dictionary(dictionaries.count))
        dictionaries.append([])
    }

    /// What lies above the newest mark only: a mark is no object.
    private mutating func pop() throws -> Int {
        guard stack.count > marks.last ?? 0, let place = stack.popLast() else { throw Self.damaged }
        return place
    }

    private mutating func pop(count: Int) throws -> [Int] {
        guard stack.count - count >= marks.last ?? 0 else { throw Self.damaged }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popMarked() throws -> [Int] {
        guard let mark = marks.popLast() else { throw Self.damaged }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private func top() throws -> Int {
        guard stack.count > marks.last ?? 0, let place = stack.last else { throw Self.damaged }
        return place
    }

    private mutating func recall(_ index: UInt32) throws {
        guard let place = memo[index] else { throw Self.damaged }
        stack.append(place)
    }

    private static var damaged: FormatError { FormatError("its data.pkl is damaged") }
}

// MARK: - Objects

extension Unpickler {
    /// A whole number of up to eight bytes, two's complement.
    private mutating func long() throws -> Int {
        let bytes = try reader.take(Int(try reader.integer(UInt8.self)))
        guard bytes.count <= 8 else { throw FormatError("its data.pkl has a number of \(bytes.count) bytes") }
        let isNegative = (bytes.last ?? 0) & 0x80 != 0
        return bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    }

    private mutating func setItems(_ members: [Int]) throws {
        guard members.count.isMultiple(of: 2), case .dictionary(let index) = objects[try top()] else {
            throw Self.damaged
        }
        for at in stride(from: 0, to: members.count, by: 2) {
            dictionaries[index].append((members[at], members[at + 1]))
        }
    }

    private mutating func pushGlobal(module: String, name: String) throws {
        guard let global = TorchGlobal("\(module).\(name)") else {
            throw FormatError(
                "it asks for the Python object \(module).\(name), which no checkpoint of tensors needs. Nothing was run. "
                    + "Do not use this file, or save its state dict alone, as safetensors")
        }
        push(.global(global))
    }

    private mutating func pushStackGlobal() throws {
        let names = try pop(count: 2)
        guard case .string(let module) = objects[names[0]], case .string(let name) = objects[names[1]] else {
            throw Self.damaged
        }
        try pushGlobal(module: module, name: name)
    }

    /// `("storage", type, file, device, elements)`.
    private mutating func pushStorage() throws {
        guard case .tuple(let parts) = objects[try pop()], parts.count == 5,
            case .string("storage") = objects[parts[0]],
            case .global(.storage(let type)) = objects[parts[1]], case .string(let file) = objects[parts[2]],
            case .integer(let elements) = objects[parts[4]], elements >= 0
        else { throw FormatError("its data.pkl refers to something that is no storage of a known type") }
        push(.storage(storages.count))
        storages.append(TorchStorage(type: type, file: file, elements: elements))
    }

    private mutating func reduce() throws {
        let parts = try pop(count: 2)
        guard case .global(let global) = objects[parts[0]], case .tuple(let arguments) = objects[parts[1]] else {
            throw Self.damaged
        }
        switch global {
        case .orderedDictionary where arguments.isEmpty: pushDictionary()
        case .rebuildTensor: try pushTensor(arguments)
        case .rebuildParameter:
            guard let first = arguments.first, case .tensor = objects[first] else { throw Self.damaged }
            stack.append(first)
        case .orderedDictionary, .storage: throw Self.damaged
        }
    }

    /// `(storage, offset, shape, strides, requires_grad, hooks)`.
    private mutating func pushTensor(_ arguments: [Int]) throws {
        guard arguments.count >= 4, case .storage(let storage) = objects[arguments[0]],
            case .integer(let offset) = objects[arguments[1]]
        else { throw Self.damaged }
        let (shape, strides) = (try integers(arguments[2]), try integers(arguments[3]))
        guard shape.count == strides.count, offset >= 0 else { throw Self.damaged }
        push(.tensor(tensors.count))
        tensors.append(TorchTensor(storage: storages[storage], offset: offset, shape: shape, strides: strides))
    }

    private func integers(_ place: Int) throws -> [Int] {
        guard case .tuple(let members) = objects[place], members.count <= Self.maximumRank else { throw Self.damaged }
        return try members.map { member in
            guard case .integer(let value) = objects[member] else { throw Self.damaged }
            return value
        }
    }

    /// The attributes of a state dict (`_metadata`: versions of its modules) are passed over.
    private mutating func build() throws {
        _ = try pop()
        guard case .dictionary = objects[try top()] else {
            throw FormatError("it restores a Python object that is no dictionary. Save its state dict alone")
        }
    }

    private func members(of place: Int) throws -> [(key: String, tensor: TorchTensor)] {
        guard case .dictionary(let root) = objects[place] else {
            throw FormatError("it holds no dictionary of tensors. Save the model's state dict")
        }
        return try dictionaries[root].map { member in
            guard case .string(let key) = objects[member.key] else {
                throw FormatError("a key of its dictionary is no text")
            }
            guard case .tensor(let tensor) = objects[member.value] else {
                throw FormatError("\(key) is no tensor. Save the model's state dict alone")
            }
            return (key, tensors[tensor])
        }
    }
}

/// Opcodes of pickle that torch.save uses.
private enum Opcode: UInt8 {
    case mark = 0x28, emptyTuple = 0x29, stop = 0x2E, pop = 0x30, popMark = 0x31, binBytes = 0x42, shortBinBytes = 0x43
    case binFloat = 0x47, binInt = 0x4A, binInt1 = 0x4B, binInt2 = 0x4D, none = 0x4E, persistentID = 0x51, reduce = 0x52
    case binUnicode = 0x58, emptyList = 0x5D, append = 0x61, build = 0x62, global = 0x63, appends = 0x65, binGet = 0x68
    case longBinGet = 0x6A, binPut = 0x71, longBinPut = 0x72, setItem = 0x73, tuple = 0x74, setItems = 0x75
    case emptyDictionary = 0x7D, protocolVersion = 0x80, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87, newTrue = 0x88
    case newFalse = 0x89, long1 = 0x8A, shortBinUnicode = 0x8C, binUnicode8 = 0x8D, stackGlobal = 0x93, memoize = 0x94
    case frame = 0x95
}
