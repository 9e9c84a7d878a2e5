internal import Bitstream
public import Foundation
public import Media

/// The access units of a video, without a pipeline: read by the `ffmpeg` command and split here.
public struct CodedVideo: Sendable {
    public let codec: VideoCodec
    /// In decoding order.
    public let units: [AccessUnit]

    /// Reads H.264 or MPEG-4 Part 2 from a container file; the time stamps are those that `ffprobe` reports.
    public init(file: URL, codec: VideoCodec) throws {
        self.codec = codec
        let filters = codec == .h264 ? "h264_mp4toannexb,h264_metadata=aud=insert" : "dump_extra=freq=keyframe"
        let format = codec == .h264 ? "h264" : "m4v"
        let stream = try FFmpeg.run(
            "ffmpeg",
            ["-v", "error", "-i", file.path, "-map", "0:v:0", "-c", "copy", "-bsf:v", filters, "-f", format, "-"])
        let times = try Self.times(of: file)
        let pictures = codec == .h264 ? Self.split(Array(stream), at: [9]) : Self.splitVideoObjects(Array(stream))
        guard pictures.count == times.count else {
            throw FFmpeg.Failure(
                description: "\(pictures.count) pictures but \(times.count) time stamps in \(file.path)")
        }
        var scanner = PictureScanner(codec: codec)
        units = zip(pictures, times).map { AccessUnit(bytes: $0, pts: $1, traits: scanner.scan($0)) }
    }

    /// Splits a bare MPEG-4 Part 2 stream, six pictures a second from zero on.
    public init(elementaryStream file: URL) throws {
        codec = .mpeg4
        var scanner = PictureScanner(codec: codec)
        units = Self.splitVideoObjects(Array(try Data(contentsOf: file))).enumerated().map { index, picture in
            AccessUnit(bytes: picture, pts: MediaTime(units: 15_000) * Int64(index), traits: scanner.scan(picture))
        }
    }

    private static func times(of file: URL) throws -> [MediaTime] {
        let table = try FFmpeg.run(
            "ffprobe",
            ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", file.path])
        return String(decoding: table, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            line.split(separator: ",").first.flatMap { Double($0) }.map { MediaTime(seconds: $0) }
        }
    }

    /// Splits before each access unit delimiter.
    private static func split(_ bytes: [UInt8], at types: Set<UInt8>) -> [[UInt8]] {
        cut(bytes, before: startCodes(bytes).filter { types.contains($0.code & 31) }.map(\.place))
    }

    /// Splits behind each video object plane: what follows one up to the next belongs to the next.
    private static func splitVideoObjects(_ bytes: [UInt8]) -> [[UInt8]] {
        let codes = startCodes(bytes)
        let starts = codes.indices.filter { $0 == 0 || codes[$0 - 1].code == 0xB6 }
        return cut(bytes, before: starts.map { codes[$0].place })
    }

    private static func cut(_ bytes: [UInt8], before places: [Int]) -> [[UInt8]] {
        zip(places, places.dropFirst() + [bytes.count]).map { Array(bytes[$0..<$1]) }
    }

    private static func startCodes(_ bytes: [UInt8]) -> [(place: Int, code: UInt8)] {
        var result: [(place: Int, code: UInt8)] = []
        var index = 2
        while index + 1 < bytes.count {
            if bytes[index] > 1 {
                index += 3
            } else if bytes[index] == 1, bytes[index - 1] == 0, bytes[index - 2] == 0 {
                let hasFourthByte = index >= 3 && bytes[index - 3] == 0
                result.append((index - (hasFourthByte ? 3 : 2), bytes[index + 1]))
                index += 3
            } else {
                index += 1
            }
        }
        return result
    }
}
