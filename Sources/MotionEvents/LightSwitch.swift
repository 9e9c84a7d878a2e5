internal import Media

/// Finds lights that go on or off: the brightness of the whole picture takes a new value and keeps it.
struct LightSwitch {
    struct Change {
        var isBrighter: Bool
        var start: Double
    }

    private static let minimumGap = 1.6
    private static let restless = 0.8
    private var last = -Double.infinity
    private var unsteadyUntil = -Double.infinity
    /// Mean step of the brightness from picture to picture: large while something flickers.
    private var usualStep = 0.0

    /// Brightness has jumped a short while ago; changes of single cells mean little.
    func isUnsteady(at time: Double) -> Bool { time < unsteadyUntil }

    /// - Parameters:
    ///   - since: nothing before this time is compared.
    ///   - cells: those that count.
    mutating func handle(_ history: LumaHistory, since: Double, cells: [Int]) -> Change? {
        let entries = history.entries
        guard let now = entries.last else { return nil }
        watchSteps(entries)
        guard now.time - last >= Self.minimumGap else { return nil }
        let old = entries.filter { now.time - $0.time >= 1 && now.time - $0.time <= 2.2 && $0.time >= since }
        let new = entries.filter { now.time - $0.time < 0.45 }
        guard old.count >= 3, new.count >= 2, let before = old.last else { return nil }
        let level = max(quantile(old.map(\.mean), 0.5), 1), newLevel = max(quantile(new.map(\.mean), 0.5), 1)
        let change = Logarithm.of(newLevel / level)
        let wander = old.map { abs(Logarithm.of(max($0.mean, 1) / level)) }.max() ?? 0
        let settling = new.map { abs(Logarithm.of(max($0.mean, 1) / newLevel)) }.max() ?? 0
        guard abs(change) > max(0.13, 3 * wander), settling < 0.25 * abs(change) else { return nil }
        guard Self.isEverywhere(from: before.luma, to: now.luma, change, cells),
            Cut.correlation(before.luma, now.luma, cells: cells) ?? 1 > 0.7
        else { return nil }
        last = now.time
        return Change(isBrighter: change > 0, start: Self.foot(entries, from: before.time, rising: change > 0))
    }

    private mutating func watchSteps(_ entries: [LumaHistory.Entry]) {
        guard entries.count > 1, let now = entries.last else { return }
        let before = entries[entries.count - 2]
        let step = abs(Logarithm.of(max(now.mean, 1) / max(before.mean, 1)))
        if step > 0.05, step > 3 * usualStep { unsteadyUntil = now.time + Self.restless }
        usualStep += (min(step, 0.2) - usualStep) * min(1, (now.time - before.time) / 2)
    }

    /// More than 70 % of the cells go the same way, by a good part of it.
    private static func isEverywhere(from old: [Double], to new: [Double], _ change: Double, _ cells: [Int]) -> Bool {
        let sign = change < 0 ? -1.0 : 1.0
        let share = cells.count { cell in
            sign * Logarithm.of((new[cell] + 1) / (old[cell] + 1)) > 0.4 * abs(change)
        }
        return Double(share) > 0.7 * Double(cells.count)
    }

    /// Where the steepest ramp begins.
    private static func foot(_ entries: [LumaHistory.Entry], from start: Double, rising: Bool) -> Double {
        let window = entries.filter { $0.time >= start }
        let sign = rising ? 1.0 : -1.0
        let steps = zip(window, window.dropFirst()).map { ($0, $1, sign * ($1.mean - $0.mean)) }
        guard var place = steps.indices.max(by: { steps[$0].2 < steps[$1].2 }) else { return start }
        let steepest = steps[place].2
        while place > 0, steps[place - 1].2 > 0.15 * steepest { place -= 1 }
        let (before, after, step) = steps[place]
        // A part of a step says how much of its time lay in the ramp; a whole one may have been anywhere in it.
        let share = min(max(step / steepest, 0), 1)
        return after.time - (after.time - before.time) * (share < 1 ? share : 0.5)
    }
}
