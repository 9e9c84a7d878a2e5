import Foundation
import MediaTesting
import Testing

@Suite struct MotionTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Against what an independent extractor reports.
    @Test(
        .enabled(if: SharedFolder.has("media", "fixtures/motion-vectors"), "needs the folder of reference outputs"),
        arguments: ["car-detection", "bottle-detection"])
    func rawVectorsEqualTheReference(name: String) async throws {
        let table = scratch.path("vectors.npy")
        let result = try await Program.run(
            "videowire", ["motion", SharedFolder.path("media/\(name).mp4"), "--format", "npy", "-o", table])
        #expect(result.status == 0, "\(result.errors)")
        let script = try scratch.write("compare.py", Self.comparison)
        let comparison = try await Program.run(
            "/usr/bin/python3", [script, table, SharedFolder.path("fixtures/motion-vectors/\(name).safetensors")])
        #expect(comparison.status == 0, "\(comparison.errors)")
        // Decoder versions differ in the last block rows of one B-picture: 16 vectors more and 6 fewer, ten in the sum.
        #expect(comparison.lines == (name == "bottle-detection" ? ["75 16 6"] : []))
    }

    private static let comparison = """
        import collections, json, struct, sys
        import numpy
        ours = numpy.load(sys.argv[1])
        raw = open(sys.argv[2], "rb").read()
        size = struct.unpack("<Q", raw[:8])[0]
        header = json.loads(raw[8:8 + size])
        def tensor(name):
            entry = header[name]
            begin, end = entry["data_offsets"]
            kind = {"I32": "<i4", "I64": "<i8", "U8": "u1"}[entry["dtype"]]
            return numpy.frombuffer(raw[8 + size + begin:8 + size + end], kind).reshape(entry["shape"])
        vectors, offsets, types = tensor("vectors"), tensor("frame_offsets"), tensor("frame_types")
        # The reference covers the beginning of the file.
        ours = ours[ours[:, 0] < len(types)]
        for frame, kind in enumerate(types):
            rows = ours[ours[:, 0] == frame]
            assert (rows[:, 1] == kind).all(), f"frame {frame} has another type"
            found = collections.Counter(map(tuple, rows[:, 2:].tolist()))
            expected = vectors[offsets[frame]:offsets[frame + 1]]
            wanted = collections.Counter(map(tuple, expected.tolist()))
            if not numpy.array_equal(rows[:, 2:], expected):
                print(frame, (found - wanted).total(), (wanted - found).total())
        """

    @Test func csvAndArrayHoldTheSame() async throws {
        let clip = try await scratch.makeClip("b.mp4", seconds: 2, size: "160x96", Scratch.x264WithB)
        let csv = try await Program.run("videowire", ["motion", clip])
        #expect(csv.status == 0)
        #expect(csv.lines.first == "frame,type,source,w,h,src_x,src_y,dst_x,dst_y,motion_x,motion_y,motion_scale")
        #expect(csv.lines.count > 100)
        let array = scratch.path("b.npy")
        #expect(try await Program.run("videowire", ["motion", clip, "--format", "npy", "-o", array]).status == 0)
        let script = "import numpy,sys\nfor r in numpy.load(sys.argv[1]).tolist(): r[1]=chr(r[1]); print(*r,sep=',')"
        let rows = try await Program.run("/usr/bin/python3", ["-c", script, array])
        #expect(rows.lines.count == csv.lines.count - 1)
        let difference = zip(rows.lines, csv.lines.dropFirst()).first { $0 != $1 }
        #expect(difference == nil)
    }
}
