import Clips
import Media

/// Feeds an assembler with made pictures, each given out as soon as its unit came.
struct MadeStream {
    var assembler: ClipAssembler
    var outputs: [ClipOutput] = []
    /// Added to all time stamps.
    var offset: Int64 = 0

    init(offset: Int64 = 0) {
        self.offset = offset
        let format = VideoFormat(codec: .h264, width: MadePicture.width, height: MadePicture.height)
        assembler = ClipAssembler(session: 7, format: format)
    }

    mutating func add(
        _ pts: Int64, _ type: PictureType = .predicted, isKey: Bool = false, traits: PictureTraits? = nil,
        isCorrupt: Bool = false, isInterpolated: Bool = false, grey: UInt8 = 128, width: Int = MadePicture.width,
        senderUTC: UTC? = nil, arrival: UTC? = nil, vectors: [MotionVector] = []
    ) {
        let traits = traits ?? PictureTraits(isKey: isKey, isReference: type != .bidirectional, type: type)
        let time = MediaTime(units: pts &+ offset)
        assembler.receive(
            AccessUnit(
                bytes: [], pts: time, isInterpolated: isInterpolated, traits: traits, senderUTC: senderUTC,
                arrival: arrival))
        outputs += assembler.handle(
            MadePicture(
                pts: time, type: type, isKey: traits.isKey, isCorrupt: isCorrupt,
                isFiltered: assembler.filtersNonKey || traits.isKey, grey: grey, width: width, vectors: vectors))
    }

    mutating func addKey(_ pts: Int64, grey: UInt8 = 128) {
        add(pts, .intra, isKey: true, grey: grey)
    }

    /// Pictures from `start` to before `end`; those at multiples of `gop` are key pictures.
    mutating func add(
        from start: Int64, to end: Int64, step: Int64 = 3_600, gop: Int64? = nil, vectors: [MotionVector] = []
    ) {
        for pts in stride(from: start, to: end, by: Int64.Stride(step)) {
            if let gop, pts % gop == 0 { addKey(pts) } else { add(pts, vectors: vectors) }
        }
    }

    mutating func end() {
        outputs += assembler.end()
    }

    var clips: [Clip] {
        outputs.compactMap { if case .clip(let clip) = $0 { clip } else { nil } }
    }

    var fields: [MotionField] {
        outputs.compactMap { if case .field(let field) = $0 { field } else { nil } }
    }

    /// The other outputs in a few words each.
    var events: [String] {
        outputs.compactMap { output in
            switch output {
            case .field, .clip: nil
            case .skipped(let index, let start, let end, let cause):
                "skipped \(index) \(start.units - offset) \(end.units - offset) \(cause.rawValue)"
            case .gap(let start, let end, let cause, let count):
                "gap \(start.units - offset) \(end.units - offset) \(cause.rawValue) \(count)"
            case .session(let number, _): "session \(number)"
            case .failed: "failed"
            }
        }
    }
}

let second: Int64 = 90_000
let tick: Int64 = 15_000
