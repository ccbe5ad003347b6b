import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Simulated: OKX")
struct SimulatedOKXTests {
    static let start = SimulatedSession.defaultStart
    static let second: Int64 = 1_000_000_000

    @Test(
        "books rebuilt from the stream equal the simulator's own, at every second",
        arguments: [UInt64(1), 77])
    func rebuilt(seed: UInt64) throws {
        var simulator = OKXSimulator(seed: seed, start: Self.start)
        var reference = OKXReference()
        for message in simulator.connect(at: Self.start + 1_230_000_000) {
            try reference.receive(message)
        }
        for step in 2...8 {
            let time = Self.start + Int64(step) * Self.second
            for message in simulator.advance(to: time) { try reference.receive(message) }
            for symbol in simulator.symbols {
                let truth = try OKXReference.truth(simulator, symbol)
                #expect(reference.books[symbol] == truth)
                #expect(!truth.isCrossed && truth.bids.count == 400 && truth.asks.count == 400)
            }
        }
        #expect(reference.gapCount == 0 && reference.heartbeatCount == 0)
        #expect(reference.tradeCount > 30 && reference.tickerCount > 100)
        #expect(reference.events == ["subscribe": 9])
        print(
            "okxSpot seed \(seed): \(reference.levelCount) levels,",
            "\(reference.tradeCount) trades")
    }

    @Test(
        "read by the real adapter, the fold has the venue's 400 levels at every second",
        arguments: [UInt64(3), 4], [false, true])
    func adapted(seed: UInt64, hasChecksums: Bool) throws {
        let line = OKXLine(
            OKXSimulator(seed: seed, start: Self.start, hasChecksums: hasChecksums))
        #expect(line.simulator.open(at: Self.start).isEmpty)
        #expect(line.simulator.advance(to: Self.start + Self.second).isEmpty)
        line.subscribe()
        for step in 2...10 {
            line.deliver(line.simulator.advance(to: Self.start + Int64(step) * Self.second))
            for symbol in line.simulator.symbols {
                #expect(line.book(symbol) == (try OKXReference.truth(line.simulator, symbol)))
            }
        }
        let kinds = Set(line.outcomes.keys)
        #expect(
            kinds == [
                "used", "unused(Venues.UnusedReason.subscriptionAnswer)",
                "unused(Venues.UnusedReason.bestBidAsk)",
            ])
        let passed = hasChecksums ? EventFlags.checksumPassed : []
        #expect(Array(line.flags.keys) == [passed.rawValue])
        #expect(line.flags[passed.rawValue] ?? 0 > 200 && line.unnumbered == 0)
    }

    @Test("maintenance: signs of life each 60 s, then the venue counts anew, and nothing is lost")
    func maintenance() throws {
        let quiet = SimulatedMaintenance(
            offsetNanos: 2 * Self.second + 50_000_000, durationNanos: 130 * Self.second)
        let simulator = OKXSimulator(
            seed: 5, start: Self.start, assets: [.btc, .sol], maintenances: [quiet])
        let line = OKXLine(simulator)
        var reference = OKXReference()
        var opening = line.simulator.open(at: Self.start)
        opening += line.simulator.subscribeMessages.flatMap { line.simulator.receive($0) }
        for message in opening { try reference.receive(message) }
        line.deliver(opening)
        var frozen: ReferenceBook?
        for step in 1...140 {
            let messages = line.simulator.advance(to: Self.start + Int64(step) * Self.second)
            for message in messages { try reference.receive(message) }
            line.deliver(messages)
            for symbol in line.simulator.symbols {
                let truth = try OKXReference.truth(line.simulator, symbol)
                #expect(line.book(symbol) == truth, "\(symbol) after \(step) s")
                #expect(reference.books[symbol] == truth)
            }
            if step == 3 { frozen = line.book("BTC-USDT") }
            if step == 132 { #expect(line.book("BTC-USDT") == frozen) }
        }
        #expect(line.book("BTC-USDT") != frozen)
        #expect(reference.gapCount == 0)
        #expect(reference.heartbeatCount == 4 && reference.restartCount == 2)
        #expect(line.outcomes["unused(Venues.UnusedReason.gap)"] == nil)
        // Behind the restart the numbers stay below the old ones.
        #expect(line.unnumbered > 100)
    }

    @Test("a request is answered argument by argument, and then the channels begin")
    func acknowledgements() throws {
        var simulator = OKXSimulator(seed: 3, start: Self.start, assets: [.btc])
        _ = simulator.open(at: Self.start)
        let request =
            "{\"id\":\"a1\",\"op\":\"subscribe\",\"args\":[{\"channel\":\"books\",\"instId\":"
            + "\"BTC-USDT\"},{\"channel\":\"books\",\"instId\":\"DOGE-USDT\"},{\"channel\":"
            + "\"trades\",\"instId\":\"BTC-USDT\"},{\"channel\":\"mark-price\",\"instId\":"
            + "\"BTC-USDT\"}]}"
        let answers = try simulator.receive(Array(request.utf8)).map { try jsonObject($0.bytes) }
        #expect(
            answers.map { $0["event"] as? String ?? $0["action"] as? String ?? "data" }
                == ["subscribe", "error", "subscribe", "error", "snapshot", "data"])
        #expect(answers.prefix(4).allSatisfy { $0["id"] as? String == "a1" })
        #expect(answers.prefix(4).allSatisfy { ($0["connId"] as? String)?.count == 8 })
        #expect(
            answers[0]["arg"] as? [String: String]
                == ["channel": "books", "instId": "BTC-USDT"])
        #expect(answers[1]["code"] as? String == "60018")
        let later = try simulator.advance(to: Self.start + 5 * Self.second).map {
            (try jsonObject($0.bytes)["arg"] as? [String: String])?["channel"]
        }
        #expect(Set(later) == ["books", "trades"])
    }

    @Test("only what is subscribed flows, and the end of a subscription ends it")
    func onlySubscribed() throws {
        var simulator = OKXSimulator(seed: 3, start: Self.start, assets: [.btc, .eth])
        _ = simulator.open(at: Self.start)
        func send(_ operation: String, _ channel: String) -> [SimulatedMessage] {
            simulator.receive(
                Array(
                    "{\"op\":\"\(operation)\",\"args\":[{\"channel\":\"\(channel)\",\"instId\":"
                        .utf8) + Array("\"ETH-USDT\"}]}".utf8))
        }
        #expect(simulator.advance(to: Self.start + Self.second).isEmpty)
        #expect(send("subscribe", "tickers").count == 2)
        let tickers = try simulator.advance(to: Self.start + 2 * Self.second).map {
            try jsonObject($0.bytes)["arg"] as? [String: String]
        }
        #expect(Set(tickers) == [["channel": "tickers", "instId": "ETH-USDT"]])
        let end = try send("unsubscribe", "tickers").map { try jsonObject($0.bytes) }
        #expect(end.map { $0["event"] as? String } == ["unsubscribe"])
        #expect(simulator.advance(to: Self.start + 3 * Self.second).isEmpty)
        _ = send("subscribe", "books")
        simulator.disconnect()
        #expect(simulator.advance(to: Self.start + 4 * Self.second).isEmpty)
        #expect(send("subscribe", "books").isEmpty && simulator.announceUpgrade().isEmpty)
        _ = simulator.open(at: Self.start + 4 * Self.second)
        #expect(simulator.advance(to: Self.start + 5 * Self.second).isEmpty)
    }

    @Test("what the adapter sends to begin a book anew is understood")
    func anew() throws {
        let line = OKXLine(OKXSimulator(seed: 3, start: Self.start, assets: [.btc]))
        line.deliver(line.simulator.connect(at: Self.start))
        // One message is lost: the next one shows the gap, and the snapshot comes at once.
        let messages = line.simulator.advance(to: Self.start + Self.second)
        let books = messages.indices.filter {
            String(decoding: messages[$0].bytes, as: UTF8.self).contains("\"update\"")
        }
        var kept = messages
        kept.remove(at: books[books.count - 2])
        line.deliver(kept)
        #expect(line.outcomes["unused(Venues.UnusedReason.gap)"] == 1)
        #expect(line.outcomes["unused(Venues.UnusedReason.subscriptionAnswer)"] == 5)
        #expect(line.book("BTC-USDT") == (try OKXReference.truth(line.simulator, "BTC-USDT")))
    }

    @Test("a checksum that lies ends the book, and a new one is had")
    func lie() throws {
        let line = OKXLine(
            OKXSimulator(seed: 3, start: Self.start, assets: [.btc], hasChecksums: true))
        line.deliver(line.simulator.connect(at: Self.start))
        var messages = line.simulator.advance(to: Self.start + Self.second)
        let at = try #require(
            messages.lastIndex {
                String(decoding: $0.bytes, as: UTF8.self).contains("\"update\"")
            })
        messages[at].bytes = LineFaults.withWrongChecksum(messages[at].bytes, 4)
        line.deliver(messages)
        #expect(line.flags[EventFlags.checksumFailed.rawValue] == 1)
        #expect(line.book("BTC-USDT") == (try OKXReference.truth(line.simulator, "BTC-USDT")))
    }

    @Test("the notice of an upgrade is the one that asks for a new connection")
    func upgrade() {
        let line = OKXLine(OKXSimulator(seed: 3, start: Self.start, assets: [.btc]))
        _ = line.simulator.open(at: Self.start)
        line.deliver(line.simulator.announceUpgrade())
        #expect(line.outcomes == ["unused(Venues.UnusedReason.serverShutdown)": 1])
    }

    @Test("whether anybody listens changes nothing, and the same seed gives the same bytes")
    func sameBooks() {
        var alone = OKXSimulator(seed: 8, start: Self.start)
        var heard = OKXSimulator(seed: 8, start: Self.start)
        let opening = heard.connect(at: Self.start)
        let messages = heard.advance(to: Self.start + 3 * Self.second)
        _ = alone.advance(to: Self.start + 3 * Self.second)
        #expect(alone.snapshot(symbol: "ETH-USDT") == heard.snapshot(symbol: "ETH-USDT"))
        #expect(alone.snapshot(symbol: "ETH-USD") == nil)
        var again = OKXSimulator(seed: 8, start: Self.start)
        #expect(again.connect(at: Self.start) == opening)
        #expect(again.advance(to: Self.start + 3 * Self.second) == messages)
    }

    @Test("a session of the feed is a capture that the product reads without a rejection")
    func session() throws {
        var bytes: [UInt8] = []
        let outage = SimulatedOutage(
            feed: .okxSpot, offsetNanos: 4 * Self.second, durationNanos: 2 * Self.second)
        SimulatedSession(
            durationNanos: 10 * Self.second, feeds: [.okxSpot, .coinbaseExchange],
            outages: [outage]
        ).run { bytes += $0 + [0x0a] }
        let run = CaptureRun()
        try run.read(bytes: bytes)
        #expect(run.rejections.isEmpty && run.rejected.isEmpty)
        for symbol in ["BTC-USDT", "ETH-USDT", "SOL-USDT"] {
            let book = try #require(run.book(symbol))
            #expect(book.snapshots == 2 && book.gaps == 0 && book.validity == .live)
            #expect(book.messagesApplied > 50 && book.trades > 5)
        }
        // The latest trade, which begins the channel, came before on the old connection.
        #expect(run.outcomes["unused(Venues.UnusedReason.duplicate)"] == nil)
    }
}
