import Foundation
import Testing

/// Numbers of the reference modules, evaluated in double precision.
struct Golden: Decodable {
    var shape: [Int]
    var sum: Double
    var sumabs: Double
    /// All of them, or the first ones.
    var values: [Double]

    static let all: [String: Golden] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/video-lavit.json")
        guard let data = try? Data(contentsOf: file) else { return [:] }
        return (try? JSONDecoder().decode([String: Golden].self, from: data)) ?? [:]
    }()

    /// Every value within 1e-5, and so the sums as far as the number of values allows.
    static func expect(
        _ name: String, _ values: [Float], within tolerance: Double = 1e-5,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let golden = try #require(all[name], "\(name)", sourceLocation: sourceLocation)
        #expect(values.count == golden.shape.reduce(1, *), sourceLocation: sourceLocation)
        let worst = zip(values, golden.values).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(worst <= tolerance, "\(name): \(worst)", sourceLocation: sourceLocation)
        let sum = values.reduce(0) { $0 + Double($1) }
        let room = tolerance * Double(values.count).squareRoot() * 4
        #expect(abs(sum - golden.sum) <= room, "\(name): sum \(sum)", sourceLocation: sourceLocation)
        let absolute = values.reduce(0) { $0 + Double(abs($1)) }
        #expect(abs(absolute - golden.sumabs) <= room, "\(name): sum \(absolute)", sourceLocation: sourceLocation)
    }
}
