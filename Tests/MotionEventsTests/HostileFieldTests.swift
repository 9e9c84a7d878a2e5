internal import Media
internal import MediaTesting
internal import MotionEvents
internal import Testing

/// Fields come from files and cameras: whatever is in them, nothing traps.
@Suite struct HostileFieldTests {
    @Test func numbersThatAreNone() {
        var scene = MadeScene(), observer = MotionObserver(), random = Generator(state: 5)
        let odd: [Float] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
            -1,
        ]
        for _ in 0..<300 {
            var field = scene.next()
            for _ in 0..<40 {
                let cell = Int.random(in: 0..<MotionField.cells, using: &random),
                    value = odd.randomElement(using: &random) ?? 0
                switch Int.random(in: 0..<4, using: &random) {
                case 0: field.velocity[cell].x = value
                case 1: field.validity[cell] = value
                case 2: field.luma[cell] = value
                default: field.texture[cell] = value
                }
            }
            for event in observer.handle(field) {
                #expect(event.region.map { $0.velocity.x.isFinite && $0.velocity.y.isFinite } ?? true)
                #expect(event.start <= event.known)
            }
        }
    }

    @Test func lengthsAndTimesOfAllKinds() {
        var scene = MadeScene(), observer = MotionObserver()
        for index in 0..<60 {
            var field = scene.next()
            switch index % 12 {
            case 1: field.luma = []
            case 2: field.luma.removeLast()
            case 3: field.velocity = []
            case 4: field.validity = Array(repeating: 1, count: 5_000)
            case 5: field.texture = [1]
            case 6: field.end = field.start
            case 7: field.end = field.start - MediaTime(seconds: 1)
            case 8: field.start = MediaTime(units: .min)
            case 9: field.end = MediaTime(units: .max)
            case 10: field = MotionField(start: MediaTime(units: .max - 1), end: MediaTime(units: .max))
            case 11: field.anchors = .min
            default: break
            }
            #expect(observer.handle(field).isEmpty)
        }
    }

    @Test(arguments: [Float(0), 255]) func picturesWithoutStructure(level: Float) {
        var observer = MotionObserver()
        for index in Int64(0)..<100 {
            let start = Clip.fieldDuration * index
            let field = MotionField(
                start: start, end: start + Clip.fieldDuration, luma: Array(repeating: level, count: MotionField.cells),
                texture: Array(repeating: 0, count: MotionField.cells), anchors: 1)
            #expect(observer.handle(field).isEmpty)
        }
    }

    /// Four and a half hours: storms of 64 fields in which everything moves at random, and nothing between them.
    @Test func memoryIsBoundedInAHundredThousandFields() {
        var observer = MotionObserver(), random = Generator(state: 23), most = 0
        let storm = (0..<64).map { index in
            var field = MotionField(start: .zero, end: Clip.fieldDuration, anchors: 1)
            if index < 8 { field.luma = (0..<MotionField.cells).map { _ in Float(random.nextUnit() * 255) } }
            field.texture = field.luma
            field.validity = (0..<MotionField.cells).map { _ in Float(random.nextUnit()) }
            field.velocity = (0..<MotionField.cells).map { _ in
                SIMD2(Float(random.nextUnit() - 0.5), Float(random.nextUnit() - 0.5))
            }
            return field
        }
        for index in 0..<100_000 {
            let place = index % 1_000
            var field =
                place < storm.count ? storm[place] : MotionField(start: .zero, end: Clip.fieldDuration, anchors: 0)
            field.start = Clip.fieldDuration * Int64(index)
            field.end = field.start + Clip.fieldDuration
            _ = observer.handle(field)
            most = max(most, observer.storedCount)
        }
        // 24 regions with the sights of 2.5 s each, 16 a region at this rate, and less than 100 of all else.
        #expect(most > 0 && most < 24 * 17 + 100)
    }

    /// Everything moves at random: memory and time a field stay bounded, as do the regions that are followed.
    @Test func aStormOfFieldsIsBounded() {
        var observer = MotionObserver(), random = Generator(state: 11)
        for index in Int64(0)..<3_000 {
            let start = Clip.fieldDuration * index
            var field = MotionField(start: start, end: start + Clip.fieldDuration, anchors: 1)
            field.luma = (0..<MotionField.cells).map { _ in Float(random.nextUnit() * 255) }
            field.texture = field.luma
            field.validity = field.luma.map { $0 / 255 }
            field.velocity = (0..<MotionField.cells).map { _ in
                SIMD2(Float(random.nextUnit() - 0.5), Float(random.nextUnit() - 0.5))
            }
            _ = observer.handle(field)
            #expect(observer.scene.regions.count <= MotionLimits.default.maximumRegions)
        }
    }
}
