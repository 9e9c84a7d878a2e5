internal import CGStreamer
internal import Synchronization

/// Paints the test picture: a textured square that rests, crosses and comes back before a textured wall.
package final class TestPicture: Sendable {
    static let width = 640
    static let height = 360
    static let picturesPerSecond = 25
    static let square = 96

    private let wall = TestPicture.texture(width: width, height: height, scale: 12, from: 40, to: 140, seed: 1)
    private let object = TestPicture.texture(width: square, height: square, scale: 6, from: 130, to: 235, seed: 2)
    private let index = Mutex(0)

    /// Top left corner of the square in picture `index`. It rests 3 s, crosses in 4 s, rests 3 s, comes back in 2 s.
    package static func position(at index: Int) -> (x: Int, y: Int) {
        let second = Double(index % (12 * picturesPerSecond)) / Double(picturesPerSecond)
        let share =
            switch second {
            case ..<3: 0.0
            case ..<7: (second - 3) / 4
            case ..<10: 1.0
            default: (12 - second) / 2
            }
        let x = 32 + share * Double(width - square - 64)
        let y = 96 + 72 * share
        return (Int(x.rounded()), Int(y.rounded()))
    }

    /// The source keeps the painter alive.
    func attach(to source: UnsafeMutablePointer<GstAppSrc>) {
        var callbacks = GstAppSrcCallbacks()
        callbacks.need_data = { source, _, context in
            guard let source, let context else { return }
            Unmanaged<TestPicture>.fromOpaque(context).takeUnretainedValue().pushNext(to: source)
        }
        gst_app_src_set_callbacks(source, &callbacks, Unmanaged.passRetained(self).toOpaque()) {
            if let context = $0 { Unmanaged<TestPicture>.fromOpaque(context).release() }
        }
    }

    private func pushNext(to source: UnsafeMutablePointer<GstAppSrc>) {
        let index = index.withLock { index in
            defer { index += 1 }
            return index
        }
        var picture = paint(index)
        guard let buffer = gst_buffer_new_memdup(&picture, gsize(picture.count)) else { return }
        let duration = 1_000_000_000 / Self.picturesPerSecond
        buffer.pointee.pts = GstClockTime(index * duration)
        buffer.pointee.duration = GstClockTime(duration)
        gst_app_src_push_buffer(source, buffer)
    }

    /// Planar Y′CbCr 4:2:0: the luma plane, then grey.
    private func paint(_ index: Int) -> [UInt8] {
        var picture = wall
        let (left, top) = Self.position(at: index)
        for row in 0..<Self.square {
            let start = (top + row) * Self.width + left
            picture.replaceSubrange(
                start..<start + Self.square, with: object[row * Self.square..<(row + 1) * Self.square])
        }
        picture.append(contentsOf: repeatElement(128, count: Self.width * Self.height / 2))
        return picture
    }

    /// Smooth noise: random values on a lattice `scale` pixels wide, interpolated between them.
    private static func texture(width: Int, height: Int, scale: Int, from: Int, to: Int, seed: UInt32) -> [UInt8] {
        func lattice(_ x: Int, _ y: Int) -> Int {
            var hash = UInt32(truncatingIfNeeded: x &* 374_761_393 &+ y &* 668_265_263) &+ seed &* 2_246_822_519
            hash = (hash ^ hash >> 13) &* 1_274_126_177
            return Int((hash ^ hash >> 16) & 255)
        }
        var result: [UInt8] = []
        result.reserveCapacity(width * height * 3 / 2)
        for y in 0..<height {
            let (row, v) = y.quotientAndRemainder(dividingBy: scale)
            for x in 0..<width {
                let (column, u) = x.quotientAndRemainder(dividingBy: scale)
                let top = lattice(column, row) * (scale - u) + lattice(column + 1, row) * u
                let bottom = lattice(column, row + 1) * (scale - u) + lattice(column + 1, row + 1) * u
                let value = (top * (scale - v) + bottom * v) / (scale * scale)
                result.append(UInt8(from + value * (to - from) / 255))
            }
        }
        return result
    }
}
