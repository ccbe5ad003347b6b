import Engine
import Testing

@testable import Venues

/// The rules of `BinanceAdapter`, one behaviour a test.
@Suite("Binance: snapshot and deltas")
struct BinanceSyncTests {
    @Test("the worked example: old delta dropped, the bridging one applied, an overlap applied")
    func workedExample() {
        let bench = AdapterBench()
        #expect(bench.delta(41_603_407, 41_603_413) == .unused(.waitingForSnapshot))
        #expect(
            bench.commands == [
                .get(
                    path: Array("/api/v3/depth?limit=5000&symbol=BTCUSDT".utf8),
                    symbol: Array("BTCUSDT".utf8))
            ])
        #expect(bench.delta(41_603_414, 41_603_418) == .unused(.waitingForSnapshot))
        let buffered = bench.now
        #expect(bench.snapshot(41_603_417) == .used)
        #expect(bench.words == ["define 2,2", "snapshot 41603417", "delta 41603414-41603418"])
        #expect(bench.receivedAt == [bench.now, bench.now, buffered])
        #expect(bench.delta(41_603_417, 41_603_419) == .used)
        #expect(bench.words == ["delta 41603417-41603419"])
    }

    @Test("the first delta may begin exactly behind the snapshot")
    func contiguousFirst() {
        let bench = AdapterBench()
        #expect(bench.snapshot(100) == .used)
        #expect(bench.words == ["define 2,2", "snapshot 100"])
        #expect(bench.delta(95, 100) == .unused(.olderThanSnapshot))
        #expect(bench.delta(101, 103) == .used)
        #expect(bench.words == ["delta 101-103"])
    }

    @Test("futures: a delta with pu equal to the snapshot's id continues it (U 150, pu 100)")
    func futuresContinuation() {
        let bench = AdapterBench(.binanceUSDM)
        #expect(bench.delta(150, 160, previous: 100) == .unused(.waitingForSnapshot))
        #expect(bench.snapshot(100, url: "?symbol=BTCUSDT") == .used)
        #expect(bench.words == ["define 2,2", "snapshot 100", "delta 150-160"])
        #expect(bench.delta(170, 180, previous: 160) == .used)
        #expect(bench.delta(190, 200, previous: 181) == .unused(.gap))
        #expect(bench.words == ["invalid(gap)", "syncing"])
    }

    @Test("futures: a delta that ends exactly with the snapshot bridges it")
    func futuresEqualEnd() {
        let bench = AdapterBench(.binanceUSDM)
        #expect(bench.snapshot(100, url: "?symbol=BTCUSDT") == .used)
        #expect(bench.delta(80, 99, previous: 70) == .unused(.olderThanSnapshot))
        #expect(bench.delta(90, 100, previous: 79) == .used)
    }

    @Test("a gap makes the book invalid on that very message, and a new snapshot heals it")
    func gap() {
        let bench = AdapterBench()
        #expect(bench.snapshot(100) == .used)
        #expect(bench.delta(101, 105) == .used)
        #expect(bench.delta(107, 110) == .unused(.gap))
        #expect(bench.words == ["invalid(gap)", "syncing"])
        #expect(bench.commands.count == 1)
        #expect(bench.delta(111, 112) == .unused(.waitingForSnapshot))
        #expect(bench.words.isEmpty)
        #expect(bench.snapshot(108) == .used)
        #expect(bench.words == ["snapshot 108", "delta 107-110", "delta 111-112"])
    }

    @Test("a snapshot older than the buffer is asked for again, and the buffer is kept")
    func oldSnapshot() {
        let bench = AdapterBench()
        _ = bench.delta(200, 210)
        #expect(bench.snapshot(150) == .unused(.snapshotTooOld))
        #expect(bench.words.isEmpty)
        #expect(bench.commands.count == 1)
        #expect(bench.snapshot(205) == .used)
        #expect(bench.words == ["define 2,2", "snapshot 205", "delta 200-210"])
    }

    @Test("a second snapshot of a book in sync is ignored")
    func lateSnapshot() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        _ = bench.delta(101, 105)
        #expect(bench.snapshot(103) == .unused(.alreadyInSync))
        #expect(bench.words.isEmpty)
        #expect(bench.delta(106, 107) == .used)
    }

    @Test("a newer snapshot replaces one that no delta has continued yet")
    func newerSnapshot() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        #expect(bench.snapshot(100) == .unused(.duplicate))
        #expect(bench.snapshot(120) == .used)
        #expect(bench.words == ["snapshot 120"])
        #expect(bench.delta(110, 125) == .used)
    }

    @Test("a delta that comes twice is applied once")
    func duplicate() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        #expect(bench.delta(101, 105) == .used)
        #expect(bench.delta(101, 105) == .unused(.duplicate))
        #expect(bench.delta(106, 107) == .used)
    }

    @Test("a gap among buffered deltas starts the buffer again and is journaled")
    func gapInBuffer() {
        let bench = AdapterBench()
        _ = bench.delta(100, 110)
        #expect(bench.delta(120, 130) == .unused(.gap))
        #expect(bench.words == ["define 2,2", "invalid(gap)", "syncing"])
        #expect(bench.snapshot(125) == .used)
        #expect(bench.words == ["snapshot 125", "delta 120-130"])
    }

    @Test("a full or old buffer is dropped and begun again")
    func bufferLimits() {
        let many = AdapterBench()
        for index in 0..<10_000 {
            many.now -= 999_000
            #expect(many.delta(index, index) == .unused(.waitingForSnapshot))
        }
        #expect(many.delta(10_000, 10_000) == .unused(.bufferRestarted))
        #expect(many.commands.count == 1)
        let old = AdapterBench()
        _ = old.delta(1, 2)
        old.now += 30_000_000_000
        #expect(old.delta(3, 4) == .unused(.bufferRestarted))
        #expect(old.snapshot(3) == .used)
        #expect(old.words == ["define 2,2", "snapshot 3", "delta 3-4"])
    }

    @Test("a lost connection throws the book away, and the next one starts with a snapshot")
    func reconnect() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        _ = bench.delta(101, 105)
        bench.connection(.down)
        #expect(bench.words == ["connection down", "empty"])
        bench.connection(.up)
        #expect(bench.delta(106, 107) == .unused(.waitingForSnapshot))
        #expect(bench.words == ["syncing"])
        #expect(bench.snapshot(107) == .used)
        #expect(bench.words == ["snapshot 107"])
    }

    @Test("an unreadable delta makes its book invalid, and only its book")
    func unreadable() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        _ = bench.delta(101, 105)
        _ = bench.snapshot(7, url: "?symbol=ETHUSDT&limit=5")
        _ = bench.delta(8, 9, symbol: "ETHUSDT")
        #expect(bench.delta(106, 107, bids: "[\"1O0\",\"1\"]") == .rejected(.badNumber))
        #expect(bench.words == ["rejected badNumber", "invalid(parse)"])
        #expect(bench.delta(108, 109) == .unused(.waitingForSnapshot))
        #expect(bench.words == ["syncing"])
        #expect(bench.delta(10, 11, symbol: "ETHUSDT") == .used)
    }

    @Test("a symbol listed a moment ago starts with its first delta")
    func newListing() {
        let bench = AdapterBench()
        #expect(bench.snapshot(-1, bids: "", asks: "") == .used)
        #expect(bench.delta(1, 5) == .used)
    }

    @Test("sides of a snapshot that reach the limit of the request are cut there")
    func cutSides() throws {
        let bench = AdapterBench()
        let bids = (1...5).map { "[\"\($0).00\",\"1.00\"]" }.joined(separator: ",")
        _ = bench.snapshot(1, bids: bids, url: "/api/v3/depth?limit=5&symbol=BTCUSDT")
        guard case .bookSnapshot(let event)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(event.flags == [.needsBridge, .bidsCut])
        _ = bench.snapshot(2, bids: bids, url: "?symbol=ETHUSDT")
        guard case .bookSnapshot(let unknown)? = bench.events.last else {
            return #expect(Bool(false))
        }
        #expect(unknown.flags == [.needsBridge, .bidsCut])
    }

    @Test("a buffered delta that overflows leaves an invalid book, never a wrong one")
    func overflow() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        _ = bench.delta(101, 105)
        let wide = "[\"100.00\",\"12345678901234.00001\"]"
        #expect(bench.delta(106, 107, bids: wide) == .rejected(.outOfRange))
        #expect(bench.words == ["rejected outOfRange", "invalid(overflow)"])
    }

    @Test("ids that run backwards are refused")
    func backwards() {
        let bench = AdapterBench()
        _ = bench.snapshot(100)
        _ = bench.delta(101, 105)
        #expect(bench.delta(109, 106) == .rejected(.outOfRange))
    }
}
