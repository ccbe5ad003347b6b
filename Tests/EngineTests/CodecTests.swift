import TestSupport
import Testing

@testable import Engine

@Suite struct CodecTests {
    private func decoded(_ raw: [UInt8]) throws -> EventBlock {
        var decoder = BlockDecoder()
        var block = EventBlock()
        try raw.withUnsafeBufferPointer { buffer in try decoder.decode(buffer, into: &block) }
        return block
    }

    private func canonical(_ block: EventBlock) -> [UInt8] {
        var bytes: [UInt8] = []
        CanonicalEvent.append(block, to: &bytes)
        return bytes
    }

    @Test func `a block decodes to the events that were encoded`() throws {
        var events = 0
        var levels = 0
        for seed in 0..<20 as Range<UInt64> {
            var session = RandomSession(seed: seed)
            for block in [session.head(), session.next(400), session.next(1), session.next(2_000)] {
                var encoder = BlockEncoder()
                encoder.encode(block)
                let back = try decoded(encoder.output.bytes)
                #expect(canonical(back) == canonical(block), "seed \(seed)")
                for index in 0..<block.count {
                    #expect(try back.event(at: index) == block.event(at: index))
                }
                events += block.count
                levels += block.levels.count
            }
        }
        print("codec: \(events) events, \(levels) levels round trip")
    }

    @Test func `cuts ascend and stay inside the block`() {
        var session = RandomSession(seed: 3)
        _ = session.head()
        var encoder = BlockEncoder()
        encoder.encode(session.next(1_000))
        #expect(encoder.cuts == encoder.cuts.sorted())
        #expect(encoder.cuts.allSatisfy { $0 <= encoder.output.bytes.count })
        #expect(encoder.cuts.count > 3)
    }

    @Test func `every truncation of a block is refused`() {
        var session = RandomSession(seed: 5)
        _ = session.head()
        var encoder = BlockEncoder()
        encoder.encode(session.next(60))
        let raw = encoder.output.bytes
        for length in 0..<raw.count {
            #expect(throws: CodecError.self) { try decoded(Array(raw[..<length])) }
        }
        print("codec: \(raw.count) truncations refused")
    }

    @Test func `a damaged block is refused or decodes within the limits and never traps`() {
        var session = RandomSession(seed: 6)
        _ = session.head()
        var encoder = BlockEncoder()
        encoder.encode(session.next(20))
        let raw = encoder.output.bytes
        var refused = 0
        for position in raw.indices {
            for mask in [0x01, 0x80, 0xff] as [UInt8] {
                var damaged = raw
                damaged[position] ^= mask
                do {
                    let block = try decoded(damaged)
                    #expect(block.count <= Limits.eventsPerBlockMax)
                    #expect(block.levels.allSatisfy { $0.price > 0 && $0.size >= 0 })
                } catch {
                    refused += 1
                }
            }
        }
        print("codec: \(raw.count * 3) damages, \(refused) refused by the codec itself")
    }

    @Test func `extreme numbers survive`() throws {
        var block = EventBlock()
        block.firstSequence = 1
        let big: Int64 = 999_999_999_999_999_999
        let levels = [
            PriceLevel(price: big, size: big), PriceLevel(price: 1, size: 0),
            PriceLevel(price: big, size: 1),
        ]
        for (first, last) in [(Int64.max, Int64.max), (0, Int64.max), (-1, -1), (5, 4)] {
            let fields = BookEventFields(
                key: BookKey(instrument: 65_535, connection: 65_535),
                flags: .all, receivedAt: 5, sourceTime: Int64.min + 1,
                firstVenueSequence: first, lastVenueSequence: last)
            levels.withUnsafeBufferPointer {
                block.appendBook(.bookDelta, fields, bids: $0, asks: $0)
            }
        }
        _ = block.stamp(from: 0, lastTime: 9)
        var encoder = BlockEncoder()
        encoder.encode(block)
        #expect(canonical(try decoded(encoder.output.bytes)) == canonical(block))
    }
}
