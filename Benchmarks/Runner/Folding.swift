internal import CBenchSupport
internal import Engine
internal import Journal
internal import Server

/// Metrics v0 of the C programs: every 250 ms and venue, touch and sizes of the best ten levels.
struct TouchMetrics {
    static let step: Int64 = 250_000_000
    var rows: UInt64 = 0
    var sum: UInt64 = 0
    private var next: Int64 = 0
    private var levels: [PriceLevel] = []
    private var sizeUnits: [UInt64] = []

    init() { levels.reserveCapacity(64) }

    /// Whether a message of this time comes behind a step.
    @inline(__always) func isDue(_ received: Int64) -> Bool { received >= next }

    mutating func take(_ engine: borrowing Engine, before received: Int64) {
        if next == 0 {
            next = (received / TouchMetrics.step + 1) * TouchMetrics.step
            return
        }
        if sizeUnits.isEmpty {
            for definition in engine.definitions {
                sizeUnits.append((definition.sizeExponent..<8).reduce(1) { unit, _ in unit * 10 })
            }
        }
        // Between two steps without a message nothing changed: the row is the same again.
        let times = UInt64((received - next) / TouchMetrics.step + 1)
        next += Int64(times) * TouchMetrics.step
        for venue in 0..<3 {
            levels.removeAll(keepingCapacity: true)
            engine.bestLevels(of: RecordSet.key(venue), .bid, count: 10, to: &levels)
            let bids = levels.count
            engine.bestLevels(of: RecordSet.key(venue), .ask, count: 10, to: &levels)
            guard bids > 0, levels.count > bids else { continue }
            var row = UInt64(bitPattern: levels[0].price &+ levels[bids].price)
            var sizes = UInt64(bitPattern: levels[0].size &+ levels[bids].size)
            for level in levels { sizes &+= UInt64(bitPattern: level.size) }
            row &+= sizes &* sizeUnits[venue]
            rows &+= times
            sum &+= row &* times
        }
    }
}

enum Folding {
    /// Read, checksum and zstd only.
    static func read(_ directory: String) throws {
        let cursor = try JournalReader(directory: directory).allBlocks(includingDerived: false)
        let buffer = BlockBuffer()
        while try cursor.next(into: buffer) != nil {}
    }

    static func decode(_ directory: String) throws {
        try LogReader(directory: directory).forEachBlock(from: 1) { _ throws(LogError) in true }
    }

    /// The product's fold; what the log holds is what it does.
    @discardableResult
    static func fold(_ directory: String, frames: Bool = false) throws -> Digest {
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: frames)
        try LogReader(directory: directory).forEachBlock(from: 1) { block throws(LogError) in
            engine.apply(block, into: &outputs)
            outputs.clear()
            return true
        }
        return engine.digest
    }

    /// The C program's work: the fold, and metrics v0 at 4 Hz over its books.
    static func sameWork(_ directory: String) throws -> TouchMetrics {
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        var metrics = TouchMetrics()
        try LogReader(directory: directory).forEachBlock(from: 1) { block throws(LogError) in
            var start = 0
            for index in 0..<block.count {
                let received = block.headers[index].receivedAt
                guard metrics.isDue(received) else { continue }
                engine.apply(block, range: start..<index, into: &outputs)
                start = index
                metrics.take(engine, before: received)
            }
            engine.apply(block, range: start..<block.count, into: &outputs)
            return true
        }
        return metrics
    }

    /// The books alone, events decoded before: what the C program calls apply.
    static func applyAlone(_ directory: String, runs: Int) throws -> [Double] {
        var blocks: [EventBlock] = []
        try LogReader(directory: directory).forEachBlock(from: 1) { block throws(LogError) in
            blocks.append(copy block)
            return true
        }
        return times(runs) {
            var engine = Engine()
            var outputs = OutputBuffer(wantsFrames: false)
            for block in blocks { engine.apply(block, into: &outputs) }
        }
    }
}
