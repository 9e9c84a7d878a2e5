internal import CLibAV
public import Media

/// Y′CbCr pictures of any depth, range and matrix in another size, with libswscale: bicubic, accurate rounding.
enum RGBConverter {
    /// - Throws: `EncoderError.failed` for pictures whose planes do not fit together, or that libswscale does not know.
    static func convert(_ picture: Picture, width: Int, height: Int) throws(EncoderError) -> RGBPicture {
        let target = try scale(picture, width: width, height: height, format: AV_PIX_FMT_RGB24, isFullRange: true)
        return RGBPicture(width: width, height: height, rgb: target.bytes(ofPlane: 0, width: 3 * width, height: height))
    }

    fileprivate static func scale(
        _ picture: Picture, width: Int, height: Int, format: AVPixelFormat, isFullRange: Bool
    ) throws(EncoderError) -> LibAVPicture {
        let layout = try SampleLayout(of: picture)
        let target = try LibAVPicture(width: width, height: height, format: format)
        guard
            let context = makeContext(
                from: (picture.width, picture.height, layout.format, picture.isFullRange),
                to: (width, height, format, isFullRange))
        else { throw .failed("libswscale", "a picture of \(layout.name) cannot be converted") }
        defer { sws_freeContext(context) }
        let table = sws_getCoefficients(picture.matrix.swsNumber)
        let isRGB = format == AV_PIX_FMT_RGB24
        sws_setColorspaceDetails(
            context, table, picture.isFullRange ? 1 : 0, isRGB ? sws_getCoefficients(SWS_CS_DEFAULT) : table,
            isFullRange ? 1 : 0, 0, 1 << 16, 1 << 16)
        // libswscale reads and writes beyond the ends of rows: frames have room there, arrays have not.
        let source = try LibAVPicture(width: picture.width, height: picture.height, format: layout.format)
        layout.fill(source.frame, from: picture)
        let status = sws_scale_frame(context, target.frame, source.frame)
        guard status >= 0 else { throw .failed("libswscale", libavMessage(status)) }
        return target
    }

    /// The range has to be known from the start: set later, it gives other roundings above 8 bits.
    private static func makeContext(
        from source: (width: Int, height: Int, format: AVPixelFormat, isFull: Bool),
        to target: (width: Int, height: Int, format: AVPixelFormat, isFull: Bool)
    ) -> OpaquePointer? {
        guard let context = sws_alloc_context() else { return nil }
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
        let options = [
            ("srcw", source.width), ("srch", source.height), ("src_format", Int(source.format.rawValue)),
            ("src_range", source.isFull ? 1 : 0), ("dstw", target.width), ("dsth", target.height),
            ("dst_format", Int(target.format.rawValue)), ("dst_range", target.isFull ? 1 : 0),
            ("sws_flags", Int(flags)),
        ]
        let areSet = options.allSatisfy {
            av_opt_set_int(UnsafeMutableRawPointer(context), $0, Int64($1), 0) >= 0
        }
        if areSet, sws_init_context(context, nil, nil) >= 0 { return context }
        sws_freeContext(context)
        return nil
    }
}

extension Picture {
    /// A smaller picture of 8 bits a sample, chroma 4:2:0; itself where it is small enough and is that already.
    ///
    /// - Parameter longSide: the result's longer side at most.
    /// - Throws: `EncoderError.failed` for pictures whose planes do not fit together.
    public func shrunk(longSide: Int) throws(EncoderError) -> Picture {
        let (width, height) = fitted(longSide: max(longSide, 16))
        let isFit = width == self.width && bitDepth == 8 && planes.count == 3 && planes[1].height < height
        if isFit, planes[1].width < width { return self }
        let target = try RGBConverter.scale(
            self, width: width, height: height, format: AV_PIX_FMT_YUV420P, isFullRange: isFullRange)
        let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
        let planes = [(width, height), (halfWidth, halfHeight), (halfWidth, halfHeight)].enumerated().map {
            plane, size in
            Plane(
                width: size.0, height: size.1, bytes: target.bytes(ofPlane: plane, width: size.0, height: size.1))
        }
        return Picture(
            pts: pts, type: type, width: width, height: height, matrix: matrix, isFullRange: isFullRange, planes: planes
        )
    }

    /// Its size where neither side may be longer; the aspect ratio is kept.
    func fitted(longSide limit: Int) -> (width: Int, height: Int) {
        let longest = max(width, height, 1)
        guard longest > limit else { return (width, height) }
        func side(_ length: Int) -> Int { max((2 * length * limit + longest) / (2 * longest), 1) }
        return (side(width), side(height))
    }
}

extension LibAVPicture {
    fileprivate func bytes(ofPlane plane: Int, width: Int, height: Int) -> [UInt8] {
        let data = [frame.pointee.data.0, frame.pointee.data.1, frame.pointee.data.2][plane]
        let stride = Int([frame.pointee.linesize.0, frame.pointee.linesize.1, frame.pointee.linesize.2][plane])
        return [UInt8](unsafeUninitializedCapacity: width * height) { bytes, count in
            if let result = bytes.baseAddress, let data {
                for y in 0..<height { (result + y * width).update(from: data + y * stride, count: width) }
            }
            count = width * height
        }
    }
}

/// How the planes of a picture lie in memory, as libav names it.
private struct SampleLayout {
    let name: String
    let format: AVPixelFormat
    private let bitDepth: Int
    private let isGrey: Bool

    init(of picture: Picture) throws(EncoderError) {
        let (width, height) = (picture.width, picture.height)
        func unfit() -> EncoderError {
            .failed("libswscale", "the planes of a picture of \(width) × \(height) pixels do not fit together")
        }
        guard width > 0, height > 0, Int32(exactly: width) != nil, Int32(exactly: height) != nil,
            picture.planes.count == 1 || picture.planes.count == 3
        else { throw unfit() }
        bitDepth = picture.bitDepth
        isGrey = picture.planes.count == 1
        var chroma = "420"
        if !isGrey {
            // Widths are rounded up, so that only small pictures fit several layouts; then these are the same.
            let known = [("444", 0, 0), ("422", 1, 0), ("420", 1, 1), ("440", 0, 1), ("411", 2, 0), ("410", 2, 2)]
            let fitting = known.first { _, x, y in
                picture.planes[1...].allSatisfy {
                    $0.width == (width + (1 << x) - 1) >> x && $0.height == (height + (1 << y) - 1) >> y
                }
            }
            guard let fitting else { throw unfit() }
            chroma = fitting.0
        }
        let bytesPerSample = bitDepth > 8 ? 2 : 1
        let isWhole = picture.planes.allSatisfy { $0.bytes.count == $0.width * $0.height * bytesPerSample }
        guard isWhole, picture.planes[0].width == width, picture.planes[0].height == height else { throw unfit() }
        name = "yuv\(chroma)p" + (bitDepth > 8 ? "\(bitDepth)le" : "")
        format = av_get_pix_fmt(name)
        guard format != AV_PIX_FMT_NONE else {
            throw .failed("libswscale", "pictures of \(bitDepth) bits a sample (\(name)) are not known")
        }
    }

    func fill(_ frame: UnsafeMutablePointer<AVFrame>, from picture: Picture) {
        let targets = [
            (frame.pointee.data.0, frame.pointee.linesize.0), (frame.pointee.data.1, frame.pointee.linesize.1),
            (frame.pointee.data.2, frame.pointee.linesize.2),
        ]
        for (plane, target) in zip(picture.planes + neutralChroma(of: picture), targets) {
            guard let base = target.0 else { continue }
            let row = plane.height > 0 ? plane.bytes.count / plane.height : 0
            plane.bytes.withUnsafeBufferPointer { bytes in
                guard let source = bytes.baseAddress else { return }
                for y in 0..<plane.height {
                    (base + y * Int(target.1)).update(from: source + y * row, count: row)
                }
            }
        }
    }

    /// Grey pictures get chroma without colour: libswscale takes grey for full range whatever it is told.
    private func neutralChroma(of picture: Picture) -> [Picture.Plane] {
        guard isGrey else { return [] }
        let (width, height) = ((picture.width + 1) / 2, (picture.height + 1) / 2)
        let middle = 1 << (bitDepth - 1)
        let bytes: [UInt8] =
            bitDepth > 8
            ? (0..<width * height).flatMap { _ in [UInt8(middle & 255), UInt8(middle >> 8)] }
            : Array(repeating: UInt8(middle), count: width * height)
        return Array(repeating: Picture.Plane(width: width, height: height, bytes: bytes), count: 2)
    }
}

extension ColourMatrix {
    fileprivate var swsNumber: Int32 {
        switch self {
        case .bt601: SWS_CS_ITU601
        case .bt709: SWS_CS_ITU709
        case .bt2020: SWS_CS_BT2020
        }
    }
}
