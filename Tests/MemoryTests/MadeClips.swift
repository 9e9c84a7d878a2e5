internal import Media
internal import Memory

/// Clips of four seconds that follow each other.
struct MadeClips {
    var session = 1
    var index = 0
    var start = MediaTime.zero
    /// Of the session's media time 0; nil where UTC is not known.
    var utc: UTC?
    private var random: SplitMix

    init(seed: UInt64 = 1, utc: UTC? = nil) {
        random = SplitMix(state: seed)
        self.utc = utc
    }

    /// A clip with random features, of which some are like those of the clips before.
    mutating func next(locations: Int, channels: Int) -> RememberedClip {
        // Random walks about a few scenes.
        let scene = index / 40 % 5
        let values = (0..<locations * channels).map { place in
            Float(Fill.uniform("scene", scene * 1_000 + place)) + 0.2 * Float(Double.random(in: -1...1, using: &random))
        }
        return next(ClipFeatures(columns: channels, values: values))
    }

    mutating func next(_ features: ClipFeatures, key: [Int]? = nil) -> RememberedClip {
        let end = start + Clip.duration
        defer {
            index += 1
            start = end
        }
        return RememberedClip(
            session: session, index: index, start: start, end: end, utc: utc.map { at(start, $0)...at(end, $0) },
            remembered: UTC(nanoseconds: 1_000_000_000 * Int64(index)), key: key ?? [index, session], motion: [index],
            features: features)
    }

    private func at(_ time: MediaTime, _ zero: UTC) -> UTC { UTC(nanoseconds: zero.nanoseconds + time.nanoseconds) }

    mutating func beginSession(after gap: MediaTime = .zero) {
        if let zero = utc { utc = at(start + gap, zero) }
        session += 1
        index = 0
        start = MediaTime(units: 777)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

extension MemoryBank {
    /// A row a slot, each with the weights of its locations.
    var sizes: [[Int64]] { slots.map { $0.runs.map(\.weight) } }

    /// A bank of the same slots, as after a restart.
    func restored(_ limits: MemoryLimits? = nil) throws(MemoryError) -> MemoryBank {
        try MemoryBank(limits ?? self.limits, seen: seen, newest: newest, slots: slots)
    }
}
