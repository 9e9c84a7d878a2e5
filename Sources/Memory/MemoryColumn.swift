/// The mean features of a run of clips.
struct MemoryCell: Sendable, Hashable {
    /// Row-major, a row a location.
    var values: [Float]
    var run: MemoryRun

    /// The mean of both, each counting as often as it has clips.
    func joined(with next: MemoryCell) -> MemoryCell {
        let (mine, others) = (Double(run.weight), Double(next.run.weight))
        let total = mine + others
        return MemoryCell(
            values: zip(values, next.values).map { Float((mine * Double($0) + others * Double($1)) / total) },
            run: run.joined(with: next.run))
    }
}

/// Locations that are merged together, over the slots from the oldest to the newest.
///
/// How alike neighbours are is computed once, when they become neighbours or one of them changes.
struct MemoryColumn: Sendable, Hashable {
    let locations: Int
    private(set) var cells: [MemoryCell] = []
    /// Of each cell and the next one.
    private(set) var similarities: [Double] = []

    init(locations: Int, cells: [MemoryCell] = []) {
        self.locations = locations
        self.cells = cells
        similarities = Self.similarities(of: cells, locations: locations)
    }

    mutating func append(_ cell: MemoryCell) {
        if let last = cells.last { similarities.append(similarity(last, cell)) }
        cells.append(cell)
    }

    /// Merges the neighbours that are most alike; of pairs that are equally alike, the oldest. There must be two cells.
    mutating func merge() {
        let pair = similarities.indexOfMaximum
        cells[pair] = cells[pair].joined(with: cells[pair + 1])
        cells.remove(at: pair + 1)
        similarities.remove(at: pair)
        if pair > 0 { similarities[pair - 1] = similarity(cells[pair - 1], cells[pair]) }
        if pair < similarities.count { similarities[pair] = similarity(cells[pair], cells[pair + 1]) }
    }

    /// Takes cells out, by their places.
    mutating func remove(_ places: Set<Int>) {
        self = MemoryColumn(
            locations: locations, cells: cells.indices.filter { !places.contains($0) }.map { cells[$0] })
    }

    private func similarity(_ a: MemoryCell, _ b: MemoryCell) -> Double {
        Cosine.mean(a.values, b.values, locations: locations)
    }

    /// All of them anew: what `similarities` must be equal to.
    static func similarities(of cells: [MemoryCell], locations: Int) -> [Double] {
        zip(cells, cells.dropFirst()).map { Cosine.mean($0.values, $1.values, locations: locations) }
    }
}

extension [Double] {
    /// The lowest index of the largest element.
    var indexOfMaximum: Int {
        var best = 0
        for index in indices where self[index] > self[best] { best = index }
        return best
    }
}
