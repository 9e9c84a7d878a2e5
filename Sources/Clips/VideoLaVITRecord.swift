internal import Media

/// What Video-LaVIT's tokenizers need of the pictures that no clip has taken yet: the motion of each, and the looks of those that may begin
/// a clip. At most three clips' worth.
struct VideoLaVITRecord {
    private static let capacity = 3 * Clip.fieldCount

    private var frames: [(pts: MediaTime, motion: MacroblockMaximum)] = []
    private var keys: [(pts: MediaTime, picture: Picture)] = []

    /// - Parameter open: where the clip under way starts; nil where there is none.
    mutating func add(_ picture: any DecodedPicture, open: MediaTime?) {
        guard let open else { return clear() }
        if frames.count == Self.capacity { frames.removeFirst() }
        let motion = picture.withVectors { MacroblockMaximum($0, width: picture.width, height: picture.height) }
        frames.append((picture.pts, motion))
        // The first picture of this clip, and the first one at or behind its end.
        let end = open + Clip.duration
        let isFirst =
            picture.pts < end ? !keys.contains { $0.pts < end && $0.pts >= open } : !keys.contains { $0.pts >= end }
        if isFirst, let copy = picture.makeCodedPicture() { keys.append((picture.pts, copy)) }
    }

    /// Takes out what belongs to a clip. Nil where its first picture cannot be had.
    ///
    /// - Parameter end: nil for the last clip before a break, which has all that is left.
    mutating func take(from start: MediaTime, to end: MediaTime?) -> VideoLaVITInput? {
        func isPast(_ time: MediaTime) -> Bool { end.map { time < $0 } ?? true }
        defer {
            frames.removeAll { isPast($0.pts) }
            keys.removeAll { isPast($0.pts) }
        }
        guard let key = keys.first(where: { $0.pts >= start && isPast($0.pts) })?.picture,
            let rgb = ReferenceColour.convert(key)
        else { return nil }
        var motion: [MacroblockMaximum?] = Array(repeating: nil, count: Clip.fieldCount)
        for frame in frames where frame.pts >= start && isPast(frame.pts) {
            let place = Int(((frame.pts - start).units + Clip.fieldDuration.units / 2) / Clip.fieldDuration.units)
            if place < Clip.fieldCount { motion[place] = frame.motion }
        }
        return VideoLaVITInput(
            key: rgb, motion: VideoLaVITMotion.tensor(motion, width: key.width, height: key.height))
    }

    mutating func clear() {
        frames = []
        keys = []
    }
}
