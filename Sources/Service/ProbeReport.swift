internal import Foundation
internal import Media

/// What `videowire probe` found out about a source.
public struct ProbeReport: Sendable, Encodable {
    public struct GroupOfPictures: Sendable, Encodable {
        /// Between key pictures, in seconds; nil until two were seen.
        public var shortestSeconds: Double?
        public var longestSeconds: Double?
        /// Pictures between the first two key pictures.
        public var pictures: Int?
    }

    public internal(set) var source: String
    public internal(set) var codec = ""
    public internal(set) var profile: String?
    public internal(set) var width = 0
    public internal(set) var height = 0
    /// Measured over what was seen.
    public internal(set) var framesPerSecond: Double?
    public internal(set) var kilobitsPerSecond: Int?
    public internal(set) var groupOfPictures = GroupOfPictures()
    public internal(set) var hasBFrames = false
    public internal(set) var hasReferenceBFrames = false
    public internal(set) var activeReferences = 0
    public internal(set) var isLive: Bool
    /// Whether a sender report gave capture times.
    public internal(set) var hasSenderReports = false
    /// Pictures decoded, and those that carried motion vectors.
    public internal(set) var decodedPictures = 0
    public internal(set) var picturesWithVectors = 0
    public internal(set) var lostPictures = 0
    /// The way motion would be taken, and why.
    public internal(set) var motionWay = ""
    public internal(set) var motionReason = ""
    public internal(set) var seconds = 0.0

    /// For people: a label and a sentence a line.
    public var text: String {
        var rows: [(String, String)] = [("source", source)]
        let rate = framesPerSecond.map { ", \(Self.rounded($0)) pictures/s" } ?? ""
        let bits = kilobitsPerSecond.map { ", \($0) kbit/s" } ?? ""
        rows.append(("video", "\(codec)\(profile.map { " (\($0))" } ?? ""), \(width)×\(height)\(rate)\(bits)"))
        rows.append(("GOP", gopText))
        rows.append(
            ("B-frames", hasBFrames ? (hasReferenceBFrames ? "yes, some are references (pyramid)" : "yes") : "no"))
        if activeReferences > 0 { rows.append(("references", "\(activeReferences)")) }
        rows.append(("vectors", "\(picturesWithVectors) of \(decodedPictures) decoded pictures carry motion vectors"))
        rows.append(("sender reports", senderText))
        if lostPictures > 0 { rows.append(("lost", "\(lostPictures) pictures")) }
        rows.append(("motion", "\(motionWay): \(motionReason)"))
        rows.append(("seen", "\(Self.rounded(seconds)) s"))
        return rows.map { label, value in label.padding(toLength: 16, withPad: " ", startingAt: 0) + value }
            .joined(separator: "\n")
    }

    private var gopText: String {
        guard let shortest = groupOfPictures.shortestSeconds, let longest = groupOfPictures.longestSeconds else {
            return "one key picture in \(Self.rounded(seconds)) s"
        }
        let length =
            shortest == longest
            ? "\(Self.rounded(shortest)) s" : "\(Self.rounded(shortest)) to \(Self.rounded(longest)) s"
        return length + (groupOfPictures.pictures.map { ", the first \($0) pictures" } ?? "")
    }

    private var senderText: String {
        if !isLive { return "none: a file" }
        return hasSenderReports
            ? "yes: capture times are the sender's"
            : "none in \(Self.rounded(seconds)) s: capture times are those of arrival"
    }

    private static func rounded(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
    }

    /// One JSON object.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

/// Collects a `ProbeReport` from access units: a pure accumulator.
struct ProbeAccumulator {
    private(set) var report: ProbeReport
    private var first: MediaTime?
    private var newest = MediaTime.zero
    private var keys: [MediaTime] = []
    private var units = 0
    private var unitsAtSecondKey: Int?
    private var bytes = 0

    init(source: String, isLive: Bool) {
        report = ProbeReport(source: source, isLive: isLive)
    }

    mutating func add(_ format: VideoFormat) {
        report.codec = format.codec.rawValue
        report.profile = format.profile
        report.width = format.width
        report.height = format.height
    }

    mutating func add(_ unit: AccessUnit) {
        let start = first ?? unit.pts
        first = start
        if unit.traits.isKey {
            if keys.count == 1 { unitsAtSecondKey = units }
            keys.append(unit.pts)
        }
        if unit.pts < newest || unit.traits.type == .bidirectional { report.hasBFrames = true }
        if unit.traits.type == .bidirectional, unit.traits.isReference { report.hasReferenceBFrames = true }
        newest = max(newest, unit.pts)
        units += 1
        bytes += unit.bytes.count
        report.activeReferences = max(report.activeReferences, unit.traits.activeReferences)
        report.hasSenderReports = report.hasSenderReports || unit.senderUTC != nil
        report.seconds = (newest - start).seconds
    }

    mutating func addLoss(_ count: Int) {
        report.lostPictures += count
    }

    mutating func add(_ picture: any DecodedPicture) {
        report.decodedPictures += 1
        if picture.withVectors({ !$0.isEmpty }) { report.picturesWithVectors += 1 }
    }

    /// The report with its means worked out.
    func finished(way: String, reason: String) -> ProbeReport {
        var report = report
        report.motionWay = way
        report.motionReason = reason
        if report.seconds > 0, units > 1 {
            report.framesPerSecond = Double(units - 1) / report.seconds
            report.kilobitsPerSecond = Int((Double(bytes) * 8 / report.seconds / 1000).rounded())
        }
        let lengths = zip(keys.dropFirst(), keys).map { ($0 - $1).seconds }
        report.groupOfPictures.shortestSeconds = lengths.min()
        report.groupOfPictures.longestSeconds = lengths.max()
        report.groupOfPictures.pictures = unitsAtSecondKey
        return report
    }
}
