import Engine
import Testing

@testable import Venues

/// Found by `scripts/soak live --seed 46`: a delta overtook the snapshot of its subscription and
/// was dropped, the snapshot began the book, and until the next message it was one behind.
@Suite("Streams: a snapshot that a delta has overtaken")
struct OvertakenSnapshotTests {
    @Test("Bybit: it begins no book, and another is asked for")
    func bybit() {
        let bench = AdapterBench(.bybit, market: .linear)
        #expect(
            bench.feed(BybitMessage.book("delta", 101, seq: 501)) == .unused(.waitingForSnapshot))
        let old = BybitMessage.book("snapshot", 100, seq: 500)
        #expect(bench.feed(old) == .unused(.snapshotTooOld))
        #expect(!bench.words.contains("snapshot 100"))
        #expect(bench.commands.count == 1)
        #expect(bench.feed(BybitMessage.book("snapshot", 102, seq: 502)) == .used)
        #expect(bench.feed(BybitMessage.book("delta", 103, seq: 503)) == .used)
        #expect(bench.commands.isEmpty)
    }

    @Test("Bybit: one that has what the delta said begins the book, however `u` counts")
    func bybitWhole() {
        for snapshot in [
            BybitMessage.book("snapshot", 101, seq: 501),
            BybitMessage.book("snapshot", 90, seq: 502),
            BybitMessage.book("snapshot", 40, seq: 500, depth: "200"),
            BybitMessage.book("snapshot", 100),
        ] {
            let bench = AdapterBench(.bybit, market: .linear)
            _ = bench.feed(BybitMessage.book("delta", 101, seq: 501))
            #expect(bench.feed(snapshot) == .used, "\(snapshot)")
        }
    }

    @Test("OKX: it begins no book, and another is asked for, once")
    func okx() {
        let okx = OKXBench()
        #expect(okx.update(10, 12) == .unused(.waitingForSnapshot))
        #expect(okx.snapshot(seq: 10) == .unused(.snapshotTooOld))
        #expect(okx.bench.commands == [OKXBench.anew()])
        // A venue that counts anew is believed then.
        #expect(okx.snapshot(seq: 4) == .used)
        #expect(okx.update(4, 6) == .used)
        #expect(okx.bench.commands.isEmpty)
    }
}
