import TestSupport
import Testing

@testable import Engine

/// Checkpoints lie outside the hash chain and reach a page from outside: one that decodes must be
/// safe to fold on from, to ask, and to save, whatever stands in it.
@Suite struct HostileStateTests {
    #if DEBUG
        private let trials = 1_000
    #else
        private let trials = 100_000
    #endif

    private func engine() -> Engine {
        var session = RandomSession(seed: 18)
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        engine.apply(session.head(), into: &outputs)
        engine.apply(session.next(120), into: &outputs)
        return engine
    }

    /// Folds three ticks, asks for everything and saves.
    private func use(_ engine: inout Engine) {
        var outputs = OutputBuffer(wantsFrames: true)
        for _ in 0..<3 {
            var block = EventBlock()
            block.firstSequence = engine.sequence + 1
            block.appendClockTick(time: engine.time + 250_000_000)
            _ = block.stamp(from: 0, lastTime: engine.time)
            engine.apply(block, into: &outputs)
            outputs.clear()
        }
        var text: [UInt8] = []
        StateEncoder.append(engine, levels: 5, to: &text)
        for table in engine.tables {
            for isBuy in [true, false] {
                let order = Order(
                    symbol: table.name, isBuy: isBuy,
                    notional: Decimal(mantissa: 5_000, exponent: 0))
                try? engine.execute(order, to: &text)
            }
        }
        _ = Checkpoint.encode(engine)
    }

    @Test func `whatever a checkpoint says, an engine made from it does not trap`() throws {
        let parts = Checkpoint.encode(engine())
        let extremes: [UInt64] = [
            .max, 0, 1 << 63, 1 << 62, UInt64(Int64.max), 0x8080_8080_8080_8080,
            0x0101_0101_0101_0101,
        ]
        var random = SeededRandom(seed: 19)
        var used = 0
        for _ in 0..<trials {
            var damaged = parts
            let width = [1, 8, 16][Int(random.next() % 3)]
            let position = Int(random.next() % UInt64(parts[0].count - width))
            let value = extremes[Int(random.next() % UInt64(extremes.count))]
            for byte in 0..<width {
                damaged[0][position + byte] = UInt8(
                    truncatingIfNeeded: value >> UInt64(byte % 8 * 8))
            }
            guard var other = try? Checkpoint.decode(damaged) else { continue }
            use(&other)
            used += 1
        }
        print("hostile checkpoints: \(trials) of \(parts[0].count) bytes, \(used) engines used")
        #expect(used > trials / 20)
    }

    @Test func `a checkpoint's sequence leaves room for the next event`() {
        var engine = engine()
        engine.sequence = .max
        #expect(throws: CodecError.self) { _ = try Checkpoint.decode(Checkpoint.encode(engine)) }
    }

    @Test func `a checkpoint's mids, samples and seconds are those of real books`() {
        var mid = engine()
        mid.tables[0].rollup.second = 0
        mid.tables[0].rollup.midMin = ShownMid(mantissa: .max, decimals: 0)
        #expect(throws: CodecError.self) { _ = try Checkpoint.decode(Checkpoint.encode(mid)) }
        var sample = engine()
        sample.books[0].samples = [
            TickSample(
                time: .min, isLive: true, midTwice: 20_100, priceExponent: 2, bidSize: 5,
                askSize: 5)
        ]
        #expect(throws: CodecError.self) { _ = try Checkpoint.decode(Checkpoint.encode(sample)) }
    }
}
