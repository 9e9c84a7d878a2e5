import Capture
import Media
import Testing

/// Tests that run pipelines; one after the other, because they are about time.
@Suite(.serialized) enum PipelineTests {}

extension PipelineTests {
    @Suite struct FileTests {
        @Test(arguments: [
            ("a.mp4", "-c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p -g 25", VideoCodec.h264),
            ("a.mkv", "-c:v libx265 -preset ultrafast -x265-params log-level=error -g 25", .h265),
            ("a.ts", "-c:v mpeg2video -bf 2 -g 12", .mpeg2),
            ("a.mpg", "-c:v mpeg1video -g 12", .mpeg1),
            ("a.mp4", "-c:v mpeg4 -bf 2 -g 12", .mpeg4),
            ("a.avi", "-c:v mpeg4 -g 12", .mpeg4),
            ("a.webm", "-c:v libvpx -deadline realtime -cpu-used 8", .vp8),
            ("a.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", .vp9),
            ("a.mkv", "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 25", .av1),
            ("a.mkv", "-c:v mjpeg -pix_fmt yuvj420p", .mjpeg),
        ])
        func everyCodecComesWhole(name: String, encoding: String, codec: VideoCodec) async throws {
            let video = try MadeVideo(name, encoding)
            let recording = Recording(.file(video.path))
            try await recording.finish()
            #expect(recording.outline == "SFUE")
            #expect(recording.formats.first?.codec == codec)
            #expect(recording.formats.first?.width == 320)
            #expect(recording.units.count == 50)
            #expect(recording.units.allSatisfy { $0.arrival == nil && $0.senderUTC == nil })
            // These two containers may leave out time stamps.
            if !name.hasSuffix(".avi"), !name.hasSuffix(".mpg") {
                #expect(recording.units.allSatisfy { !$0.isInterpolated })
            }
            let times = recording.units.map(\.pts.units).sorted()
            for (a, b) in zip(times, times.dropFirst()) { #expect(abs(b - a - 3600) <= 90) }
        }

        /// An MP4 file of a stream with B-frames begins with an edit list.
        @Test(arguments: ["a.mp4", "a.mkv"])
        func timeIsWhatPlayersShow(name: String) async throws {
            let video = try MadeVideo(name, "-c:v libx264 -preset ultrafast -bf 3 -pix_fmt yuv420p")
            let recording = Recording(.file(video.path))
            try await recording.finish()
            let expected = try video.times()
            #expect(recording.units.count == expected.count)
            for (unit, seconds) in zip(recording.units, expected) {
                #expect(abs(unit.pts.units - MediaTime(seconds: seconds).units) <= 1)
            }
        }

        @Test(arguments: ["a b.mp4", "it's \"it\" \\ !.mp4", "ä(1);$x #.mp4", "location=x.mp4"])
        func awkwardNamesWork(name: String) async throws {
            let video = try MadeVideo(name, seconds: 0.2, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p")
            let recording = Recording(.file(video.path))
            try await recording.finish()
            #expect(recording.units.count == 5)
        }

        @Test func soundDoesNotMatter() async throws {
            let video = try MadeVideo(
                "a.mp4", seconds: 4,
                "-f lavfi -i sine=duration=4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac")
            let recording = Recording(
                .file(video.path), options: CaptureOptions(maximumQueuedUnits: 2), pause: .milliseconds(1))
            try await recording.finish()
            #expect(recording.outline == "SFUE")
            #expect(recording.units.count == 100)
            #expect(recording.states.map(\.kind) == [.connecting, .live, .ended])
        }

        @Test func errorsSayWhatIsWrong() async throws {
            let sound = try MadeVideo("sound.m4a", "-f lavfi -i sine=duration=1 -map 1:a -c:a aac")
            let text = try MadeVideo("notes.txt", bytes: Array("These are notes, not a film.\n".utf8))
            let noise = try MadeVideo(
                "noise.mp4", bytes: (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) })
            let cases: [(String, SourceError.Kind)] = [
                ("/nowhere/film.mp4", .notFound), (text.directory, .notFound), (text.path, .notVideo),
                (noise.path, .notVideo), (sound.path, .noVideoStream),
            ]
            for (path, kind) in cases {
                let recording = Recording(.file(path))
                let error = await #expect(throws: SourceError.self) { try await recording.finish() }
                #expect(error?.kind == kind, "\(path)")
                #expect(error?.description.contains(path) == true)
                #expect(recording.states.last?.kind == .failed)
                #expect(recording.all.isEmpty)
            }
        }

        /// Row "Damage that no reader tells" of docs/errors.md: a demuxer that goes round in circles.
        @Test func aFileThatNeverGivesAPictureIsGivenUp() async throws {
            let own = try MadeVideo(
                "file.gst",
                bytes: Array(
                    """
                    filesrc location=${location} ! fakesink sync=false
                    videotestsrc ! x264enc ! video/x-h264,stream-format=byte-stream,alignment=au
                    ! identity drop-probability=1 ! appsink name=tap sync=false
                    """.utf8))
            let options = CaptureOptions(pipelineDirectory: own.directory, fileSilence: .milliseconds(300))
            let recording = Recording(.file(own.path), options: options)
            let error = await #expect(throws: SourceError.self) { try await recording.finish() }
            #expect(error?.description.contains("broke off without a word") == true)
            #expect(recording.states.last?.kind == .failed)
        }

        @Test func cancellingEndsAFileThatNobodyTakes() async throws {
            let video = try MadeVideo("a.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p")
            let (states, inbox) = AsyncStream.makeStream(of: SourceState.self)
            let capture = StreamCapture(source: .file(video.path), options: CaptureOptions(maximumQueuedUnits: 3)) {
                inbox.yield($0)
            }
            let run = Task { try await capture.run() }
            for await state in states where state.kind == .live { break }
            run.cancel()
            try await run.value
            var count = 0
            while capture.next() != nil { count += 1 }
            #expect((4...6).contains(count))
        }

        @Test func theTestPictureIsLive() async {
            let recording = Recording(.testPicture)
            #expect(await recording.run { $0.units.count >= 30 })
            let units = recording.units
            #expect(recording.formats.first?.width == 640)
            #expect(units.prefix(30).map(\.pts.units) == (0..<30).map { $0 * 3600 })
            #expect(units.allSatisfy { $0.arrival != nil })
            #expect(recording.outline == "SFUE")
        }

        @Test func theTestPictureRestsAndMoves() {
            func moves(_ range: Range<Int>) -> [Bool] {
                range.map { TestPicture.position(at: $0) != TestPicture.position(at: $0 + 1) }
            }
            #expect(moves(0..<74).allSatisfy { !$0 })
            #expect(moves(75..<174).allSatisfy { $0 })
            #expect(moves(175..<249).allSatisfy { !$0 })
            #expect(TestPicture.position(at: 300) == TestPicture.position(at: 0))
        }

        @Test func ownPipelinesTakeThePlaceOfThoseBuiltIn() async throws {
            let video = try MadeVideo("a.mkv", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -bf 0")
            let own = try MadeVideo(
                "file.gst",
                bytes: Array(
                    """
                    # Inputs: ${location}
                    filesrc location=${location} ! matroskademux ! h264parse
                    ! video/x-h264,stream-format=byte-stream,alignment=au ! appsink name=tap sync=false
                    """.utf8))
            let recording = Recording(.file(video.path), options: CaptureOptions(pipelineDirectory: own.directory))
            try await recording.finish()
            #expect(recording.units.count == 50)
        }

        @Test(arguments: [
            "filesrc location=${location} ! fakesink", "filesrc location=${place}", "nonsense ! appsink name=tap",
        ])
        func pipelinesThatCannotWorkAreNamed(text: String) async throws {
            let own = try MadeVideo("file.gst", bytes: Array(text.utf8))
            let recording = Recording(.file(own.path), options: CaptureOptions(pipelineDirectory: own.directory))
            let error = await #expect(throws: SourceError.self) { try await recording.finish() }
            #expect(error?.kind == .badPipeline)
            #expect(error?.description.contains("file.gst") == true)
        }
    }
}
