import TestSupport
import Testing

@testable import Engine

/// Folds a seeded session and gives all outputs as text, with the digest at the end.
private struct Folded: Equatable {
    var frames: [String] = []
    var rollups: [String] = []
    /// Books for which the fold asked a new snapshot, and after which event.
    var resyncs: [String] = []
    var digest = Digest(high: 0, low: 0)
}

private func take(_ outputs: inout OutputBuffer, _ result: inout Folded) {
    for output in outputs.outputs {
        let text = String(decoding: outputs.bytes(of: output), as: UTF8.self)
        if output.kind == .frame { result.frames.append(text) }
        if output.kind == .rollup { result.rollups.append(text) }
        if output.kind == .resyncRequested {
            result.resyncs.append("\(output.book.rawValue) after \(output.sequence)")
        }
    }
    outputs.clear()
}

/// What a person asks: the whole state in text, and an order in every consolidated instrument.
private func answers(_ engine: borrowing Engine) -> [String] {
    var state: [UInt8] = []
    StateEncoder.append(engine, levels: 25, to: &state)
    var result = [String(decoding: state, as: UTF8.self)]
    for symbol in engine.symbols {
        let order = Order(
            symbol: symbol, isBuy: result.count % 2 == 0,
            notional: Decimal(mantissa: 250_000, exponent: 0))
        var answer: [UInt8] = []
        do throws(OrderError) {
            try engine.execute(order, to: &answer)
            result.append(String(decoding: answer, as: UTF8.self))
        } catch {
            result.append("\(error)")
        }
    }
    return result
}

private func blocks(seed: UInt64, count: Int) -> [EventBlock] {
    var session = RandomSession(seed: seed)
    return [session.head()] + (0..<count).map { _ in session.next(300) }
}

@Suite struct FoldTests {
    private func fold(_ blocks: [EventBlock]) -> Folded {
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: true)
        var result = Folded()
        for block in blocks {
            engine.apply(block, into: &outputs)
            take(&outputs, &result)
        }
        result.digest = engine.digest
        return result
    }

    @Test func `the same log gives the same outputs and digest`() {
        let log = blocks(seed: 11, count: 12)
        let first = fold(log)
        #expect(first == fold(log))
        #expect(first.frames.count > 200 && first.rollups.count > 20)
        print("fold: \(first.frames.count) frames, \(first.rollups.count) rollups twice the same")
    }

    @Test func `how events are cut into blocks changes nothing`() {
        let log = blocks(seed: 12, count: 6)
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: true)
        var result = Folded()
        for block in log {
            for index in 0..<block.count {
                engine.apply(block, range: index..<index + 1, into: &outputs)
                take(&outputs, &result)
            }
        }
        result.digest = engine.digest
        #expect(result == fold(log))
    }

    @Test(arguments: [13, 113, 213] as [UInt64])
    func `a fold from every checkpoint equals the fold from zero`(_ seed: UInt64) throws {
        let log = blocks(seed: seed, count: 8)
        let whole = fold(log)
        for cut in 1..<log.count {
            var engine = Engine()
            var outputs = OutputBuffer(wantsFrames: true)
            var result = Folded()
            for block in log[..<cut] {
                engine.apply(block, into: &outputs)
                take(&outputs, &result)
            }
            let parts = Checkpoint.encode(engine)
            var resumed = try Checkpoint.decode(parts)
            #expect(resumed.digest == engine.digest && Checkpoint.encode(resumed) == parts)
            #expect(answers(resumed) == answers(engine), "checkpoint after block \(cut)")
            for block in log[cut...] {
                resumed.apply(block, into: &outputs)
                take(&outputs, &result)
            }
            result.digest = resumed.digest
            #expect(result == whole, "checkpoint after block \(cut)")
        }
        print("fold: \(log.count - 1) checkpoints resumed")
    }

    @Test func `an incomplete run of checkpoint parts gives way to the complete one`() throws {
        let body = [UInt8](repeating: 7, count: 100)
        let whole = DerivedBlock.parts(
            .checkpoint, sequence: 5, time: 1, body: body, partBytesMax: 40)
        #expect(whole.count == 3)
        #expect(try DerivedBlock.lastRun(of: whole) == whole)
        #expect(try DerivedBlock.lastRun(of: Array(whole[..<2]) + whole) == whole)
        #expect(try DerivedBlock.lastRun(of: whole + Array(whole[..<1])) == whole)
        #expect(try DerivedBlock.lastRun(of: Array(whole[..<2])).isEmpty)
    }

    @Test func `a configuration that the decoder would refuse is refused before`() {
        var configuration = EngineConfiguration()
        #expect(throws: Never.self) { try configuration.check() }
        configuration.windowsBps = [50, 50]
        #expect(throws: CodecError.self) { try configuration.check() }
        configuration = EngineConfiguration()
        let member = GroupMember(venue: .binance, venueSymbol: [UInt8](repeating: 65, count: 129))
        configuration.groups = [RoutingGroup(name: Array("G".utf8), members: [member])]
        #expect(throws: CodecError.self) { try configuration.check() }
        configuration.groups = [RoutingGroup(name: [0x22], members: [])]
        #expect(throws: CodecError.self) { try configuration.check() }
    }

    @Test func `frames that nobody wants change no state and no rollup`() {
        let log = blocks(seed: 14, count: 8)
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        var result = Folded()
        for block in log {
            engine.apply(block, into: &outputs)
            take(&outputs, &result)
        }
        let whole = fold(log)
        #expect(engine.digest == whole.digest && result.rollups == whole.rollups)
        #expect(result.frames.isEmpty)
    }

    @Test func `an output depends on nothing but the events before it`() {
        let long = fold(blocks(seed: 15, count: 9))
        let short = fold(blocks(seed: 15, count: 6))
        #expect(Array(long.frames.prefix(short.frames.count)) == short.frames)
        #expect(Array(long.rollups.prefix(short.rollups.count)) == short.rollups)
    }

    @Test func `every frame is one JSON object of at most 2,048 bytes`() {
        for frame in fold(blocks(seed: 16, count: 4)).frames {
            #expect(
                frame.utf8.count <= 2_048 && frame.hasPrefix("{\"ts\":\"") && frame.hasSuffix("\"}")
            )
        }
    }

    @Test func `a damaged checkpoint is refused or gives an engine, and never traps`() throws {
        var session = RandomSession(seed: 17)
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: false)
        engine.apply(session.head(), into: &outputs)
        engine.apply(session.next(60), into: &outputs)
        let parts = Checkpoint.encode(engine)
        var refused = 0
        for position in parts[0].indices {
            var damaged = parts
            damaged[0][position] ^= 0x81
            do {
                let other = try Checkpoint.decode(damaged)
                #expect(other.digest != engine.digest || Checkpoint.encode(other) != parts)
            } catch {
                refused += 1
            }
            #expect(throws: CodecError.self) {
                _ = try Checkpoint.decode([Array(parts[0][..<position])])
            }
        }
        print("checkpoint: \(parts[0].count) damages, \(refused) refused, none unnoticed")
    }
}
