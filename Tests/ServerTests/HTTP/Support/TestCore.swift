import Engine
import Foundation
import Journal
import Synchronization

@testable import Server

/// A live core for the front: a real sequencer, journal and engine, moved on by the test alone.
///
/// `@unchecked Sendable`: everything is done under the lock.
final class TestCore: LiveAccess, @unchecked Sendable {
    static let start: Int64 = 1_767_571_200_100_000_000
    static let tick: Int64 = 500_000_000

    let folder: String
    let hub: Hub
    private let lock = NSRecursiveLock()
    private var sequencer: Sequencer!
    private var time: Int64
    private var number: Int64 = 0
    private var current = LiveStatus()
    private let slowness = Mutex<Duration?>(nil)

    /// Begins a journal in `folder`, or goes on with the one that is there.
    init(folder: String, hub: Hub, segmentBytes: Int = 64 << 20, policy: SequencerPolicy) throws {
        self.folder = folder
        self.hub = hub
        var configuration = JournalConfiguration.batch
        configuration.segmentBytes = segmentBytes
        var policy = policy
        policy.wantsTrades = true
        let isNew = !FileManager.default.fileExists(atPath: folder)
        let writer = try JournalWriter(
            directory: folder, configuration: configuration,
            canonicalBytes: LogCodec.canonicalBytes)
        time = Self.start
        if isNew {
            sequencer = Sequencer(writer: writer, policy: policy) { [unowned self] in publish($0) }
            try sequencer.begin(
                source: .simulated, configuration: EngineConfiguration(), at: time)
        } else {
            let end = try LogReader(directory: folder).end()
            sequencer = Sequencer(writer: writer, after: end, policy: policy) { [unowned self] in
                publish($0)
            }
            time = sequencer.time
            number = Int64(sequencer.sequence)
            try sequencer.resume(
                source: .simulated, configuration: EngineConfiguration(), at: time)
        }
        note()
    }

    private func publish(_ outputs: borrowing OutputBuffer) {
        sequencer.withEngine { hub.publish(outputs, $0) }
    }

    /// One message of each venue, and the tick behind it: one frame a channel.
    func step(_ count: Int = 1) throws {
        try lock.withLock {
            for _ in 0..<count {
                try sequencer.receive { append($0.count == 0, &$0) }
                time += Self.tick
                try sequencer.tick(before: time)
                try sequencer.flush()
            }
            note()
        }
    }

    private func append(_ isFirst: Bool, _ block: inout EventBlock) {
        if number == 0 || sequencer.withEngine({ $0.definitions.isEmpty }) { define(&block) }
        let isSnapshot = sequencer.withEngine {
            $0.bookSummaries.allSatisfy { $0.validity != .live }
        }
        for instrument in 0..<2 as Range<UInt16> {
            let offset = Int64(instrument) * 3
            let bids = (0..<20).map { level in
                PriceLevel(
                    price: 9_000_000 - Int64(level) * 100 - number % 7 - offset,
                    size: 500 + Int64(level) * 10 + number % 3)
            }
            let asks = (0..<20).map { level in
                PriceLevel(
                    price: 9_001_000 + Int64(level) * 100 + number % 5 + offset,
                    size: 400 + Int64(level) * 10 + number % 4)
            }
            bids.withUnsafeBufferPointer { bids in
                asks.withUnsafeBufferPointer { asks in
                    block.appendBook(
                        isSnapshot || number % 5 == 0 ? .bookSnapshot : .bookDelta,
                        BookEventFields(
                            key: BookKey(instrument: instrument, connection: instrument),
                            receivedAt: time), bids: bids, asks: asks)
                }
            }
        }
        for trade in 0..<(number % 4) {
            block.appendTrade(
                key: BookKey(instrument: UInt16(trade % 2), connection: UInt16(trade % 2)),
                takerSide: trade == 0 ? .buy : .sell, receivedAt: time, sourceTime: time,
                tradeID: number * 10 + trade, price: 9_000_500 + trade, size: 100 + number)
        }
        number += 1
    }

    private func define(_ block: inout EventBlock) {
        for (index, venue) in [Venue.binance, .coinbase].enumerated() {
            let quote = index == 0 ? "USDT" : "USD"
            block.append(
                .instrumentDefinition(
                    InstrumentDefinition(
                        instrument: UInt16(index), venue: venue,
                        venueSymbol: Array((index == 0 ? "BTCUSDT" : "BTC-USD").utf8),
                        base: Array("BTC".utf8), quote: Array(quote.utf8), priceExponent: 2,
                        sizeExponent: 3)), receivedAt: time)
        }
    }

    private func note() {
        current.source = .simulated
        current.acceptedSequence = sequencer.sequence
        current.durableSequence = sequencer.sequence
        current.time = sequencer.time
        current.tickHz = 2
        sequencer.withEngine { engine in
            current.symbols = engine.symbols.map { String(decoding: $0, as: UTF8.self) }
            current.windowsBps = engine.configuration.windowsBps
        }
    }

    /// A trade, and no tick behind it.
    func trade() throws {
        try append { block, time in
            block.appendTrade(
                key: BookKey(instrument: 0, connection: 0), takerSide: .buy,
                receivedAt: time, sourceTime: time, tradeID: 7, price: 9_000_700, size: 50)
        }
    }

    /// Adds events of now to the log, and no tick behind them.
    func append(_ body: (inout EventBlock, _ now: Int64) -> Void) throws {
        try lock.withLock {
            try sequencer.receive { body(&$0, time) }
            try sequencer.flush()
            note()
        }
    }

    /// Adds an event to the log as it is.
    func record(_ body: EventBody) throws {
        try lock.withLock {
            try sequencer.receive { $0.append(body, receivedAt: time) }
            try sequencer.flush()
            note()
        }
    }

    /// Reads the engine itself.
    func look<Result>(_ body: (borrowing Engine) -> Result) -> Result {
        lock.withLock { sequencer.withEngine(body) }
    }

    /// Lets retention pass over the journal; who held what was to go.
    func retain(segments: Int) throws -> RetentionReport.Keeper? {
        try lock.withLock {
            guard let lock = sequencer.writer.lock else { return nil }
            return try Retention.apply(RetentionPolicy(segmentsMax: segments), lock: lock).keeper
        }
    }

    func close() throws { try lock.withLock { try sequencer.close() } }

    var lastTime: Int64 { lock.withLock { sequencer.time } }

    private var questions = 0
    /// Questions that came.
    var asked: Int { lock.withLock { questions } }

    // MARK: LiveAccess

    var status: LiveStatus { lock.withLock { current } }

    func change(_ body: (inout LiveStatus) -> Void) { lock.withLock { body(&current) } }

    /// Answers take this long from now on.
    func slow(_ time: Duration?) { slowness.withLock { $0 = time } }

    func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (borrowing Engine) -> Answer
    ) async throws -> Answer {
        lock.withLock { questions += 1 }
        let end = ContinuousClock.now + (slowness.withLock { $0 } ?? .zero)
        while slowness.withLock({ $0 }) != nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
        if let reason = status.pause { throw LiveAccessError.paused(reason) }
        return look(body)
    }

    /// All frames of a channel, folded from the journal's first event: what was served.
    static func frames(
        _ folder: String, symbol: String = "BTC-USD", window: UInt32 = 50
    ) throws -> [[UInt8]] {
        let reader = LogReader(directory: folder)
        var frames: [[UInt8]] = []
        let bounds = try reader.bounds()
        var engine = try reader.engine(after: bounds.lowerBound - 1)
        var outputs = OutputBuffer(wantsFrames: true)
        try reader.forEachBlock(from: bounds.lowerBound) { block throws(LogError) in
            try reader.apply(block, 0..<block.count, to: &engine, &outputs) { outputs, engine in
                let symbols = engine.symbols
                for output in outputs.outputs
                where output.kind == .frame && output.windowBps == window
                    && symbols[output.symbol] == Array(symbol.utf8)
                {
                    frames.append(Array(outputs.bytes(of: output)))
                }
            }
            return true
        }
        return frames
    }

    /// The sequence that a frame bears.
    static func sequence(_ frame: [UInt8]) -> UInt64 {
        String(decoding: frame, as: UTF8.self).firstMatch(of: /"seq":(\d+)/)
            .flatMap { UInt64($0.1) } ?? 0
    }
}
