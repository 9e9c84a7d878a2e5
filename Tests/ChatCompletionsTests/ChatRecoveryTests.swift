internal import ChatCompletions
internal import Testing

@Suite struct ChatRecoveryTests {
    private let start = ContinuousClock.now

    private func recovery(pictures: Int = 8, longSide: Int = 768, hasVideo: Bool = false) -> ChatRecovery {
        ChatRecovery(place: "http://a/v1", model: "m", pictures: pictures, longSide: longSide, hasVideo: hasVideo)
    }

    /// Sends requests of eight pictures for as long as they are answered with "no room".
    @Test func picturesAreHalvedThenMadeSmaller() throws {
        var recovery = recovery()
        var tried: [[Int]] = []
        while true {
            let plan = try recovery.plan(at: start)
            tried.append([plan.pictures, plan.longSide])
            let verdict = recovery.failed(.contextOverflow, used: plan, pictures: plan.pictures, now: start, jitter: 0)
            guard case .again = verdict else {
                guard case .failed(let failure) = verdict else { break }
                #expect(failure.kind == .tooLarge)
                break
            }
        }
        #expect(tried == [[8, 768], [4, 768], [2, 768], [1, 768], [1, 512], [1, 384]])
    }

    @Test func theSizeThatWorksIsKept() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        #expect(
            recovery.failed(.contextOverflow, used: plan, pictures: 4, now: start, jitter: 0)
                == .again(.smaller(pictures: 2, longSide: 768)))
        recovery.succeeded()
        #expect(try recovery.plan(at: start + .seconds(9_999)).pictures == 2)
    }

    /// Two requests of eight pictures under way at once teach the same thing once.
    @Test func requestsTogetherTeachOnce() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        #expect(
            recovery.failed(.contextOverflow, used: plan, pictures: 8, now: start, jitter: 0)
                == .again(.smaller(pictures: 4, longSide: 768)))
        #expect(recovery.failed(.contextOverflow, used: plan, pictures: 8, now: start, jitter: 0) == .again(nil))
        #expect(try recovery.plan(at: start).pictures == 4)
        #expect(
            recovery.failed(.tooManyPictures(allowed: 6), used: plan, pictures: 8, now: start, jitter: 0) == .again(nil)
        )
        #expect(try recovery.plan(at: start).pictures == 4)
    }

    @Test func oneLargePictureIsMadeSmaller() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        #expect(
            recovery.failed(.pictureTooLarge, used: plan, pictures: 8, now: start, jitter: 0)
                == .again(.smaller(pictures: 8, longSide: 512)))
    }

    @Test func textThatDoesNotFitIsNotShrunk() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        guard
            case .failed(let failure) = recovery.failed(
                .contextOverflow, used: plan, pictures: 0, now: start, jitter: 0)
        else {
            Issue.record("tried again")
            return
        }
        #expect(failure.kind == .tooLarge && failure.retryAt != nil)
    }

    @Test func whatIsUnknownIsLeftOutAndToldOnce() throws {
        var recovery = recovery(hasVideo: true)
        let plan = try recovery.plan(at: start)
        #expect(
            recovery.failed(.fieldRefused(.chatTemplate), used: plan, pictures: 1, now: start, jitter: 0)
                == .again(.without(.chatTemplate)))
        #expect(
            recovery.failed(.fieldRefused(.chatTemplate), used: plan, pictures: 1, now: start, jitter: 0) == .again(nil)
        )
        #expect(
            recovery.failed(.picturesUnsupported, used: plan, pictures: 1, now: start, jitter: 0)
                == .again(.withoutPictures))
        #expect(
            recovery.failed(.videoUnsupported, used: plan, pictures: 1, now: start, jitter: 0) == .again(.withoutVideo))
        let next = try recovery.plan(at: start)
        #expect(next.omitted == [.chatTemplate] && !next.hasPictures && !next.hasVideo)
    }

    @Test func aVideoWithoutRoomIsLeftOutBeforePicturesAre() throws {
        var recovery = recovery(hasVideo: true)
        let plan = try recovery.plan(at: start)
        #expect(
            recovery.failed(.contextOverflow, used: plan, pictures: 1, now: start, jitter: 0) == .again(.noRoomForVideo)
        )
        let next = try recovery.plan(at: start)
        #expect(!next.hasVideo && next.pictures == 8)
        #expect(
            recovery.failed(.contextOverflow, used: next, pictures: 8, now: start, jitter: 0)
                == .again(.smaller(pictures: 4, longSide: 768)))
    }

    @Test func aServerThatFailsOnVideoGetsPictures() throws {
        var recovery = recovery(hasVideo: true)
        var plan = try recovery.plan(at: start)
        guard case .failed = recovery.failed(.unavailable(status: 500), used: plan, pictures: 1, now: start, jitter: 0)
        else {
            Issue.record("one failure says nothing of the video")
            return
        }
        plan = try recovery.plan(at: start + .seconds(1))
        #expect(plan.hasVideo)
        #expect(
            recovery.failed(.unavailable(status: 500), used: plan, pictures: 1, now: start, jitter: 0)
                == .again(.withoutVideo))
        recovery = self.recovery(hasVideo: true)
        plan = try recovery.plan(at: start)
        #expect(
            recovery.failed(.refused(status: 400, message: "what?"), used: plan, pictures: 1, now: start, jitter: 0)
                == .again(.withoutVideo)
        )
    }

    /// 0.5 s, doubled each time up to 8 s; half of it is left to chance.
    @Test(arguments: [0.0, 0.25, 0.999])
    func timeToRecoverGrows(_ jitter: Double) throws {
        var recovery = recovery()
        var now = start
        for expected in [0.5, 1, 2, 4, 8, 8, 8] {
            let plan = try recovery.plan(at: now)
            let verdict = recovery.failed(
                .busy(status: 503, retryAfter: nil), used: plan, pictures: 1, now: now, jitter: jitter)
            guard case .failed(let failure) = verdict, let time = failure.retryAt else {
                Issue.record("\(verdict)")
                return
            }
            let delay = (time - now) / .seconds(1)
            #expect(delay >= expected / 2 - 1e-6 && delay <= expected + 1e-6)
            #expect(abs(delay - expected * (0.5 + jitter / 2)) < 1e-6)
            #expect(throws: ChatFailure.self) { try recovery.plan(at: time - .milliseconds(1)) }
            now = time
        }
        recovery.succeeded()
        let verdict = recovery.failed(
            .unavailable(status: 502), used: try recovery.plan(at: now), pictures: 1, now: now, jitter: 0.999_999)
        guard case .failed(let failure) = verdict else { return }
        #expect(failure.retryAt.map { $0 - now <= .milliseconds(500) } == true)
    }

    @Test func failuresTogetherCountOnce() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        for _ in 0..<8 {
            let verdict = recovery.failed(.unreachable("refused"), used: plan, pictures: 1, now: start, jitter: 0.999)
            guard case .failed(let failure) = verdict, let time = failure.retryAt else {
                Issue.record("\(verdict)")
                return
            }
            #expect(time - start < .milliseconds(501))
        }
    }

    @Test func theServersOwnTimeIsKept() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        let verdict = recovery.failed(
            .busy(status: 429, retryAfter: .seconds(70)), used: plan, pictures: 1, now: start, jitter: 0.5)
        guard case .failed(let failure) = verdict, let time = failure.retryAt else {
            Issue.record("\(verdict)")
            return
        }
        #expect(time - start >= .seconds(70) && time - start <= .milliseconds(70_500))
        let busy = #expect(throws: ChatFailure.self) { try recovery.plan(at: start + .seconds(69)) }
        #expect(busy?.kind == .busy && busy?.retryAt == time)
        #expect(throws: Never.self) { try recovery.plan(at: time) }
    }

    @Test func aKeyThatIsRefusedIsNeverTriedAgain() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        guard
            case .failed(let failure) = recovery.failed(
                .unauthorized(status: 401), used: plan, pictures: 1, now: start, jitter: 0)
        else {
            Issue.record("tried again")
            return
        }
        #expect(failure.kind == .unauthorized && failure.isPermanent)
        #expect(throws: failure) { try recovery.plan(at: start + .seconds(1_000_000)) }
    }

    @Test func theFirstCutIsAskedAgainTheSecondWaits() throws {
        var recovery = recovery()
        let plan = try recovery.plan(at: start)
        #expect(recovery.failed(.cut, used: plan, pictures: 1, now: start, jitter: 0) == .againWithNewest)
        let second = try recovery.plan(at: start)
        guard
            case .failed(let failure) = recovery.failed(
                .cut, used: second, pictures: 1, partial: "A van", now: start, jitter: 0)
        else {
            Issue.record("tried a third time")
            return
        }
        #expect(failure.kind == .cut && failure.partial == "A van" && failure.retryAt != nil)
    }
}
