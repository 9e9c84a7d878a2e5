import Capture
import Media
import Testing

@Suite struct FeedStateMachineTests {
    private let format = VideoFormat(codec: .h264, width: 64, height: 64)

    /// Offers pictures written as letters: `K` key, `p` not; a `~` before one: pictures are missing there; `w`
    /// before one: the stream is wide from there on. `<` takes everything. Gives what was taken, in `Recording`'s
    /// letters, units one by one and losses with their count.
    private func play(_ script: String, units: Int = 100, isLossless: Bool = false) -> String {
        var machine = FeedStateMachine(
            limits: .init(units: units, bytes: 1000, duration: MediaTime(seconds: 10)), isLossless: isLossless)
        var result = ""
        var gap: GapCause?
        var format = format
        let session = machine.begin()
        for (index, letter) in script.enumerated() {
            switch letter {
            case "~": gap = .network
            case "w": format.width = 128
            case "<": result += drain(&machine)
            default:
                let unit = AccessUnit(
                    bytes: [UInt8(index)], pts: MediaTime(units: Int64(index) * 3600),
                    traits: PictureTraits(isKey: letter == "K"))
                let verdict = machine.offer(.init(unit: unit, format: format, gap: gap), session: session)
                if verdict == .full { result += "(full)" }
                gap = nil
            }
        }
        machine.finish()
        return result + drain(&machine)
    }

    private func drain(_ machine: inout FeedStateMachine) -> String {
        var result = ""
        while case .item(let item) = machine.take() {
            switch item {
            case .session: result += "S"
            case .format(let format): result += format.width == 64 ? "F" : "W"
            case .unit(let unit): result += unit.traits.isKey ? "K" : "p"
            case .loss(let count, let cause): result += "[\(cause) \(count)]"
            case .endOfSession: result += "E"
            }
        }
        return result
    }

    @Test(arguments: [
        ("Kpp", "SFKppE"),
        ("", ""),
        ("ppp", ""),
        ("ppKp", "SFKpE"),
        ("~KpKp", "SFKpKpE"),
        ("Kp~ppKp", "SFKp[network 2]KpE"),
        ("Kp~Kp", "SFKp[network 0]KpE"),
        ("Kp~p~pK", "SFKp[network 2]KE"),
        ("Kp~pp", "SFKp[network 2]E"),
        ("KpwKp", "SFKpWKpE"),
        ("KpwppKp", "SFKp[format 2]WKpE"),
    ])
    func startsAndGoesOnAtKeyPictures(script: String, taken: String) {
        #expect(play(script) == taken)
    }

    @Test(arguments: [
        ("KppppK", 3, "SFKpp[overload 3]E"),
        ("Kpppp<ppKp", 3, "SFKpp[overload 4]KpE"),
        ("Kpp<pppp<K", 3, "SFKppppp[overload 1]KE"),
    ])
    func fullLiveFeedLosesRunsUpToAKeyPicture(script: String, units: Int, taken: String) {
        #expect(play(script, units: units) == taken)
    }

    @Test func fullLosslessFeedRefuses() {
        #expect(play("Kpp<p", units: 2, isLossless: true) == "(full)SFKppE")
    }

    @Test func bytesAndTimeAreBounded() {
        func verdicts(_ sizes: [Int], apart seconds: Double) -> [FeedStateMachine.Verdict] {
            var machine = FeedStateMachine(
                limits: .init(units: 99, bytes: 100, duration: MediaTime(seconds: 2)), isLossless: true)
            let session = machine.begin()
            return sizes.enumerated().map { index, size in
                let unit = AccessUnit(
                    bytes: Array(repeating: 0, count: size), pts: MediaTime(seconds: Double(index) * seconds),
                    traits: PictureTraits(isKey: index == 0))
                return machine.offer(.init(unit: unit, format: format), session: session)
            }
        }
        #expect(verdicts([60, 40, 1], apart: 0.1) == [.queued, .queued, .full])
        #expect(verdicts([1, 1, 1, 1], apart: 1) == [.queued, .queued, .queued, .full])
        #expect(verdicts([500, 1], apart: 0.1) == [.queued, .full])
    }

    @Test func anAbandonedSessionIsRefused() {
        var machine = FeedStateMachine(limits: .init(units: 9, bytes: 99, duration: .zero), isLossless: false)
        let key = AccessUnit(bytes: [1], pts: .zero, traits: PictureTraits(isKey: true))
        let first = machine.begin()
        #expect(machine.offer(.init(unit: key, format: format), session: first) == .queued)
        let second = machine.begin()
        #expect(machine.offer(.init(unit: key, format: format), session: first) == .closed)
        #expect(machine.offer(.init(unit: key, format: format), session: second) == .queued)
        machine.end()
        #expect(machine.offer(.init(unit: key, format: format), session: second) == .closed)
        #expect(drain(&machine) == "SFKESFKE")
        #expect(machine.isDrained)
    }
}
