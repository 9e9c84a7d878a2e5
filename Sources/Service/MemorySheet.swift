internal import Codec
internal import Media
internal import Memory
internal import Rendering
internal import Tokenization

/// What a stream remembers as one small picture that is shown to a model: thumbnails, oldest first, each with its age.
struct MemorySheet: Sendable {
    private static let tiles = 12
    private static let columns = 4

    private let slots: [MemorySlot]
    private let newest: MemoryTime
    private let video: VideoSize?

    /// Nil for an empty bank, and where a slot's ids are no picture: those of a tokenizer other than `ScalarTokenizer`.
    init?(_ bank: MemoryBank, tokenizer identity: String, video: VideoSize?) {
        let slots = bank.slots
        guard let last = slots.last, identity == ScalarTokenizer().description.identity else { return nil }
        // As many as a model can make out, from the oldest to the newest.
        let count = min(slots.count, Self.tiles)
        self.slots = (0..<count).map { slots[count == 1 ? 0 : $0 * (slots.count - 1) / (count - 1)] }
        newest = last.span.end.position
        self.video = video
    }

    /// Takes some milliseconds.
    ///
    /// - Parameter longSide: its width at most; upright pictures can make it a little higher.
    func jpeg(longSide: Int) throws -> [UInt8] {
        let size = PictureSize(
            video: video.map { ($0.width, $0.height) }, longSide: max(longSide / Self.columns - 10, 16))
        let tokenizer = ScalarTokenizer()
        let tiles = try slots.map { slot in
            PictureSheet.Tile(picture: try tokenizer.thumbnail(ofKey: slot.key), caption: [age(of: slot)])
        }
        return try JPEGEncoder.encode(PictureSheet.draw(tiles, tile: size, title: "The past"), quality: 80)
    }

    private func age(of slot: MemorySlot) -> String {
        let seconds = Int(max(newest.seconds - slot.span.start.position.seconds, 0))
        switch seconds {
        case ..<120: return "\(seconds) s ago"
        case ..<7_200: return "\(seconds / 60) min ago"
        case ..<172_800: return "\(seconds / 3_600) h ago"
        default: return "\(seconds / 86_400) d ago"
        }
    }
}
