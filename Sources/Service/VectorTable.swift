internal import Media

/// The formats of `videowire motion`.
public enum VectorTableFormat: String, Sendable, CaseIterable {
    /// A header line, then one line a vector.
    case csv
    /// A NumPy array of int32, one row a vector, the picture type as its ASCII code.
    case npy
}

/// Writes raw motion vectors as a table with the columns
/// `frame,type,source,w,h,src_x,src_y,dst_x,dst_y,motion_x,motion_y,motion_scale`.
struct VectorTable: ~Copyable {
    static let columns = [
        "frame", "type", "source", "w", "h", "src_x", "src_y", "dst_x", "dst_y", "motion_x", "motion_y", "motion_scale",
    ]

    private let format: VectorTableFormat
    private var output: FileOutput
    /// An .npy file states its number of rows first, so its rows wait here.
    private var rows: [UInt8] = []
    private var count = 0

    init(format: VectorTableFormat, output: consuming FileOutput) throws(FileOutput.Failure) {
        self.format = format
        self.output = output
        if format == .csv { try self.output.write((Self.columns.joined(separator: ",") + "\n").utf8) }
    }

    /// Appends the vectors of one picture, in their order.
    mutating func append(
        frame: Int, type: PictureType, vectors: UnsafeBufferPointer<MotionVector>
    ) throws(FileOutput.Failure) {
        count += vectors.count
        for vector in vectors {
            let geometry = [
                Int32(vector.width), Int32(vector.height), Int32(vector.sourceX), Int32(vector.sourceY),
                Int32(vector.destinationX), Int32(vector.destinationY), vector.motionX, vector.motionY,
                Int32(vector.motionScale),
            ]
            switch format {
            case .csv:
                var line = "\(frame),\(type.rawValue),\(vector.source)"
                for value in geometry { line += ",\(value)" }
                try output.write((line + "\n").utf8)
            case .npy:
                let code = Int32(type.rawValue.asciiValue ?? 0)
                for value in [Int32(truncatingIfNeeded: frame), code, vector.source] + geometry {
                    withUnsafeBytes(of: value.littleEndian) { rows.append(contentsOf: $0) }
                }
            }
        }
    }

    /// Writes what is left.
    consuming func finish() throws(FileOutput.Failure) {
        if format == .npy {
            try output.write(Self.header(rows: count))
            try output.write(rows)
        }
        try output.flush()
    }

    /// The header of NumPy's format version 1.0, padded so that the data starts at a multiple of 64 bytes.
    private static func header(rows: Int) -> [UInt8] {
        var dictionary = "{'descr': '<i4', 'fortran_order': False, 'shape': (\(rows), \(columns.count)), }"
        let unpadded = 10 + dictionary.utf8.count + 1
        dictionary += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
        let length = UInt16(dictionary.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(dictionary.utf8)
    }
}
