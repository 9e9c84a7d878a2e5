internal import Media
internal import MediaTesting
internal import MotionEvents
internal import Testing

/// What is masked comes as luma 0, texture 0 and no vectors. It must not count, neither as change nor as ground.
@Suite struct MaskedSceneTests {
    /// The lower 14 of 20 rows.
    private static func mask(_ field: inout MotionField) {
        for cell in 6 * MotionField.columns..<MotionField.cells {
            field.luma[cell] = 0
            field.texture[cell] = 0
            field.validity[cell] = 0
            field.velocity[cell] = .zero
        }
    }

    private static func events(_ count: Int, field: (inout MadeScene, Int) -> MotionField) -> [MotionEvent] {
        var scene = MadeScene(), observer = MotionObserver()
        var events: [MotionEvent] = []
        for index in 0..<count {
            var field = field(&scene, index)
            mask(&field)
            events += observer.handle(field)
        }
        return events
    }

    @Test func lightsAreSeenBesideAMask() {
        let events = Self.events(90) { scene, index in scene.next(light: (30..<60).contains(index) ? 0.5 : 1) }
        #expect(events.map(\.kind) == [.lightOff, .lightOn])
    }

    @Test func cutsAreSeenBesideAMask() {
        var random = Generator(state: 20)
        let other = (0..<MotionField.cells).map { _ in Float(60 + 120 * random.nextUnit()) }
        let events = Self.events(60) { scene, index in
            var field = scene.next()
            if index >= 30 { field.luma = other }
            return field
        }
        #expect(events.map(\.kind) == [.cut])
    }

    @Test func theCameraIsSeenBesideAMask() {
        let events = Self.events(60) { scene, index in
            scene.next(pan: (24..<42).contains(index) ? SIMD2(60, 0) : .zero)
        }
        #expect(events.map(\.kind) == [.pan, .cameraEnd])
        #expect(events.allSatisfy { !$0.isUncertain })
    }

    @Test func aThingCrossesBesideAMask() {
        let cell = 640.0 / 36
        let events = Self.events(108) { scene, index in
            let x = -4 + 4 * (Double(index + 1) / MadeScene.rate - 4)
            return scene.next(thing: (x, 0, SIMD2(4, 5), SIMD2(4 * cell, 0)))
        }
        #expect(events.map(\.kind) == [.enter, .leave])
    }
}
