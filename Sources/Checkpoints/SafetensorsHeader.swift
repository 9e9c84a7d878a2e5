internal import FoundationEssentials

/// The header of a safetensors file: eight bytes of its length, JSON, then the tensors' bytes one behind another.
/// <https://huggingface.co/docs/safetensors>
package struct SafetensorsHeader: Sendable {
    /// Of more than 200 000 tensors. It bounds what a hostile header can cost.
    private static let maximumLength = 32_000_000

    /// In the order of their bytes.
    package let tensors: [TensorEntry]

    /// - Parameter file: the whole file.
    package init(parsing file: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = ByteReader(file)
        let text: UnsafeRawBufferPointer
        do {
            let length = try reader.integer(UInt64.self)
            guard length <= Self.maximumLength else {
                throw FormatError(
                    "its first eight bytes name a header of \(length) bytes, more than any checkpoint has")
            }
            text = try reader.take(Int(length))
        } catch let error as FormatError {
            throw error
        } catch {
            throw FormatError("it is cut off within its header")
        }
        tensors = try Self.entries(text, dataStart: reader.position, fileSize: file.count)
    }

    private static func entries(_ text: UnsafeRawBufferPointer, dataStart: Int, fileSize: Int) throws(FormatError)
        -> [TensorEntry]
    {
        let fields: [String: Field]
        do {
            fields = try JSONDecoder().decode([String: Field].self, from: Data(text))
        } catch {
            throw FormatError("its header is no JSON object of tensors (\(error.reason))")
        }
        var tensors: [TensorEntry] = []
        tensors.reserveCapacity(fields.count)
        for (key, field) in fields where key != "__metadata__" {
            tensors.append(try field.entry(key, dataStart: dataStart, fileSize: fileSize))
        }
        tensors.sort {
            ($0.range.lowerBound, $0.range.upperBound, $0.key) < ($1.range.lowerBound, $1.range.upperBound, $1.key)
        }
        // As the format demands: no holes and no overlaps, so that no byte has two meanings or none.
        var end = dataStart
        for tensor in tensors {
            guard tensor.range.lowerBound == end else {
                throw FormatError("the bytes of \(tensor.key) do not begin where those of the tensor before end")
            }
            end = tensor.range.upperBound
        }
        guard end == fileSize else {
            throw FormatError("\(fileSize - end) bytes behind the last tensor belong to none")
        }
        return tensors
    }

    /// A member of the header; members that are no tensors (`__metadata__`) have none of the parts.
    private struct Field: Decodable {
        var dtype: String?
        var shape: [Int]?
        var offsets: [Int]?

        private enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }

        init(from decoder: any Decoder) throws {
            if decoder.codingPath.last?.stringValue == "__metadata__" { return }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            dtype = try container.decode(String.self, forKey: .dtype)
            shape = try container.decode([Int].self, forKey: .shape)
            offsets = try container.decode([Int].self, forKey: .offsets)
        }

        func entry(_ key: String, dataStart: Int, fileSize: Int) throws(FormatError) -> TensorEntry {
            guard let dtype, let shape, let offsets else { throw FormatError("\(key) is no tensor") }
            let dataSize = fileSize - dataStart
            guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= dataSize else {
                throw FormatError("the bytes of \(key) are not inside the file: it is cut off, or damaged")
            }
            guard let count = shape.elementCount else { throw FormatError("the shape of \(key) is no shape") }
            let type = StoredType(dtype)
            if let size = type.size {
                let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
                guard !overflow, bytes == offsets[1] - offsets[0] else {
                    throw FormatError(
                        "\(key) of shape \(shape.shapeText) and type \(dtype) does not fill its \(offsets[1] - offsets[0]) bytes"
                    )
                }
            }
            return TensorEntry(
                key: key, type: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
        }
    }
}

extension Error {
    /// What a decoder says, without the Swift around it.
    var reason: String {
        guard let error = self as? DecodingError else { return "\(self)" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        case .keyNotFound(let key, let context):
            return (context.codingPath.map(\.stringValue) + ["\(key.stringValue) is missing"]).joined(separator: ": ")
        @unknown default: return "\(error)"
        }
    }
}
