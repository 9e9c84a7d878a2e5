import Capture
import Media
import MediaTesting
import Testing

extension PipelineTests {
    @Suite struct CameraTests {
        static let rates = ["24", "25", "30", "30000/1001", "12.5", "60"]
        static let patient = CaptureOptions(maximumQueuedUnits: 100_000, maximumQueuedSeconds: 1000)

        /// Times and slices of a camera that plays a file once are those of the file.
        private func expectSame(_ path: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws
        {
            let file = Recording(.file(path))
            try await file.finish()
            let camera = try TestCamera(media: .file(path: path, fromStart: true), pace: .unlimited)
            let recording = Recording(try .init(parsing: camera.url), options: Self.patient)
            #expect(await recording.run { $0.outline.hasPrefix("SFUE") }, sourceLocation: sourceLocation)
            let units = recording.firstSession
            #expect(units.count == file.units.count, sourceLocation: sourceLocation)
            guard let start = file.units.first?.pts else { return }
            #expect(units.map(\.pts) == file.units.map { $0.pts - start }, sourceLocation: sourceLocation)
            #expect(
                units.map { slices($0.bytes) } == file.units.map { slices($0.bytes) }, sourceLocation: sourceLocation)
            #expect(units.map(\.traits.isKey) == file.units.map(\.traits.isKey), sourceLocation: sourceLocation)
        }

        /// The NAL units of an H.264 picture that hold picture data.
        private func slices(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
            var starts: [Int] = []
            var index = 0
            while index + 3 < bytes.count {
                if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                    starts.append(index + 3)
                    index += 3
                } else {
                    index += 1
                }
            }
            let ends = starts.dropFirst().map { $0 - 3 } + [bytes.count]
            return zip(starts, ends).map { start, end in
                // The zero before a start code of four bytes is no part of the unit.
                bytes[start..<end].reversed().drop { $0 == 0 }.reversed()[...]
            }.filter { [1, 5].contains(($0.first ?? 0) & 31) }
        }

        @Test(arguments: rates, [0, 2])
        func fileAndCameraAreTheSame(rate: String, bFrames: Int) async throws {
            let video = try MadeVideo(
                "a.mp4", rate: rate, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 20 -bf \(bFrames)")
            try await expectSame(video.path)
        }

        @Test(
            .enabled(if: SharedFolder.has("media"), "needs the folder of real clips"),
            arguments: ["car-detection.mp4", "bottle-detection.mp4", "one-by-one-person-detection.mp4", "book.mkv"])
        func clipAndCameraAreTheSame(name: String) async throws {
            try await expectSame(SharedFolder.path("media/\(name)"))
        }

        @Test(arguments: [
            ("-c:v libx265 -preset ultrafast -x265-params log-level=error -g 25", VideoCodec.h265),
            ("-c:v mpeg4 -g 12", .mpeg4), ("-c:v mjpeg -pix_fmt yuvj420p", .mjpeg),
            ("-c:v libvpx -deadline realtime -cpu-used 8", .vp8),
        ])
        func otherCodecsComeThrough(encoding: String, codec: VideoCodec) async throws {
            let video = try MadeVideo("a.mkv", encoding)
            let camera = try TestCamera(media: .file(path: video.path, fromStart: true), pace: .unlimited)
            let recording = Recording(try .init(parsing: camera.url), options: Self.patient)
            #expect(await recording.run { $0.outline.hasPrefix("SFUE") })
            #expect(recording.formats.first?.codec == codec)
            #expect(recording.firstSession.count == 50)
        }

        @Test func aLoopGoesOnEvenly() async throws {
            let video = try MadeVideo("a.mp4", seconds: 0.4, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0")
            let camera = try TestCamera(media: .file(path: video.path, fromStart: false), pace: .times(20))
            let recording = Recording(try .init(parsing: camera.url), options: Self.patient)
            #expect(await recording.run { $0.units.count >= 40 })
            let times = recording.units.map(\.pts.units)
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 3600 })
            #expect(recording.outline == "SFUE")
        }

        @Test func senderReportsTellWhenPicturesWereTaken() async throws {
            let camera = try TestCamera(media: .testPicture)
            let recording = Recording(try .init(parsing: camera.url))
            #expect(await recording.run { $0.units.contains { $0.senderUTC != nil } })
            let unit = try #require(recording.units.last { $0.senderUTC != nil })
            let delay = try #require(unit.arrival).nanoseconds - (unit.senderUTC?.nanoseconds ?? 0)
            #expect(abs(delay) < 500_000_000)
        }

        @Test func picturesComeOverUDPToo() async throws {
            let camera = try TestCamera(media: .testPicture)
            let recording = Recording(try .init(parsing: camera.url), options: CaptureOptions(transport: .udp))
            #expect(await recording.run { $0.units.count > 5 })
        }

        @Test func aCameraThatComesBackIsANewSession() async throws {
            let first = try TestCamera(media: .testPicture)
            let port = try #require(UInt16(first.url.split(separator: ":")[2].prefix { $0.isNumber }))
            let recording = Recording(try .init(parsing: first.url))
            let run = Task { try await recording.capture.run() }
            #expect(await recording.waits { $0.units.count > 3 })
            first.stop()
            #expect(await recording.waits { $0.states.last?.kind == .backoff })
            let second = try TestCamera(media: .testPicture, port: port)
            #expect(await recording.waits { $0.outline.hasPrefix("SFUESFU") })
            run.cancel()
            _ = await run.result
            second.stop()
            #expect(recording.states.last?.kind == .live)
        }

        @Test func aCameraThatIsNotThereYetIsWaitedFor() async throws {
            let probe = try TestCamera(media: .testPicture)
            let port = try #require(UInt16(probe.url.split(separator: ":")[2].prefix { $0.isNumber }))
            probe.stop()
            let recording = Recording(try .init(parsing: probe.url))
            let run = Task { try await recording.capture.run() }
            #expect(await recording.waits { $0.states.filter { $0.kind == .backoff }.count >= 2 })
            #expect(recording.states[1].nextRetry.map { $0 <= .milliseconds(313) } == true)
            let camera = try TestCamera(media: .testPicture, port: port)
            #expect(await recording.waits { $0.outline == "SFU" })
            run.cancel()
            _ = await run.result
            camera.stop()
        }

        @Test(
            arguments: [
                ("rtsp://u:plain@", "u", "plain"), ("rtsp://a.b%40c:p@ss%2Fw:1@", "a.b@c", "p@ss/w:1"),
                ("rtsp://u:#a?b/c'd\"e\\f g@", "u", "#a?b/c'd\"e\\f g"), ("rtsp://ü:äパ%zz@", "ü", "äパ%zz"),
                ("rtsp://token@", "token", ""), ("rtsp://:alone@", "", "alone"),
            ], [false, true])
        func loginsAreUsed(login: (prefix: String, user: String, password: String), isDigest: Bool) async throws {
            let camera = try TestCamera(
                media: .testPicture, login: .init(user: login.user, password: login.password, isDigest: isDigest))
            let recording = Recording(
                try .init(parsing: camera.url.replacing("rtsp://", with: login.prefix)))
            #expect(await recording.run { $0.units.count > 1 })
        }

        @Test func loginsAreNeverShown() async throws {
            let camera = try TestCamera(media: .testPicture, login: .init(user: "a.b@c", password: "p@ss/w:1"))
            let host = camera.url.dropFirst("rtsp://".count)
            let good = Recording(try .init(parsing: "rtsp://a.b%40c:p@ss%2Fw:1@\(host)"))
            #expect(await good.run { $0.units.count > 1 })
            let bad = Recording(try .init(parsing: "rtsp://a.b%40c:wrongword@\(host)"))
            #expect(await bad.run { $0.states.last?.kind == .failed })
            #expect(bad.states.last?.nextRetry == .seconds(60))
            #expect(bad.states.last?.reason.hasPrefix("auth") == true)
            #expect(
                !(good.states + bad.states).contains { $0.reason.contains("p@ss") || $0.reason.contains("wrongword") })
        }

        @Test func silenceIsAStall() async throws {
            let video = try MadeVideo(
                "a.mp4", rate: "1", seconds: 4, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0")
            let camera = try TestCamera(media: .file(path: video.path, fromStart: true), pace: .times(0.1))
            let recording = Recording(
                try .init(parsing: camera.url), options: CaptureOptions(stallTimeout: .milliseconds(300)))
            #expect(await recording.run { $0.states.contains { $0.kind == .stalled } })
            #expect(recording.states.map(\.kind).starts(with: [.connecting, .live, .stalled, .backoff]))
        }

        @Test func aSlowConsumerLosesRunsAndIsTold() async throws {
            let video = try MadeVideo(
                "a.mp4", seconds: 8, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0 -g 10")
            let camera = try TestCamera(media: .file(path: video.path, fromStart: true), pace: .times(40))
            let recording = Recording(
                try .init(parsing: camera.url), options: CaptureOptions(maximumQueuedUnits: 8), pause: .milliseconds(3))
            #expect(await recording.run { $0.outline.contains("E") })
            var lost = 0
            var afterLoss = false
            for item in recording.all.prefix(while: { if case .endOfSession = $0 { false } else { true } }) {
                switch item {
                case .loss(let count, let cause):
                    #expect(cause == .overload)
                    lost += count
                    afterLoss = true
                case .unit(let unit):
                    #expect(!afterLoss || unit.traits.isKey)
                    afterLoss = false
                default: break
                }
            }
            #expect(lost > 0)
            #expect(lost + recording.firstSession.count == 200)
        }

        /// What comes through a lossy network decodes without a complaint.
        @Test func lostPacketsNeverLeaveAPictureWithoutItsReferences() async throws {
            let video = try MadeVideo(
                "a.mp4", seconds: 8, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 2 -g 10")
            let camera = try TestCamera(media: .file(path: video.path, fromStart: true), pace: .unlimited)
            let lossy = try MadeVideo(
                "rtsp.gst",
                bytes: Array(
                    """
                    rtspsrc location=${location} protocols=${transport} buffer-mode=none
                    ! identity drop-probability=0.01 ! rtph264depay ! h264parse config-interval=-1
                    ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=tap sync=false
                    """.utf8))
            var options = Self.patient
            options.pipelineDirectory = lossy.directory
            let recording = Recording(try .init(parsing: camera.url), options: options)
            #expect(await recording.run { $0.outline.contains("E") })
            #expect(recording.outline.contains("L"))
            #expect(recording.all.contains { if case .loss(_, .network) = $0 { true } else { false } })
            let received = try MadeVideo("received.h264", bytes: recording.firstSession.flatMap(\.bytes))
            #expect(try received.complaints() == "")
        }

        /// A streaming thread that sleeps stands for one that hangs: nothing interrupts it, and stopping the pipeline waits for it.
        @Test func aPipelineThatHangsIsLeftToTheReaperAndBuiltAnew() async throws {
            let hanging = try MadeVideo(
                "test-picture.gst",
                bytes: Array(
                    """
                    appsrc name=painter format=time max-buffers=2
                        caps=video/x-raw,format=I420,width=640,height=360,framerate=25/1
                    ! x264enc tune=zerolatency ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au
                    ! identity sleep-time=8000000 ! appsink name=tap sync=false
                    """.utf8))
            var options = CaptureOptions(pipelineDirectory: hanging.directory)
            options.reconnect.connectTimeout = .milliseconds(500)
            let recording = Recording(.testPicture, options: options)
            let isLeft = await recording.run {
                let openings = $0.states.count { $0.kind == .connecting }
                return openings >= 3 && Reaper.held >= 1 && ($0.capture.decisionDue ?? .now) >= .now - .seconds(4)
            }
            #expect(isLeft)
            // They come back in the end, and are no longer counted.
            #expect(await recording.waits { _ in Reaper.held == 0 })
        }
    }
}
