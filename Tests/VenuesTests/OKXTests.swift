import Engine
import Testing

@testable import Venues

@Suite("OKX: the book")
struct OKXTests {
    @Test("a snapshot on the stream is live at once, and deltas before it are ignored")
    func snapshot() {
        let okx = OKXBench()
        #expect(okx.update(9, 10) == .unused(.waitingForSnapshot))
        #expect(okx.bench.commands.isEmpty)
        #expect(okx.snapshot() == .used)
        #expect(okx.bench.words == ["define 2,2", "snapshot 10"])
        #expect(okx.lastBook?.flags == [])
        #expect(okx.lastBook?.firstVenueSequence == -1)
        #expect(okx.lastBook?.sourceTime == 1_597_026_383_085_000_000)
        #expect(okx.lastBook?.bids == [PriceLevel(price: 9_900, size: 500)])
        #expect(okx.update(10, 12, size: "0") == .used)
        #expect(okx.bench.words == ["delta 10-12"])
        #expect(okx.lastBook?.bids == [PriceLevel(price: 9_900, size: 0)])
    }

    @Test("the documented chain: forward, a sign of life, counting anew, forward")
    func chain() {
        let okx = OKXBench()
        okx.snapshot()
        #expect(okx.update(10, 15) == .used)
        #expect(okx.bench.words == ["delta 10-15"])
        // The fold takes only growing numbers, so these have none.
        let heartbeat = OKXBench.book("update", previous: 15, seq: 15)
        #expect(okx.bench.feed(heartbeat) == .used)
        #expect(okx.bench.words == ["delta -1--1"])
        #expect(okx.lastBook?.bids == [] && okx.lastBook?.asks == [])
        #expect(okx.update(15, 3) == .used)
        #expect(okx.bench.words == ["delta -1--1"])
        #expect(okx.update(3, 5, size: "7") == .used)
        #expect(okx.bench.words == ["delta -1--1"])
        #expect(okx.update(5, 16) == .used)
        #expect(okx.bench.words == ["delta 5-16"])
        // The next snapshot begins a new count.
        #expect(okx.snapshot(seq: 2) == .used)
        #expect(okx.update(2, 4) == .used)
        #expect(okx.bench.words == ["delta 2-4"])
    }

    @Test(
        "anything but the last seqId is a gap on that very message",
        arguments: [16, 14, 10, 0])
    func gap(previous: Int) {
        let okx = OKXBench()
        okx.snapshot()
        okx.update(10, 15)
        #expect(okx.update(previous, 17) == .unused(.gap))
        #expect(okx.bench.words == ["invalid(gap)"])
        #expect(okx.bench.commands == [OKXBench.anew()])
        #expect(okx.update(17, 18) == .unused(.waitingForSnapshot))
        #expect(okx.bench.words.isEmpty && okx.bench.commands.isEmpty)
        #expect(okx.snapshot(seq: 20) == .used)
        #expect(okx.update(20, 21) == .used)
    }

    @Test("a delta that comes twice is a gap: nothing says that it is the same")
    func twice() {
        let okx = OKXBench()
        okx.snapshot()
        #expect(okx.update(10, 15) == .used)
        #expect(okx.update(10, 15) == .unused(.gap))
    }

    @Test("numbers on one side only are no chain")
    func halfChain() {
        for (first, previous, seq) in [(10, nil, 11), (10, 10, nil)] as [(Int?, Int?, Int?)] {
            let okx = OKXBench()
            okx.snapshot(seq: first)
            #expect(okx.update(previous, seq) == .rejected(.missingField))
            #expect(okx.bench.words == ["rejected missingField", "invalid(parse)"])
        }
        for (first, previous, seq) in [(nil, 10, 11), (10, nil, nil)] as [(Int?, Int?, Int?)] {
            let okx = OKXBench()
            okx.snapshot(seq: first)
            #expect(okx.update(previous, seq) == .unused(.gap))
        }
        let negative = OKXBench()
        negative.snapshot(seq: nil)
        #expect(negative.update(-1, 5) == .rejected(.outOfRange))
    }

    @Test("recordings without numbers are applied as they come")
    func noNumbers() {
        let okx = OKXBench()
        okx.snapshot(seq: nil)
        #expect(okx.update(nil, nil) == .used)
        #expect(okx.update(nil, nil, size: "0") == .used)
        #expect(okx.bench.words == ["delta -1--1"])
    }

    @Test("books of one connection are chained each for itself")
    func independent() {
        let okx = OKXBench()
        okx.snapshot()
        okx.snapshot(seq: 500, symbol: "ETH-USDT")
        #expect(okx.update(7, 8) == .unused(.gap))
        #expect(okx.bench.words == ["invalid(gap)"])
        #expect(okx.update(500, 501, symbol: "ETH-USDT") == .used)
    }

    @Test("an unreadable delta makes its book invalid and no other")
    func unreadable() {
        let okx = OKXBench()
        okx.snapshot()
        okx.snapshot(seq: 500, symbol: "ETH-USDT")
        #expect(okx.update(10, 11, size: "6x") == .rejected(.badNumber))
        #expect(okx.bench.words == ["rejected badNumber", "invalid(parse)"])
        #expect(okx.bench.commands == [OKXBench.anew()])
        #expect(okx.update(500, 501, symbol: "ETH-USDT") == .used)
        #expect(okx.update(11, 12) == .unused(.waitingForSnapshot))
    }

    @Test("what nobody can tell the book of makes every book invalid")
    func unknownBook() {
        for text in ["{\"ar", "{\"table\":\"spot/depth\"}", "ping", "[]", ""] {
            let okx = OKXBench()
            okx.snapshot()
            okx.snapshot(seq: 500, symbol: "ETH-USDT")
            guard case .rejected = okx.bench.feed(text) else {
                Issue.record("\(text) is not rejected")
                continue
            }
            #expect(okx.bench.words.dropFirst() == ["invalid(parse)", "invalid(parse)"])
            #expect(okx.bench.commands == [OKXBench.anew(), OKXBench.anew("ETH-USDT")])
        }
    }

    @Test("an unreadable message of another channel changes no book")
    func harmless() {
        let okx = OKXBench()
        okx.snapshot()
        for text in [
            OKXBench.trade(1, px: "-1"),
            OKXBench.row("mark-price", "BTC-USDT-SWAP", "\"markPx\":1x"),
            OKXBench.row("who-knows", "BTC-USDT", "\"px\":\"1\""),
            "{\"event\":\"subscribe\",\"arg\":", "{\"event\":\"unheard-of\"}",
        ] {
            guard case .rejected = okx.bench.feed(text) else {
                Issue.record("\(text) is not rejected")
                continue
            }
            #expect(okx.bench.words.count == 1, "\(text)")
        }
        #expect(okx.update(10, 11) == .used)
    }

    @Test("the line goes down: every book is thrown away, and nothing is asked for")
    func down() {
        let okx = OKXBench()
        okx.snapshot()
        okx.bench.connection(.down)
        #expect(okx.bench.words == ["connection down", "empty"])
        #expect(okx.bench.commands.isEmpty)
        #expect(okx.update(10, 11) == .unused(.waitingForSnapshot))
    }

    @Test("deltas without a snapshot for ten seconds: it was lost and is asked for again")
    func lostSnapshot() {
        let okx = OKXBench()
        okx.snapshot()
        okx.update(11, 12)
        #expect(okx.update(12, 13) == .unused(.waitingForSnapshot))
        okx.bench.now += 10_100_000_000
        #expect(okx.update(13, 14) == .unused(.waitingForSnapshot))
        #expect(okx.bench.commands == [OKXBench.anew()])
    }

    @Test("a snapshot of a live book replaces it; its empty levels are none")
    func replaced() {
        let okx = OKXBench()
        okx.snapshot()
        let text = OKXBench.book(
            "snapshot", bids: [("98", "0"), ("97", "1")], asks: [], previous: -1, seq: 4)
        #expect(okx.bench.feed(text) == .used)
        #expect(okx.bench.words == ["snapshot 4"])
        #expect(okx.lastBook?.bids == [PriceLevel(price: 9_700, size: 100)])
        #expect(okx.update(4, 5) == .used)
    }

    @Test("a new number of digits defines the instrument anew, before the event that needs it")
    func finerDigits() {
        let okx = OKXBench()
        okx.snapshot()
        let text = OKXBench.book(
            "update", bids: [("99.00001", "1")], asks: [("101", "0.003")], previous: 10, seq: 11)
        #expect(okx.bench.feed(text) == .used)
        #expect(okx.bench.words == ["define 5,3", "delta 10-11"])
        #expect(okx.lastBook?.bids == [PriceLevel(price: 9_900_001, size: 1_000)])
        #expect(okx.lastBook?.asks == [PriceLevel(price: 10_100_000, size: 3)])
    }

    @Test("several elements of one message are applied in turn, and all or nothing stays live")
    func severalElements() {
        func message(_ second: String) -> String {
            OKXBench.book("update", bids: [("98", "1")], previous: 10, seq: 11)
                .replacing(
                    "]}",
                    with: ",{\"asks\":[],\"bids\":[[\"97\",\"\(second)\",\"0\",\"1\"]],"
                        + "\"ts\":\"1597026383086\",\"prevSeqId\":11,\"seqId\":12}]}")
        }
        let okx = OKXBench()
        okx.snapshot()
        #expect(okx.bench.feed(message("2")) == .used)
        #expect(okx.bench.words == ["delta 10-11", "delta 11-12"])
        let broken = OKXBench()
        broken.snapshot()
        #expect(broken.bench.feed(message("2x")) == .rejected(.badNumber))
        #expect(broken.bench.words == ["delta 10-11", "rejected badNumber", "invalid(parse)"])
        let none = OKXBench()
        none.snapshot()
        let empty =
            "{\"arg\":{\"channel\":\"books\",\"instId\":\"BTC-USDT\"},"
            + "\"action\":\"update\",\"data\":[]}"
        #expect(none.bench.feed(empty) == .rejected(.missingField))
        #expect(none.bench.words == ["rejected missingField", "invalid(parse)"])
    }
}
