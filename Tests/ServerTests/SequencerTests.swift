import Engine
import Foundation
import Journal
import Testing

@testable import Server

/// A journal in a folder of its own, with a sequencer that takes clock times only.
private final class Session {
    let folder: String
    let sequencer: Sequencer
    static let start: Int64 = 1_767_571_200_100_000_000

    init(policy: SequencerPolicy = SequencerPolicy(), configuration: JournalConfiguration = .batch)
        throws
    {
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("tapefold-\(UUID().uuidString)").path
        let writer = try JournalWriter(
            directory: folder, configuration: configuration,
            canonicalBytes: LogCodec.canonicalBytes)
        sequencer = Sequencer(writer: writer, policy: policy)
        try sequencer.begin(
            source: .recording, configuration: EngineConfiguration(), at: Self.start)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// One message that says nothing but its mark price, after the ticks that are due.
    func message(at time: Int64) throws {
        try sequencer.tick(before: time)
        try sequencer.receive { block in
            block.append(
                .markPrice(
                    MarkPrice(
                        instrument: 0, mark: Decimal(mantissa: 5, exponent: 0), index: .zero,
                        sourceTime: time)), receivedAt: time)
        }
    }

    /// Kinds and times of all events, as `k time` with times in ms after the start.
    func events() throws -> [String] {
        var result: [String] = []
        try LogReader(directory: folder).forEachBlock(from: 1) { block throws(LogError) in
            for header in block.headers {
                let kind = EventKind(rawValue: header.kind).map { "\($0)" } ?? "?"
                result.append("\(kind) \((header.time - Self.start) / 1_000_000)")
            }
            return true
        }
        return result
    }
}

@Suite struct SequencerTests {
    @Test func `events that the fold refuses are counted`() throws {
        let session = try Session()
        try session.message(at: Session.start)
        #expect(session.sequencer.refusedEvents == 0)
        for number in 1...3 as ClosedRange<UInt64> {
            try session.sequencer.receive { block in
                block.appendTrade(
                    key: BookKey(instrument: 7, connection: 0), takerSide: .buy,
                    receivedAt: Session.start, sourceTime: Session.start, tradeID: 1, price: 1,
                    size: 1)
            }
            #expect(session.sequencer.refusedEvents == number)
        }
        #expect(session.sequencer.sequence == 6)
    }

    @Test func `all ticks that are due come before a message, on the UTC grid`() throws {
        let session = try Session()
        try session.message(at: Session.start)
        try session.message(at: Session.start + 399_999_999)
        try session.message(at: Session.start + 400_000_000)
        try session.message(at: Session.start + 1_500_000_000)
        try session.sequencer.close()
        #expect(
            try session.events() == [
                "sessionStart 0", "configuration 0", "markPrice 0", "markPrice 399",
                "clockTick 400", "markPrice 400", "clockTick 900", "clockTick 1400",
                "markPrice 1500",
            ])
    }

    @Test func `a stall of more than ten seconds gives one gap and one tick`() throws {
        let session = try Session()
        try session.message(at: Session.start)
        try session.message(at: Session.start + 10_000_000_000)
        try session.message(at: Session.start + 20_000_000_001)
        try session.sequencer.close()
        let events = try session.events()
        #expect(events.filter { $0.hasPrefix("clockTick") }.count == 21)
        #expect(events.suffix(3) == ["clockGap 19900", "clockTick 19900", "markPrice 20000"])
    }

    @Test func `a message from before the last event keeps the order of time`() throws {
        let session = try Session()
        try session.message(at: Session.start + 1_000_000_000)
        try session.message(at: Session.start + 500_000_000)
        try session.sequencer.close()
        #expect(try session.events().suffix(2) == ["markPrice 1000", "markPrice 1000"])
    }

    @Test func `blocks, segments and checkpoints change neither events nor digest`() throws {
        var small = SequencerPolicy()
        small.eventsPerBlock = 3
        small.nanosPerCheckpoint = 2_000_000_000
        var segments = JournalConfiguration.batch
        segments.segmentAgeNanos = 5_000_000_000
        let plain = try Session()
        let chopped = try Session(policy: small, configuration: segments)
        for session in [plain, chopped] {
            for step in 0..<40 as Range<Int64> {
                try session.message(at: Session.start + step * 333_000_000)
            }
            try session.sequencer.close()
        }
        #expect(try plain.events() == chopped.events())
        let one = try Verifier(LogReader(directory: plain.folder)).run(
            LogReader(directory: plain.folder).bounds())
        let other = try Verifier(LogReader(directory: chopped.folder)).run(
            LogReader(directory: chopped.folder).bounds())
        #expect(one.digest == other.digest && one.differenceCount + other.differenceCount == 0)
        #expect(other.segments == 3 && other.checkpoints > 5 && one.segments == 1)
    }

    @Test func `a session that journals every tick rolls and keeps checkpoints, too`() throws {
        var policy = SequencerPolicy()
        policy.nanosPerCheckpoint = 2_000_000_000
        var segments = JournalConfiguration.batch
        segments.segmentAgeNanos = 5_000_000_000
        let session = try Session(policy: policy, configuration: segments)
        for step in 0..<40 as Range<Int64> {
            try session.message(at: Session.start + step * 333_000_000)
            try session.sequencer.flush()
        }
        try session.sequencer.close()
        let log = LogReader(directory: session.folder)
        let report = try Verifier(log).run(log.bounds())
        #expect(report.segments == 3 && report.checkpoints > 5 && report.differenceCount == 0)
    }

    @Test func `a time finds the last event at or before it`() throws {
        let session = try Session()
        for step in 0..<20 as Range<Int64> {
            try session.message(at: Session.start + step * 100_000_000)
        }
        try session.sequencer.close()
        let reader = LogReader(directory: session.folder)
        let bounds = try reader.bounds()
        var times: [Int64] = []
        try reader.forEachBlock(from: 1) { block throws(LogError) in
            times += block.headers.map(\.time)
            return true
        }
        for offset in stride(from: Int64(0), to: 2_100_000_000, by: 50_000_000) {
            let time = Session.start + offset
            let expected = UInt64(times.lastIndex { $0 <= time } ?? -1) + 1
            #expect(try reader.sequence(of: .time(time)) == expected)
        }
        #expect(try reader.sequence(of: .time(.max)) == bounds.upperBound)
        #expect(throws: LogError.self) { try reader.sequence(of: .time(Session.start - 1)) }
        #expect(throws: LogError.self) { try reader.sequence(of: .sequence(0)) }
        #expect(throws: LogError.self) {
            try reader.sequence(of: .sequence(bounds.upperBound + 1))
        }
    }
}
