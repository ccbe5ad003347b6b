import Engine
import Foundation
import Testing
import Venues

/// Reads a session as a capture reader would: the venue is told by the host of `connect`.
private struct SessionReader {
    var binance = BinanceReference(isSpot: true)
    var coinbase = CoinbaseReference()
    var records: [(type: String, venue: String, time: Int64)] = []
    var byteCount = 0
    /// Consolidated spread of BTC after each record, in 10⁻⁸, with its time.
    var spreads: [(time: Int64, spread: Int64)] = []
    private var venues: [String: String] = [:]
    private let watchesSpread: Bool

    init(watchesSpread: Bool = false) { self.watchesSpread = watchesSpread }

    mutating func read(_ line: [UInt8]) throws {
        byteCount += line.count + 1
        let record = try jsonObject(line)
        let type = try #require(record["t"] as? String)
        if type == "header" { return #expect(record["exchange"] as? String == "SIMULATED") }
        let name = try #require(record["conn"] as? String)
        if type == "connect" {
            let address = try #require(record["addr"] as? String)
            let isBinance = address.contains("stream.binance.com")
            venues[name] = isBinance ? "binance" : "coinbase"
            if isBinance { binance.reset() } else { coinbase.reset() }
        }
        let venue = try #require(venues[name])
        records.append((type, venue, try time(of: line)))
        guard type == "recv" || type == "http" else { return }
        let data = try jsonObject(Array(try #require(record["data"] as? String).utf8))
        if type == "http" {
            let url = try #require(record["url"] as? String)
            let symbol = try #require(URLComponents(string: url)?.queryItems?.first?.value)
            binance.receiveSnapshot(data, symbol: symbol)
        } else if venue == "binance" {
            binance.receive(data)
        } else {
            coinbase.receive(data)
        }
        if watchesSpread { watch() }
    }

    private mutating func watch() {
        guard let first = binance.books["BTCUSDT"], let second = coinbase.books["BTC-USD"] else {
            return
        }
        let spread =
            min(first.bestAsk, second.bestAsk) - max(first.bestBid, second.bestBid)
        spreads.append((records[records.count - 1].time, spread))
    }

    /// The record's time, read from its text as the product reads numbers.
    private func time(of line: [UInt8]) throws -> Int64 {
        let text = String(decoding: line.prefix(200), as: UTF8.self)
        let start = try #require(text.range(of: "\"ts\":")).upperBound
        let digits = text[start...].prefix { $0 != "," }
        let value = try DecimalText.parse(Array(digits.utf8))
        return try #require(Timestamp.nanos(fromAnyUnit: value))
    }
}

@Suite("Simulated: session")
struct SimulatedSessionTests {
    static let start = SimulatedSession.defaultStart
    static let second: Int64 = 1_000_000_000

    private func digest(_ session: SimulatedSession) -> String {
        var digest = ReferenceSHA256()
        session.run { line in
            digest.update(line)
            digest.update([0x0a])
        }
        return digest.finish()
    }

    @Test("the same seed writes the same bytes, another seed others")
    func determinism() {
        let two = 2 * Self.second
        let first = digest(SimulatedSession(seed: 11, durationNanos: two, assets: [.sol]))
        #expect(first == digest(SimulatedSession(seed: 11, durationNanos: two, assets: [.sol])))
        #expect(first != digest(SimulatedSession(seed: 12, durationNanos: two, assets: [.sol])))
    }

    /// A change of these values is a change of every session ever generated: say why.
    @Test("five seconds of seed 1 have a golden SHA-256, for each pair of feeds")
    func golden() {
        let five = 5 * Self.second
        #expect(
            digest(SimulatedSession(durationNanos: five))
                == "859bb1871a64641026b4400190360f3ec1768d7ef3b098c56e09457749c087e6")
        #expect(
            digest(
                SimulatedSession(
                    durationNanos: five, feeds: [.binanceUSDM, .coinbaseAdvanced]))
                == "a3043f869469bb1b6544393cbfab25687413c030c431e4f73e44c8047f5374fe")
    }

    @Test("lines are JSON in receive order and rebuild both venues' books")
    func rebuilt() throws {
        let duration = 15 * Self.second
        var reader = SessionReader()
        try SimulatedSession(durationNanos: duration).run { try reader.read($0) }
        let times = reader.records.map(\.time)
        #expect(times == times.sorted())
        #expect(times[0] == Self.start && times[times.count - 1] <= Self.start + duration)
        #expect(reader.binance.gapCount == 0 && reader.coinbase.gapCount == 0)
        #expect(reader.binance.books.count == 3 && reader.coinbase.books.count == 3)
        #expect(reader.records.filter { $0.type == "http" }.count == 3)
        let levelCount = reader.binance.levelCount + reader.coinbase.levelCount
        print("15 s: \(times.count) records, \(reader.byteCount) bytes, \(levelCount) levels")

        // A simulator of the same seed that stops at the last depth message has its book.
        var simulator = BinanceSimulator(seed: 1, start: Self.start)
        var time = Self.start
        let lastID = try #require(reader.binance.lastIDs["BTCUSDT"])
        var body: [String: Any] = [:]
        repeat {
            time += 100_000_000
            _ = simulator.advance(to: time)
            body = try jsonObject(try #require(simulator.snapshot(symbol: "BTCUSDT")))
        } while (body["lastUpdateId"] as! NSNumber).int64Value < lastID
        #expect((body["lastUpdateId"] as! NSNumber).int64Value == lastID)
        #expect(reader.binance.books["BTCUSDT"] == (try trueBook(simulator, "BTCUSDT")))
    }

    @Test("an outage is silent until the venue is connected anew and sends a new snapshot")
    func outage() throws {
        let outage = SimulatedOutage(
            feed: .binanceSpot, offsetNanos: 4 * Self.second, durationNanos: 5 * Self.second)
        var reader = SessionReader()
        let session = SimulatedSession(
            durationNanos: 14 * Self.second, assets: [.btc], outages: [outage])
        try session.run { try reader.read($0) }
        let down = Self.start + 4 * Self.second
        let up = down + 5 * Self.second
        let during = reader.records.filter { $0.time > down && $0.time < up }
        #expect(during.count > 100 && during.allSatisfy { $0.venue == "coinbase" })
        let after = reader.records.filter { $0.venue == "binance" && $0.time >= up }
        #expect(after[0].type == "connect" && after[0].time == up)
        #expect(after.filter { $0.type == "http" }.count == 1)
        #expect(reader.binance.gapCount == 0)
        #expect(reader.binance.books["BTCUSDT"]?.isCrossed == false)
    }

    @Test("a dislocation crosses the venues against each other, and little else does")
    func dislocation() throws {
        let dislocation = SimulatedDislocation(
            venue: .coinbase, offsetNanos: 5 * Self.second, durationNanos: 5 * Self.second,
            shiftPpm: 600)
        var reader = SessionReader(watchesSpread: true)
        let session = SimulatedSession(
            durationNanos: 15 * Self.second, assets: [.btc], dislocations: [dislocation])
        try session.run { try reader.read($0) }
        var crossedInside: Int64 = 0
        var crossedOutside: Int64 = 0
        for (this, next) in zip(reader.spreads, reader.spreads.dropFirst()) where this.spread < 0 {
            let since = this.time - Self.start
            if since > 5 * Self.second, since < 10_200_000_000 {
                crossedInside += next.time - this.time
            } else {
                crossedOutside += next.time - this.time
            }
        }
        #expect(crossedInside > 4 * Self.second)
        #expect(crossedOutside < Self.second / 2)
        #expect(reader.binance.gapCount == 0)
    }

    @Test(
        "the default session has the promised size",
        .enabled(if: ProcessInfo.processInfo.environment["SIMULATED_FULL"] != nil))
    func full() throws {
        var reader = SessionReader()
        try SimulatedSession().run { try reader.read($0) }
        let levelCount = reader.binance.levelCount + reader.coinbase.levelCount
        print(
            "10 min: \(reader.records.count) records, \(reader.byteCount) bytes, \(levelCount) levels"
        )
        #expect((300_000...600_000).contains(levelCount))
        #expect((20_000_000...60_000_000).contains(reader.byteCount))
        #expect(reader.binance.gapCount == 0 && reader.coinbase.gapCount == 0)
    }
}
