internal import Media
internal import MediaTesting
internal import MotionEvents
internal import Testing

@Suite struct MotionObserverTests {
    private static let cell = 640.0 / 36

    /// A thing 4 × 5 cells in size follows a path of (seconds, x of its left side in cells).
    private func events(path: [(time: Double, x: Double)], seconds: Double) -> [MotionEvent] {
        var scene = MadeScene(), observer = MotionObserver()
        var events: [MotionEvent] = []
        for index in 0..<Int(seconds * MadeScene.rate) {
            let time = Double(index + 1) / MadeScene.rate
            var thing: (x: Double, y: Double, size: SIMD2<Double>, velocity: SIMD2<Double>)?
            for (a, b) in zip(path, path.dropFirst()) where a.time <= time && time < b.time {
                let speed = (b.x - a.x) / (b.time - a.time)
                thing = (a.x + speed * (time - a.time), 8, SIMD2(4, 5), SIMD2(speed * Self.cell, 0))
            }
            events += observer.handle(scene.next(thing: thing))
        }
        return events
    }

    @Test func aThingThatCrossesEntersAndLeaves() throws {
        // Its middle crosses the left side at 4.5 s and the right side at 13.5 s.
        let events = events(path: [(4, -4), (14, 36)], seconds: 18)
        #expect(events.map(\.kind) == [.enter, .leave])
        let enter = try #require(events.first), leave = try #require(events.last)
        #expect(abs(enter.at - 4.5) < 0.6)
        #expect(enter.side == .left)
        #expect(abs(leave.at - 13.5) < 0.6)
        #expect(leave.side == .right)
        let region = try #require(leave.region)
        #expect(region.id == enter.region?.id)
        #expect(region.velocity.x > 0.05 && abs(region.velocity.y) < 0.02)
        #expect(events.allSatisfy { $0.start <= $0.known && !$0.isUncertain })
    }

    @Test func aThingStopsAndGoesOn() {
        let events = events(path: [(4, -4), (8, 14), (13, 14), (19, 41)], seconds: 23)
        #expect(events.map(\.kind) == [.enter, .stop, .start, .leave])
        for (event, time) in zip(events, [4.4, 8, 13, 17.4]) { #expect(abs(event.at - time) < 0.8, "\(event.kind)") }
    }

    @Test func aThingTurnsBack() {
        let events = events(path: [(4, -4), (9, 18), (14, -6)], seconds: 18)
        #expect(events.map(\.kind) == [.enter, .turn, .leave])
        for (event, time) in zip(events, [4.4, 9, 13.2]) { #expect(abs(event.at - time) < 0.6, "\(event.kind)") }
    }

    @Test func theSceneKnowsWhatStands() throws {
        var scene = MadeScene(), observer = MotionObserver()
        for index in 0..<72 {
            let x = min(-4 + Double(index) / 2, 14)
            let speed = x < 14 ? 3 * Self.cell : 0
            _ = observer.handle(scene.next(thing: (x, 8, SIMD2(4, 5), SIMD2(speed, 0))))
        }
        let region = try #require(observer.scene.regions.first)
        #expect(observer.scene.regions.count == 1)
        #expect(region.velocity == .zero)
        #expect(abs(region.box.x + region.box.width / 2 - 16.0 / 36) < 0.08)
    }

    @Test func lightsGoOffAndOn() throws {
        var scene = MadeScene(), observer = MotionObserver()
        var events: [MotionEvent] = []
        for index in 0..<90 { events += observer.handle(scene.next(light: (30..<60).contains(index) ? 0.5 : 1)) }
        #expect(events.map(\.kind) == [.lightOff, .lightOn])
        for (event, time) in zip(events, [5.0, 10]) { #expect(abs(event.at - time) < 0.3, "\(event.kind)") }
    }

    @Test func anotherPlaceIsACut() {
        var scene = MadeScene(), observer = MotionObserver(), random = Generator(state: 20)
        let other = (0..<MotionField.cells).map { _ in Float(60 + 120 * random.nextUnit()) }
        var events: [MotionEvent] = []
        for index in 0..<60 {
            var field = scene.next()
            if index >= 30 { field.luma = other }
            events += observer.handle(field)
        }
        #expect(events.map(\.kind) == [.cut])
        #expect(abs((events.first?.at ?? 0) - 5) < 0.2)
    }

    /// A bright wall gives way to another place; a dark room was there before its light.
    @Test(arguments: [(Float(170), MotionEvent.Kind.cut), (90, .cut), (20, .lightOn)])
    func aPictureWithoutStructureEnds(level: Float, kind: MotionEvent.Kind) {
        var scene = MadeScene(), observer = MotionObserver(), random = Generator(state: 5)
        var events: [MotionEvent] = []
        for index in 0..<60 {
            var field = scene.next()
            if index < 30 { for cell in field.luma.indices { field.luma[cell] = level + Float(random.nextUnit()) } }
            events += observer.handle(field)
        }
        #expect(events.map(\.kind) == [kind])
        #expect(abs((events.first?.at ?? 0) - 5) < 0.3)
    }

    @Test func grainIsSilent() {
        var scene = MadeScene(), observer = MotionObserver()
        let events = (0..<600).flatMap { _ in observer.handle(scene.next(noise: 1.5)) }
        #expect(events.isEmpty)
    }

    @Test func aGapForgetsTheScene() {
        var scene = MadeScene(), observer = MotionObserver()
        for index in 0..<72 {
            _ = observer.handle(scene.next(thing: (min(-4 + Double(index) / 2, 14), 8, SIMD2(4, 5), SIMD2(50, 0))))
        }
        #expect(!observer.scene.regions.isEmpty)
        var later = scene.next()
        later.start = later.start + MediaTime(seconds: 2)
        later.end = later.end + MediaTime(seconds: 2)
        #expect(observer.handle(later).isEmpty)
        #expect(observer.scene.regions.isEmpty)
    }

    @Test func equalFieldsGiveEqualEventsWhateverTheClock() {
        func run(from offset: MediaTime) -> [MotionEvent] {
            var scene = MadeScene(), observer = MotionObserver()
            return (0..<100).flatMap { index in
                var field = scene.next(thing: (-4 + Double(index - 20) / 2, 8, SIMD2(4, 5), SIMD2(3 * Self.cell, 0)))
                field.start = field.start + offset
                field.end = field.end + offset
                return observer.handle(field)
            }
        }
        let early = run(from: .zero), offset = MediaTime(units: 123_456_789_012)
        #expect(!early.isEmpty)
        #expect(run(from: offset).map { $0.start - offset } == early.map(\.start))
    }
}
