import Engine
import Foundation
import TestSupport
import Testing

@testable import Server

/// A small book of two venues, an order, and the cheapest way to fill as much, found by trying all.
private struct SmallOrder {
    struct Level {
        var venue: Int
        /// Ticks of 0.01.
        var price: Int
        /// Units of 0.001.
        var size: Int
    }

    static let venues = ["binance", "coinbase"]
    private(set) var bids: [Level] = []
    private(set) var asks: [Level] = []
    let isBuy: Bool
    /// By venue, in units of 0.0001 bps.
    let fees: [Int]
    /// Quote currency in units of 0.00001, which is price times size.
    let notional: Int

    init(_ random: inout SeededRandom) {
        func below(_ bound: UInt64) -> Int { Int(random.next() % bound) }
        for venue in 0..<2 {
            var (bid, ask) = (9_990 - below(8), 10_000 + below(8))
            for _ in 0...below(3) {
                bids.append(Level(venue: venue, price: bid, size: 1 + below(3)))
                bid -= 1 + below(5)
            }
            for _ in 0...below(3) {
                asks.append(Level(venue: venue, price: ask, size: 1 + below(3)))
                ask += 1 + below(5)
            }
        }
        isBuy = below(2) == 0
        fees = (0..<2).map { _ in [0, 10_000, 15_000, 100_000, 400_000, -12_500][below(6)] }
        let depth = (isBuy ? asks : bids).reduce(0) { $0 + $1.price * $1.size }
        notional = 1 + below(UInt64(depth + depth / 4))
    }

    var levels: [Level] { isBuy ? asks : bids }

    /// All-in cost of one unit, or what it brings, in units of 10^−13.
    func unitCost(_ level: Level) -> Int {
        level.price * (100_000_000 + (isBuy ? fees[level.venue] : -fees[level.venue]))
    }

    /// The least that `count` units can cost, or the most that they can bring, over every way to
    /// take them; nil where there are not so many.
    func best(_ count: Int, from index: Int = 0) -> Int? {
        if index == levels.count { return count == 0 ? 0 : nil }
        var result: Int?
        for taken in 0...min(count, levels[index].size) {
            guard let rest = best(count - taken, from: index + 1) else { continue }
            let sum = taken * unitCost(levels[index]) + rest
            if result.map({ isBuy ? sum < $0 : sum > $0 }) ?? true { result = sum }
        }
        return result
    }

    func append(to block: inout EventBlock, _ now: Int64) {
        for venue in 0..<2 as Range<UInt16> {
            func side(_ levels: [Level]) -> [PriceLevel] {
                levels.filter { $0.venue == Int(venue) }
                    .map { PriceLevel(price: Int64($0.price), size: Int64($0.size)) }
            }
            side(bids).withUnsafeBufferPointer { bids in
                side(asks).withUnsafeBufferPointer { asks in
                    block.appendBook(
                        .bookSnapshot,
                        BookEventFields(
                            key: BookKey(instrument: venue, connection: venue), receivedAt: now),
                        bids: bids, asks: asks)
                }
            }
        }
    }

    private var feeText: String {
        zip(Self.venues, fees).map { name, fee in
            "\"\(name)\":\(fee < 0 ? "-" : "")\(abs(fee) / 10_000)."
                + String(format: "%04d", abs(fee) % 10_000)
        }.joined(separator: ",")
    }

    private var notionalText: String {
        "\(notional / 100_000)." + String(format: "%05d", notional % 100_000)
    }

    /// As a request, and as a line for `replay-tool execute --orders`.
    var body: String {
        """
        {"symbol":"BTC-USD","side":"\(isBuy ? "buy" : "sell")","notional_usd":\(notionalText),\
        "fee_bps":{\(feeText)}}
        """
    }

    func line(_ sequence: UInt64) -> String {
        """
        {"at_seq":\(sequence),"symbol":"BTC-USD","side":"\(isBuy ? "buy" : "sell")",\
        "notional":\(notionalText),"fees":{\(feeText)}}
        """
    }

    /// What is wrong with an answer; nil: nothing.
    func fault(_ answer: [String: Any]) -> String? {
        let sor = answer["sor"] as? [String: Any] ?? [:]
        let fills = sor["fills"] as? [[String: Any]] ?? []
        var (count, cost, spent) = (0, 0, 0)
        for fill in fills {
            guard let venue = Self.venues.firstIndex(of: fill["venue"] as? String ?? ""),
                let px = fill["px"] as? Double, let qty = fill["qty"] as? Double
            else { return "a fill without venue, px or qty" }
            let level = Level(
                venue: venue, price: Int((px * 100).rounded()), size: Int((qty * 1_000).rounded()))
            let known = levels.first { $0.venue == venue && $0.price == level.price }
            guard let known, level.size <= known.size else { return "a fill that is no level" }
            count += level.size
            cost += level.size * unitCost(level)
            spent += level.size * level.price
        }
        if cost != best(count) { return "\(cost) instead of \(best(count) ?? -1)" }
        let all = levels.reduce(0) { $0 + $1.size }
        let dearest = levels.map(\.price).max() ?? 0
        if spent > notional { return "more than was asked for" }
        if count < all, notional - spent >= dearest { return "it could have taken more" }
        return nil
    }
}

/// `/api/execute` against an exhaustive search, and against `replay-tool execute --at-seq`.
@Suite struct HTTPOptimalTests {
    private static let count = 10_000

    @Test func `no way to take as much is cheaper, and the command line says the same`()
        async throws
    {
        let folder = TestServer.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = TestServer.open
        configuration.limits.requestsPerConnection = .max
        let (lines, answers) = try await TestServer.with(configuration, steps: 1, folder: folder) {
            server in
            var random = SeededRandom(seed: 28)
            let client = try server.connect()
            var lines = "", answers = "", filled = 0
            for number in 0..<Self.count {
                let order = SmallOrder(&random)
                try server.core.append { order.append(to: &$0, $1) }
                let answer = try client.ask("POST", "/api/execute", body: order.body)
                #expect(answer.status == 200, "\(order.body) \(answer.text)")
                if let fault = order.fault(answer.json) {
                    Issue.record("book \(number): \(fault): \(order) \(answer.text)")
                }
                if answer.text.contains(#""fills":[{"#) { filled += 1 }
                lines += order.line(server.core.status.acceptedSequence) + "\n"
                answers += answer.text + "\n"
            }
            #expect(filled > Self.count / 2)
            return (lines, answers)
        }
        let orders = folder + "-orders.jsonl"
        defer { try? FileManager.default.removeItem(atPath: orders) }
        try lines.write(toFile: orders, atomically: true, encoding: .utf8)
        let told = try await onThread { try Self.execute(folder, orders) }
        #expect(told == answers)
        print("execute: \(Self.count) books, each the cheapest of all ways and as replay-tool says")
    }

    /// What `replay-tool execute --orders` prints.
    private static func execute(_ folder: String, _ orders: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("replay-tool")
        process.arguments = ["execute", folder, "--orders", orders]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
