internal import CBenchSupport
internal import Engine
internal import Venues

/// Lines `<recv ns> <venue 0|1> <json>` through the adapters into the engine, as the sequencer
/// drives them: one call a message, a stamp, one `apply`.
struct Ingest {
    struct Line {
        var received: Int64
        var venue: Int
        var text: UnsafeBufferPointer<UInt8>
        var isSnapshot: Bool
    }

    private let file: FileBytes
    let lines: [Line]
    let bytes: Int
    /// Kept from run to run, as the sequencer keeps it from block to block.
    private var block = EventBlock()

    init(_ path: String) {
        file = FileBytes(path)
        let all = file.bytes.bindMemory(to: UInt8.self)
        var lines: [Line] = []
        var bytes = 0
        var start = 0
        while start < all.count {
            var end = start
            while end < all.count, all[end] != 0x0a { end += 1 }
            var position = start
            var received: Int64 = 0
            while all[position] != 0x20 {
                received = received * 10 + Int64(all[position] - 0x30)
                position += 1
            }
            let text = UnsafeBufferPointer(rebasing: all[position + 3..<end])
            lines.append(
                Line(
                    received: received, venue: Int(all[position + 1] - 0x30), text: text,
                    isSnapshot: text.count > 15 && text[2] == 0x6c && text[3] == 0x61))
            bytes += text.count
            start = end + 1
        }
        self.lines = lines
        self.bytes = bytes
    }

    /// What a run left behind.
    struct Result {
        /// CPU time of the messages: from the first byte read to the last level set.
        var seconds = 0.0
        var deltas: UInt64 = 0
        var searched = 0
        /// Levels outside the C ladder's window.
        var outside = 0
        var state: Int64 = 0
        var unused = 0
        /// First price of each side of each venue: where the C ladder lays its window.
        var firstPrice: [Int64?] = [nil, nil, nil, nil]
        var allocationsAdapter: UInt64 = 0
        var allocationsFold: UInt64 = 0
        var counted = 0
    }

    /// Runs all lines; with `folding` false the adapters only. Allocations are counted in the
    /// second half of the lines when `counting`.
    mutating func run(folding: Bool = true, counting: Bool = false, tracing: Int32 = 0) -> Result {
        var result = Result()
        let instruments = InstrumentTable()
        let query = Array("/api/v3/depth?symbol=BTCUSDT&limit=5001".utf8)
        var adapters: [any VenueAdapter] = []
        let endpoints = [VenueEndpoint(.binance), VenueEndpoint(.coinbase, isExchangeFeed: true)]
        for endpoint in endpoints {
            guard let id = instruments.nextConnection(),
                let adapter = VenueRegistry.adapter(
                    endpoint, connection: id, name: [], instruments: instruments)
            else { fatalError("no adapter") }
            adapters.append(adapter)
        }
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        block.clear()
        block.firstSequence = 1
        block.append(.configuration(RecordSet.configuration()), receivedAt: lines[0].received)
        for adapter in adapters {
            adapter.connectionChanged(.up, receivedAt: lines[0].received, into: &block)
        }
        let start = bench_cpu_seconds()
        query.withUnsafeBufferPointer { query in
            var time: Int64 = 0
            var applied = 0
            for index in lines.indices {
                let line = lines[index]
                let isCounted = counting && index >= lines.count / 2
                if isCounted, index == lines.count / 2 { bench_trace(tracing, "adapters") }
                let before = isCounted ? bench_allocations() : 0
                let outcome = adapters[line.venue].receive(
                    line.text, origin: line.isSnapshot ? .rest(query) : .socket,
                    receivedAt: line.received, into: &block)
                adapters[line.venue].drainCommands { _ in }
                let between = isCounted ? bench_allocations() : 0
                if outcome != .used { result.unused += 1 }
                if result.isSearching { result.noteFirst(block, line.venue) }
                if folding {
                    time = block.stamp(from: applied, lastTime: time)
                    engine.apply(block, from: applied, into: &outputs)
                    applied = block.count
                }
                if isCounted {
                    result.counted += 1
                    result.allocationsAdapter += between - before
                    result.allocationsFold += bench_allocations() - between
                }
                guard block.count >= 4_096 else { continue }
                let next = block.firstSequence + UInt64(block.count)
                block.clear()
                block.firstSequence = next
                applied = 0
            }
        }
        result.seconds = bench_cpu_seconds() - start
        bench_trace(0, "")
        result.count(engine, adapters)
        return result
    }
}

extension Ingest.Result {
    fileprivate var isSearching: Bool { searched < 99 && counted == 0 && firstPrice.contains(nil) }

    /// Notes the first price of a side, in the units that its instrument has at that time.
    fileprivate mutating func noteFirst(_ block: borrowing EventBlock, _ venue: Int) {
        searched += 1
        guard let header = block.headers.last, header.bidCount + header.askCount > 0 else { return }
        let start = Int(header.levelStart)
        if firstPrice[venue * 2] == nil, header.bidCount > 0 {
            firstPrice[venue * 2] = block.levels[start].price
        }
        if firstPrice[venue * 2 + 1] == nil, header.askCount > 0 {
            firstPrice[venue * 2 + 1] = block.levels[start + Int(header.bidCount)].price
        }
    }

    /// Events that were applied, and the sum of all sizes in the books at 8 digits, without the
    /// levels that lie outside the C ladder's window of 2^21 ticks of 0.01.
    fileprivate mutating func count(_ engine: borrowing Engine, _ adapters: [any VenueAdapter]) {
        var all: [PriceLevel] = []
        for definition in engine.definitions {
            let venue = definition.venue == .binance ? 0 : 1
            let key = BookKey(
                instrument: definition.instrument, connection: adapters[venue].connection)
            let price = Ingest.power(2 - Int(definition.priceExponent))
            let size = Ingest.power(8 - Int(definition.sizeExponent))
            for side in 0..<2 {
                all.removeAll()
                engine.bestLevels(of: key, side == 0 ? .bid : .ask, count: 100_000, to: &all)
                let base = (firstPrice[venue * 2 + side] ?? 0) * price - 1 << 20
                for level in all {
                    if (base..<base + 1 << 21).contains(level.price * price) {
                        state &+= level.size &* size
                    } else {
                        outside += 1
                    }
                }
            }
            deltas += engine.updates(of: key)
        }
    }
}

extension Ingest {
    fileprivate static func power(_ exponent: Int) -> Int64 {
        precondition(exponent >= 0, "finer than the C programs")
        return (0..<exponent).reduce(1) { result, _ in result * 10 }
    }
}
