import Engine
import Testing

@testable import Venues

@Suite("Bybit: books")
struct BybitBookTests {
    private func live(_ symbols: [String] = ["BTCUSDT"], seq: Int? = 500) -> AdapterBench {
        let bench = AdapterBench(.bybit, market: .linear)
        for symbol in symbols {
            let outcome = bench.feed(
                BybitMessage.book(
                    "snapshot", 100, seq: seq, asks: "[\"101.00\",\"2.00\"]", symbol: symbol))
            #expect(outcome == .used)
        }
        return bench
    }

    private func delta(
        _ bench: AdapterBench, _ u: Int, seq: Int? = nil, bids: String = "[\"99.00\",\"1.00\"]",
        depth: String = "50", symbol: String = "BTCUSDT"
    ) -> Outcome {
        bench.feed(
            BybitMessage.book(
                "delta", u, seq: seq, bids: bids, depth: depth, symbol: symbol))
    }

    private func resubscription(_ topic: String) -> AdapterCommand {
        let symbol = topic.split(separator: ".")[2]
        return .resubscribe(
            symbol: Array(symbol.utf8),
            messages: [
                Array("{\"op\":\"unsubscribe\",\"args\":[\"\(topic)\"]}".utf8),
                Array("{\"op\":\"subscribe\",\"args\":[\"\(topic)\"]}".utf8),
            ])
    }

    @Test("a snapshot is live at once, and deltas follow it one by one")
    func procedure() {
        let bench = live()
        #expect(bench.words == ["define 2,2", "snapshot 100"])
        guard case .bookSnapshot(let book)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(book.bids == [PriceLevel(price: 10_000, size: 100)])
        #expect(book.asks == [PriceLevel(price: 10_100, size: 200)])
        #expect(book.flags == [])
        #expect(delta(bench, 101, seq: 501) == .used)
        #expect(bench.words == ["delta 101-101"])
        #expect(delta(bench, 102, seq: 501, bids: "") == .used, "an empty one is a sign of life")
        #expect(bench.words == ["delta 102-102"])
        #expect(bench.commands.isEmpty)
    }

    @Test("the time is the matching engine's, else the system's")
    func time() {
        let bench = AdapterBench(.bybit, market: .linear)
        _ = bench.feed(BybitMessage.book("snapshot", 1, cts: 1_700_000_000_001))
        guard case .bookSnapshot(let first)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(first.sourceTime == 1_700_000_000_001_000_000)
        _ = bench.feed(BybitMessage.book("snapshot", 1))
        guard case .bookSnapshot(let second)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(second.sourceTime == 1_700_000_000_002_000_000)
    }

    @Test("a gap is invalid on that very message, and the way out is to subscribe anew")
    func gap() {
        let bench = live()
        #expect(delta(bench, 102, seq: 501) == .unused(.gap))
        #expect(bench.words == ["invalid(gap)"])
        #expect(bench.commands == [resubscription("orderbook.50.BTCUSDT")])
        #expect(delta(bench, 103, seq: 502) == .unused(.waitingForSnapshot))
        #expect(bench.words == [] && bench.commands == [])
        #expect(bench.feed(BybitMessage.book("snapshot", 90, seq: 503)) == .used)
        #expect(delta(bench, 91, seq: 504) == .used)
    }

    @Test("what was seen before is ignored")
    func duplicate() {
        let bench = live()
        #expect(delta(bench, 101, seq: 501) == .used)
        for (u, seq) in [(101, 501), (100, 500), (99, 499), (2, 3)] {
            #expect(delta(bench, u, seq: seq) == .unused(.duplicate))
            #expect(bench.words == [])
        }
        #expect(delta(bench, 102, seq: 502) == .used)
        let plain = live(seq: nil)
        #expect(delta(plain, 100) == .unused(.duplicate))
        #expect(delta(plain, 101) == .used)
    }

    @Test(
        "a delta whose numbers contradict each other is a gap",
        arguments: [(100, 501), (99, 700), (101, 499)])
    func contradiction(u: Int, seq: Int) {
        let bench = live()
        #expect(delta(bench, u, seq: seq) == .unused(.gap))
        #expect(bench.words == ["invalid(gap)"])
        #expect(bench.commands == [resubscription("orderbook.50.BTCUSDT")])
    }

    @Test("the service restarted: a message with u 1 replaces the book, whatever its type")
    func restart() {
        for type in ["snapshot", "delta"] {
            let bench = live()
            let text = BybitMessage.book(type, 1, seq: 3, bids: "[\"50.00\",\"5.00\"]")
            #expect(bench.feed(text) == .used)
            #expect(bench.words == ["snapshot 1"])
            #expect(delta(bench, 2, seq: 4) == .used)
            let fresh = AdapterBench(.bybit, market: .linear)
            #expect(fresh.feed(text) == .used)
            #expect(fresh.words == ["define 2,2", "snapshot 1"])
        }
    }

    @Test("a further snapshot replaces the book, also one that repeats its u")
    func repeated() {
        let bench = AdapterBench(.bybit, market: .spot)
        for seq in [500, 700] {
            let text = BybitMessage.book("snapshot", 100, seq: seq, depth: "1")
            #expect(bench.feed(text) == .used)
            #expect(bench.words.last == "snapshot 100")
            guard case .bookSnapshot(let book)? = bench.events.last else {
                return #expect(Bool(false))
            }
            // One bid at a depth of one is cut; no ask is not.
            #expect(book.flags == [.bidsCut])
        }
    }

    @Test("what falls out of the depth is said behind the levels of the message")
    func cut() {
        let bench = AdapterBench(.bybit, market: .linear)
        _ = bench.feed(
            BybitMessage.book(
                "snapshot", 100, bids: "[\"100.00\",\"1.00\"]", asks: "[\"101.00\",\"1.00\"]",
                depth: "1"))
        let text = BybitMessage.book(
            "delta", 101, bids: "[\"100.50\",\"2.00\"],[\"90.00\",\"7.00\"]",
            asks: "[\"101.00\",\"0\"],[\"101.5\",\"3\"]", depth: "1")
        #expect(bench.feed(text) == .used)
        guard case .bookDelta(let event)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(
            event.bids == [
                PriceLevel(price: 10_050, size: 200), PriceLevel(price: 9_000, size: 700),
                PriceLevel(price: 9_000, size: 0), PriceLevel(price: 10_000, size: 0),
            ])
        #expect(
            event.asks == [
                PriceLevel(price: 10_100, size: 0), PriceLevel(price: 10_150, size: 300),
            ])
    }

    @Test("finer digits rescale what is kept of the book, so that the right level falls out")
    func rescaled() {
        let bench = AdapterBench(.bybit, market: .linear)
        _ = bench.feed(BybitMessage.book("snapshot", 100, depth: "1"))
        let text = BybitMessage.book("delta", 101, bids: "[\"100.0001\",\"0.005\"]", depth: "1")
        #expect(bench.feed(text) == .used)
        #expect(bench.words == ["define 4,3", "delta 101-101"])
        guard case .bookDelta(let event)? = bench.events.last else { return #expect(Bool(false)) }
        #expect(
            event.bids == [
                PriceLevel(price: 1_000_001, size: 5), PriceLevel(price: 1_000_000, size: 0),
            ])
    }

    @Test("of several depths the deepest with a snapshot is the book while it is live")
    func depths() {
        let bench = live()
        #expect(
            bench.feed(BybitMessage.book("snapshot", 7, depth: "1")) == .unused(.partialDepth))
        #expect(delta(bench, 101, seq: 501, depth: "1") == .unused(.partialDepth))
        #expect(delta(bench, 900, seq: 501, depth: "200") == .unused(.waitingForSnapshot))
        #expect(bench.words == [])
        #expect(delta(bench, 101, seq: 501) == .used)
        #expect(bench.feed(BybitMessage.book("snapshot", 901, seq: 600, depth: "200")) == .used)
        #expect(delta(bench, 102, seq: 502) == .unused(.partialDepth))
        #expect(delta(bench, 903, seq: 601, depth: "200") == .unused(.gap))
        #expect(bench.commands == [resubscription("orderbook.200.BTCUSDT")])
        #expect(bench.feed(BybitMessage.book("snapshot", 103, seq: 602)) == .used)
    }

    @Test("deltas that find no snapshot for ten seconds ask for it again")
    func lostSnapshot() {
        let bench = AdapterBench(.bybit, market: .linear)
        #expect(delta(bench, 5, depth: "1000") == .unused(.waitingForSnapshot))
        bench.now += 9_900_000_000
        #expect(delta(bench, 6, depth: "1000") == .unused(.waitingForSnapshot))
        #expect(bench.commands == [])
        bench.now += 200_000_000
        #expect(delta(bench, 7, depth: "1000") == .unused(.waitingForSnapshot))
        #expect(bench.commands == [resubscription("orderbook.1000.BTCUSDT")])
        #expect(bench.words == [])
    }

    @Test("the connection goes down: every book is thrown away")
    func down() {
        let bench = live(["BTCUSDT", "ETHUSDT"])
        bench.connection(.down)
        #expect(bench.words == ["connection down", "empty", "empty"])
        #expect(delta(bench, 101, seq: 501) == .unused(.waitingForSnapshot))
    }
}
