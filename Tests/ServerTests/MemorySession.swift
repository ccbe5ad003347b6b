import Engine
import Journal
import MemoryJournal

@testable import Server

/// A journal on a modelled disk with a sequencer that takes one book and clock ticks.
final class MemorySession {
    static let start: Int64 = 1_767_571_200_100_000_000
    /// Nanoseconds between two ticks.
    static let tick: Int64 = 500_000_000

    let storage: MemoryStorage
    let writer: JournalWriter
    /// Frames and rollups that were handed out, each in one line.
    private(set) var shown: [String] = []
    private(set) lazy var sequencer = Sequencer(writer: writer, policy: policy) { outputs in
        for output in outputs.outputs {
            self.shown.append("\(output.sequence) \(output.kind) \(output.windowBps)")
        }
    }
    private let policy: SequencerPolicy
    /// Messages that were taken.
    private(set) var messages: Int64 = 0

    init(
        _ storage: MemoryStorage = MemoryStorage(), policy: SequencerPolicy = SequencerPolicy(),
        configuration: JournalConfiguration = .batch
    ) throws {
        self.storage = storage
        self.policy = policy
        writer = try JournalWriter(
            storage: storage, configuration: configuration, canonicalBytes: LogCodec.canonicalBytes)
    }

    func begin() throws {
        try sequencer.begin(
            source: .recording, configuration: EngineConfiguration(), at: Self.start)
    }

    /// One message of the venue: the definition and a snapshot first, later a change. Where it
    /// throws, the message may have been taken: `messages` tells.
    func message() throws {
        let number = messages
        let before = sequencer.sequence
        defer { if sequencer.sequence > before { messages += 1 } }
        try sequencer.receive { (block: inout EventBlock) in
            Self.append(number, at: Self.start + number, to: &block)
        }
    }

    static func append(_ number: Int64, at time: Int64, to block: inout EventBlock) {
        if number == 0 {
            block.append(
                .instrumentDefinition(
                    InstrumentDefinition(
                        instrument: 0, venue: .binance, venueSymbol: Array("BTCUSDT".utf8),
                        base: Array("BTC".utf8), quote: Array("USDT".utf8), priceExponent: 2,
                        sizeExponent: 2)), receivedAt: time)
        }
        let bids = [PriceLevel(price: 10_000 - number % 7, size: 5 + number % 3)]
        let asks = [PriceLevel(price: 10_100 + number % 5, size: 4 + number % 4)]
        bids.withUnsafeBufferPointer { bids in
            asks.withUnsafeBufferPointer { asks in
                block.appendBook(
                    number == 0 ? .bookSnapshot : .bookDelta,
                    BookEventFields(
                        key: BookKey(instrument: 0, connection: 0), receivedAt: time),
                    bids: bids, asks: asks)
            }
        }
    }

    /// Lets the ticks fall that are due `ticks` ticks after the start.
    func tick(_ ticks: Int64) throws {
        try sequencer.tick(before: Self.start + ticks * Self.tick)
    }

    /// The journal as it is now, read from a disk that nobody writes.
    func log() -> LogReader {
        LogReader(journal: JournalReader(storage: MemoryStorage(storage.disk.afterKill())))
    }

    /// Canonical bytes of all events: the chain hashes them segment by segment.
    func canonical() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try log().forEachBlock(from: 1) { block throws(LogError) in
            CanonicalEvent.append(block, to: &bytes)
            return true
        }
        return bytes
    }

    /// What does not hold of the journal as it is now.
    func faults() throws -> [String] { try Self.faults(storage) }

    /// What does not hold: differences of the whole log, and of every segment folded alone.
    static func faults(_ storage: MemoryStorage) throws -> [String] {
        let disk = storage.disk.afterKill()
        let log = LogReader(journal: JournalReader(storage: MemoryStorage(disk)))
        let bounds = try log.bounds()
        let whole = try Verifier(log).run(bounds)
        var faults = whole.differences
        if bounds.lowerBound != 1 { faults.append("the log begins at \(bounds.lowerBound)") }
        for name in try log.journal.segmentNames() {
            let segment = try log.journal.segment(named: name)
            guard segment.info.events > 0 else { continue }
            let first = segment.info.firstSequence
            guard segment.entries[0].kind == BlockKind.checkpoint.rawValue else {
                faults.append("\(name) opens with kind \(segment.entries[0].kind)")
                continue
            }
            guard try log.checkpoint(notAfter: first - 1).sequence == first - 1 else {
                faults.append("\(name) opens with another state")
                continue
            }
            let alone = try Verifier(log).run(first...segment.info.lastSequence)
            faults += alone.differences.map { "\(name) alone: \($0)" }
            if alone.digest != (try log.digest(after: segment.info.lastSequence)) {
                faults.append("\(name) alone: another digest")
            }
        }
        return faults
    }
}

extension LogReader {
    /// The digest after `sequence`, folded from the first event on.
    func digest(after sequence: UInt64) throws -> Digest {
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        try forEachBlock(from: 1) { block throws(LogError) in
            let end = min(block.count, Int(sequence + 1 - block.firstSequence))
            try apply(block, 0..<end, to: &engine, &outputs)
            return engine.sequence < sequence
        }
        return engine.digest
    }
}
