public import Media

/// Plain English for what moves, without numbers: those are in the event.
public enum MotionSentence {
    /// The sentence of the `motion` captioner.
    public static func caption(_ trigger: SpeechTrigger) -> String {
        switch trigger.cause {
        case .event(let event): of(event) + rest(event, trigger.scene)
        case .still, .refresh: trigger.scene.movingRegions.isEmpty ? "Nothing moves." : moving(trigger.scene)
        case .moving: moving(trigger.scene)
        }
    }

    /// What a captioner that sees pictures is told of the motion between them.
    public static func hint(_ trigger: SpeechTrigger) -> String {
        trigger.cause == .still ? "Nothing has moved so far." : caption(trigger)
    }

    /// One event.
    public static func of(_ event: MotionEvent) -> String {
        guard event.isUncertain else { return plainly(event) }
        switch event.kind {
        case .pan, .tilt, .zoom, .shake: return "The picture shifts; whether it is the camera cannot be seen."
        default:
            let sentence = plainly(event)
            return "Perhaps \(sentence.prefix(1).lowercased())\(sentence.dropFirst())"
        }
    }

    private static func plainly(_ event: MotionEvent) -> String {
        switch event.kind {
        case .enter:
            guard let region = event.region else { return "Something enters the picture." }
            let from = event.side.map { " from the \($0.word)" } ?? ""
            return "\(region.thing(known: false)) enters\(from) and \(region.moves)."
        case .leave:
            let side = event.side.map { " at the \($0.word)" } ?? ""
            return "\(event.region?.thing(known: true) ?? "The object") leaves the picture\(side)."
        case .stop:
            let place = event.region.map { " \($0.box.place)" } ?? ""
            return "\(event.region?.thing(known: true) ?? "The object") stops\(place)."
        case .start:
            guard let region = event.region else { return "Something starts to move." }
            return "\(region.thing(known: false)) \(region.box.place) starts to move \(region.velocity.direction)."
        case .turn:
            guard let region = event.region else { return "The object turns." }
            return "\(region.thing(known: true)) \(region.box.place) turns and \(region.moves)."
        case .cut: return "Cut to another scene."
        case .lightOn: return "The lights come on."
        case .lightOff: return "The lights go out."
        case .pan, .tilt:
            guard let velocity = event.contentVelocity else { return "The camera moves." }
            // What the camera turns to comes in from the other side.
            return "The camera \(velocity.adverb)\(event.kind == .pan ? "pans" : "tilts") \((-velocity).direction)."
        case .zoom: return "The camera zooms \(event.growth ?? 0 < 0 ? "out" : "in")."
        case .shake: return "The camera shakes."
        case .cameraEnd: return "The camera is still again."
        }
    }

    /// What else moves, after an event of a region.
    private static func rest(_ event: MotionEvent, _ scene: MotionScene) -> String {
        guard let region = event.region else { return "" }
        let others = scene.movingRegions.count { $0.id != region.id }
        switch others {
        case 0: return ""
        case 1: return " Another one is moving."
        default: return " \(number(others)) others are moving."
        }
    }

    private static func moving(_ scene: MotionScene) -> String {
        if let velocity = scene.contentVelocity {
            return "The camera goes on moving \((-velocity).direction)."
        }
        let regions = scene.movingRegions
        guard let first = regions.first else { return "Something goes on moving." }
        if regions.count == 1 { return "\(first.thing(known: true)) \(first.box.place) still \(first.moves)." }
        let directions = Set(regions.map { $0.velocity.direction })
        let way = directions.count == 1 ? ", all going \(first.velocity.direction)" : ""
        return "\(number(regions.count)) objects are moving\(way)."
    }

    private static func number(_ count: Int) -> String {
        let words = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]
        return count < words.count ? words[count] : "\(count)"
    }
}

extension MotionScene {
    fileprivate var movingRegions: [MovingRegion] { regions.filter { $0.velocity != .zero } }
}

extension MovingRegion {
    /// - Parameter known: it has been told of before.
    fileprivate func thing(known: Bool) -> String {
        let share = box.width * box.height
        // What reaches out of the picture may be larger than what is seen of it.
        let isWhole = box.x > 0 && box.y > 0 && box.x + box.width < 0.999 && box.y + box.height < 0.999
        let size = share > 0.1 ? "large " : share < 0.01 && isWhole ? "small " : ""
        return (known ? "The " : size.isEmpty ? "An " : "A ") + size + "object"
    }

    fileprivate var moves: String { "\(velocity.adverb)moves \(velocity.direction)" }
}

extension PictureSide {
    fileprivate var word: String { rawValue }
}

extension PictureRectangle {
    /// One of nine places.
    fileprivate var place: String {
        let column = min(max(Int((x + width / 2) * 3), 0), 2)
        let row = min(max(Int((y + height / 2) * 3), 0), 2)
        return [
            ["at the upper left", "at the top", "at the upper right"],
            ["on the left", "in the middle", "on the right"],
            ["at the lower left", "at the bottom", "at the lower right"],
        ][row][column]
    }
}

extension SIMD2<Double> {
    /// Of a 16:9 picture, in its widths a second.
    private var scaled: SIMD2<Double> { SIMD2(x, y * 9 / 16) }

    /// One of eight; within 22.5° of an axis it is that axis alone.
    fileprivate var direction: String {
        let tangent = 0.4142
        let horizontal = abs(scaled.x) > tangent * abs(scaled.y) ? (scaled.x < 0 ? 0 : 2) : 1
        let vertical = abs(scaled.y) > tangent * abs(scaled.x) ? (scaled.y < 0 ? 0 : 2) : 1
        return [
            ["up and to the left", "up", "up and to the right"], ["left", "on", "right"],
            ["down and to the left", "down", "down and to the right"],
        ][vertical][horizontal]
    }

    /// Before a verb.
    fileprivate var adverb: String {
        let speed = (scaled.x * scaled.x + scaled.y * scaled.y).squareRoot()
        return speed < 0.1 ? "slowly " : speed >= 0.3 ? "quickly " : ""
    }
}
