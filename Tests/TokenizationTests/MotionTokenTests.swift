import Media
import MediaTesting
import Testing
import Tokenization

@Suite struct MotionTokenTests {
    let tokenizer = ScalarTokenizer()

    @Test func hostileClipsKeepTheRate() throws {
        var random = Generator(state: 7)
        let big = Float.greatestFiniteMagnitude
        let clips: [String: Clip] = [
            "random": Made.clip { _, _, _ in
                SIMD2(random.float(in: -2000...2000), random.float(in: -2000...2000))
            },
            "random, holes": Made.clip { _, _, _ in
                random.next() % 3 == 0 ? nil : SIMD2(random.float(in: -300...300), random.float(in: -300...300))
            },
            "alternating cells": Made.clip { field, row, column in
                (field + row + column) % 2 == 0 ? nil : SIMD2(Float(column * 20), -300)
            },
            "alternating blocks": Made.clip { field, row, column in
                (field + row / 4 + column / 4) % 2 == 0 ? nil : SIMD2(random.float(in: -900...900), 0)
            },
            "largest numbers": Made.clip { field, row, column in
                SIMD2((column + field) % 2 == 0 ? big : -big, row % 2 == 0 ? -big : big)
            },
            "no numbers": Made.clip { field, _, column in
                field % 2 == 0 ? SIMD2(.nan, 5) : SIMD2(.infinity, column % 2 == 0 ? -.infinity : 80)
            },
            "zoom": Made.clip { _, row, column in
                SIMD2(Float(column) - 17.5, Float(row) - 9.5) * 40
            },
        ]
        let description = tokenizer.description
        #expect(Double(description.maximumMotionIDs * 11) / Double(description.clipSeconds) <= 1500)
        #expect(description.motionVocabulary <= 1 << 11)
        for (name, clip) in clips {
            let tokens = try tokenizer.encode(clip)
            #expect(tokens.motion.count <= description.maximumMotionIDs, "\(name)")
            #expect(tokens.motion.allSatisfy { (0..<description.motionVocabulary).contains($0) }, "\(name)")
            #expect(try tokenizer.decode(tokens).fields.count == Clip.fieldCount, "\(name)")
        }
        let random1 = try #require(clips["random"])
        let calm = try tokenizer.encode(Made.clip { _, _, _ in .zero })
        let busy = try #require(try tokenizer.encode(random1).motionQuantizer)
        #expect(calm.motionQuantizer == 0)
        #expect(busy > 0)
    }

    @Test func stillDecodesStill() throws {
        let tokens = try tokenizer.encode(Made.clip { _, _, _ in .zero })
        #expect(tokens.motion.count <= 32)
        for field in try tokenizer.decode(tokens).fields {
            #expect(field.velocity.allSatisfy { $0 == .zero })
            #expect(field.validity.allSatisfy { $0 == 1 })
        }
    }

    @Test(arguments: [SIMD2<Float>(3, 0), [12, -7], [56, 31], [-91, 88], [270, -140], [-1200, 700]])
    func panDecodesWithinItsStep(pan: SIMD2<Float>) throws {
        let decoded = try tokenizer.decode(tokenizer.encode(Made.clip { _, _, _ in pan }))
        for velocity in decoded.fields.flatMap(\.velocity) {
            let error = velocity * SIMD2(640, 360) - pan
            #expect(abs(error.x) <= 1.01 + 0.06 * abs(pan.x))
            #expect(abs(error.y) <= 1.01 + 0.06 * abs(pan.y))
        }
    }

    @Test func movingBlockStaysAtItsPlace() throws {
        func isInside(_ row: Int, _ column: Int, _ field: Int) -> Bool {
            (6..<11).contains(row) && (3 + field..<9 + field).contains(column)
        }
        let clip = Made.clip { field, row, column in isInside(row, column, field) ? [107, 0] : .zero }
        let decoded = try tokenizer.decode(tokenizer.encode(clip))
        for (number, field) in decoded.fields.enumerated() {
            for (cell, velocity) in field.velocity.enumerated() {
                let speed = isInside(cell / MotionField.columns, cell % MotionField.columns, number) ? Float(107) : 0
                #expect(abs(velocity.x * 640 - speed) <= 13)
                #expect(velocity.y == 0)
            }
        }
    }

    @Test func beatsTranslationAndZero() throws {
        let clip = Made.panWithObject()
        let decoded = try tokenizer.decode(tokenizer.encode(clip))
        let coded = endPointError(clip) { decoded.fields[$0].velocity[$1] * SIMD2(640, 360) }
        // The best that one vector a field can do is at best the cells outside of the object exact.
        let translation = endPointError(clip) { _, _ in [90, -20] }
        let zero = endPointError(clip) { _, _ in .zero }
        #expect(coded < 0.5 * translation, "\(coded) px/s against \(translation)")
        #expect(coded < 0.1 * zero, "\(coded) px/s against \(zero)")
    }

    @Test func sameClipSameIDs() async throws {
        let clip = Made.panWithObject()
        let expected = try tokenizer.encode(clip)
        try await withThrowingTaskGroup(of: ClipTokens.self) { group in
            for _ in 0..<8 { group.addTask { try ScalarTokenizer().encode(clip) } }
            for try await tokens in group { #expect(tokens == expected) }
        }
    }

    @Test func invalidFieldsAndBlocksStayInvalid() throws {
        let clip = Made.clip { field, _, column in field >= 12 || column < 8 ? nil : [40, 0] }
        let fields = try tokenizer.decode(tokenizer.encode(clip)).fields
        for (number, field) in fields.enumerated() {
            for cell in 0..<MotionField.cells {
                let isValid = number < 12 && cell % MotionField.columns >= 8
                #expect(field.validity[cell] == (isValid ? 1 : 0))
                if !isValid { #expect(field.velocity[cell] == .zero) }
            }
        }
    }

    @Test func idsMeanWhatTheDocumentSays() throws {
        // Grid 7 (8 slices of 4 × 4 cells): x level 10 is ⌊20 + 1000/128⌋ = 27 px/s, y level -4 is -8 px/s; only the top
        // row's blocks 0 and 2 are valid; the first has the residual (+2, -1) = (16, -8), the other repeats it.
        let slice = [73, 187, 256 + 0b101, 256, 256, 256, 256, 768 + 29 * 16 + 13, 1990]
        let key = try tokenizer.encode(Made.clip { _, _, _ in .zero }).key
        let ids = [2042] + slice + Array(repeating: 1999, count: 6) + [63, 191, 1998, 1609, 1863]
        let fields = try tokenizer.decode(ClipTokens(key: key, motion: ids)).fields
        #expect(fields[0].velocity[0] == [43.0 / 640, -16.0 / 360])
        #expect(fields[20].velocity[3 * 36 + 11] == [43.0 / 640, -16.0 / 360])
        #expect(fields[20].velocity[4] == .zero && fields[20].validity[4] == 0)
        #expect(fields[21].velocity[0] == .zero && fields[21].validity[0] == 1)
        #expect(fields[23].velocity[8] == [16.0 / 640, -8.0 / 360])
    }

    @Test func wrongIDsAreTold() throws {
        let tokens = try tokenizer.encode(Made.panWithObject())
        func error(_ change: (inout ClipTokens) -> Void) -> TokenError? {
            var wrong = tokens
            change(&wrong)
            do {
                _ = try tokenizer.decode(wrong)
                return nil
            } catch {
                return error as? TokenError
            }
        }
        #expect(error { $0.key.removeLast() } == .keyCount(629, expected: 630))
        #expect(error { $0.key[600] = 4000 } == .keyOutOfRange(position: 600, value: 4000, limit: 3969))
        #expect(error { $0.key[3] = -1 } == .keyOutOfRange(position: 3, value: -1, limit: 4095))
        #expect(error { $0.motion = [] } == .motionEnds(position: 0, expected: "a quantiser id"))
        #expect(error { $0.motion[0] = 5 } == .motion(position: 0, value: 5, expected: "a quantiser id"))
        #expect(error { $0.motion[1] = 127 } == .motion(position: 1, value: 127, expected: "a global x id"))
        #expect(error { $0.motion[2] = .max } == .motion(position: 2, value: .max, expected: "a global y id"))
        #expect(error { $0.motion[3] = 1998 } == .motion(position: 3, value: 1998, expected: "a validity row id"))
        #expect(error { $0.motion.append(1999) } == .motionContinues(position: tokens.motion.count, value: 1999))
        #expect(
            error { $0.motion = [2042, 63, 191, 257, 256, 256, 256, 256, 1610] }
                == .runTooLong(position: 8, value: 1610, cells: 2, left: 1))
        for count in 0..<tokens.motion.count {
            #expect(error { $0.motion.removeSubrange(count...) } != nil)
        }
    }

    @Test func anyIDsDecodeOrThrow() throws {
        let tokens = try tokenizer.encode(Made.panWithObject())
        var random = Generator(state: 3)
        for _ in 0..<2000 {
            var wrong = tokens
            for _ in 0..<3 {
                wrong.motion[Int(random.next() % UInt64(wrong.motion.count))] = Int(random.next() % 2100) - 20
            }
            do throws(any Error) {
                _ = try tokenizer.decode(wrong)
            } catch {
                #expect(error is TokenError)
            }
        }
    }

    @Test func fieldsOfAnotherShapeAreRefused() {
        let clip = Made.clip { _, _, _ in .zero }
        #expect(throws: ClipError.fieldCount(23)) { try tokenizer.encode(Made.clip(fields: Array(clip.fields[1...]))) }
        var fields = clip.fields
        fields[4].validity.removeLast()
        #expect(throws: ClipError.cellCount(field: 4, count: 719)) { try tokenizer.encode(Made.clip(fields: fields)) }
    }

    /// Mean length of the difference in px/s at 640 × 360 over valid cells.
    private func endPointError(_ clip: Clip, _ estimate: (Int, Int) -> SIMD2<Float>) -> Float {
        var sum: Float = 0
        var count: Float = 0
        for (number, field) in clip.fields.enumerated() {
            for cell in 0..<MotionField.cells where field.validity[cell] > 0 {
                let error = field.velocity[cell] * SIMD2(640, 360) - estimate(number, cell)
                sum += (error * error).sum().squareRoot()
                count += 1
            }
        }
        return sum / count
    }
}
