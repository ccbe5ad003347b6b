import NIOCore
import Testing
import Venues

@testable import Server

/// What each fault on demand does to a client, against the same venue without it.
@Suite struct SimulatedStationTests {
    typealias Received = StationClient.Received

    private static let second = StationClient.second

    /// What clients get in 14 s of a venue that is well, and of one with a fault from 4 s on.
    private func run(
        _ fault: String, _ service: String = "binance"
    ) throws -> (well: StationClient, ill: StationClient) {
        var well = try StationClient(service)
        var ill = try StationClient(service, [fault])
        try well.run(seconds: 14)
        try ill.run(seconds: 14)
        #expect(well.isOpen && well.rest.isEmpty && well.received.count > 300)
        #expect(ill.received.prefix { $0.at < 4 * Self.second }.count > 50)
        return (well, ill)
    }

    private func bytes(_ messages: some Sequence<Received>) -> [[UInt8]] { messages.map(\.bytes) }

    /// Those that came while the fault was on, 4 s to 8 s.
    private func during(_ messages: [Received]) -> [Received] {
        messages.filter { (4 * Self.second..<8 * Self.second).contains($0.at) }
    }

    /// Those that the venue sent while the fault was on: what was on its way before is spared.
    private func inside(_ messages: [Received]) -> [Received] {
        messages.filter { (5 * Self.second..<8 * Self.second).contains($0.at) }
    }

    @Test(arguments: ["down@4s+4s", "disconnect@4s+4s"])
    func `the connection ends, and nothing more comes`(_ fault: String) throws {
        let (well, ill) = try run(fault)
        #expect(!ill.isOpen && ill.rest.isEmpty)
        #expect(ill.received == Array(well.received.prefix { $0.at <= 4 * Self.second }))
        let isDown = fault.hasPrefix("down")
        let (before, on, after) = (3 * Self.second, 7 * Self.second, 8 * Self.second)
        #expect(ill.station.isReachable(StationClient.start + before))
        #expect(ill.station.isReachable(StationClient.start + on) == !isDown)
        #expect(ill.station.isReachable(StationClient.start + after))
    }

    @Test func `a cut connection ends inside a message`() throws {
        let (well, ill) = try run("cut:20@4s+10s")
        let count = ill.received.count
        #expect(!ill.isOpen && count < well.received.count)
        #expect(ill.received == Array(well.received.prefix(count)))
        let next = Array(
            WebSocketFrames.encode(.text, well.received[count].bytes).readableBytesView)
        #expect(ill.rest.count < next.count && next.starts(with: ill.rest))
        #expect(!ill.rest.isEmpty)
    }

    @Test func `an old connection is closed by the venue, with a reason`() throws {
        let (well, ill) = try run("age@4s+9s")
        #expect(!ill.isOpen)
        let end = try #require(ill.received.last)
        #expect(end.opcode == 8 && end.bytes == [3, 0xe9])
        #expect(end.at == 10 * Self.second)
        #expect(ill.received.dropLast() == well.received.prefix { $0.at <= 10 * Self.second })
    }

    @Test func `a silent venue keeps the connection, and what it would have said is lost`() throws {
        let (well, ill) = try run("silent@4s+4s")
        #expect(ill.isOpen && during(ill.received).isEmpty)
        let rest = well.received.filter { !during([$0]).isEmpty }
        #expect(!rest.isEmpty && ill.received.count == well.received.count - rest.count)
    }

    @Test func `messages are lost, doubled, late and overtaken`() throws {
        let (well, lossy) = try run("drop:300@4s+4s")
        let all = during(well.received)
        let left = during(lossy.received)
        #expect((1..<all.count).contains(left.count) && Set(bytes(left)).isSubset(of: bytes(all)))
        let double = inside(try run("duplicate@4s+4s").ill.received)
        #expect(bytes(double) == bytes(inside(well.received)).flatMap { [$0, $0] })
        let late = try run("delay@4s+4s").ill.received
        #expect(bytes(late) == bytes(well.received))
        #expect(zip(late, well.received).contains { $0.at > $1.at + Self.second / 2 })
        #expect(zip(late, well.received).allSatisfy { $0.at >= $1.at })
        let overtaken = bytes(during(try run("reorder:300@4s+4s").ill.received))
        #expect(
            overtaken != bytes(all) && overtaken.sorted(by: less) == bytes(all).sorted(by: less))
    }

    private func less(_ a: [UInt8], _ b: [UInt8]) -> Bool { a.lexicographicallyPrecedes(b) }

    @Test func `messages are damaged and cut, numbers and checksums lie`() throws {
        let (well, damaged) = try run("corrupt@4s+4s")
        let all = bytes(inside(well.received))
        for (sent, got) in zip(all, bytes(inside(damaged.received))) {
            let bits = zip(sent, got).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            #expect(sent.count == got.count && bits == 1)
        }
        for (sent, got) in zip(all, bytes(inside(try run("truncate@4s+4s").ill.received))) {
            #expect(got.count < sent.count && sent.starts(with: got))
        }
        for (fault, service, key) in [
            ("sequence", "binance", #"u":"#),
            ("checksum", "kraken", #""checksum":"#),
        ] {
            let (well, liar) = try run("\(fault)@4s+4s", service)
            var lies = 0
            for (sent, got) in zip(during(well.received), during(liar.received))
            where sent.bytes != got.bytes {
                lies += 1
                #expect(String(decoding: sent.bytes, as: UTF8.self).contains(key))
                #expect(zip(sent.bytes, got.bytes).count { $0 != $1 } == 1)
            }
            #expect(lies > 20, "\(fault)")
        }
    }

    @Test func `requests are refused, or answered with a book of the past`() throws {
        var venue = try StationClient(
            "binance", ["stale@10s+60s", "limited@80s+5s", "banned@90s+5s"])
        let symbol = "BTCUSDT"
        func answer(at seconds: Int64) -> (status: Int, body: [UInt8]) {
            venue.station.answer(
                symbol: symbol, at: StationClient.start + seconds * Self.second)
        }
        try venue.run(seconds: 9)
        let before = answer(at: 9)
        try venue.run(seconds: 11)
        let old = answer(at: 20)
        try venue.run(seconds: 51)
        let new = answer(at: 71)
        #expect([before.status, old.status, new.status] == [200, 200, 200])
        #expect(old.body != new.body && answer(at: 60).body != new.body, "of a minute ago")
        #expect(answer(at: 82).status == 429 && answer(at: 92).status == 418)
        #expect(answer(at: 96).status == 200)
        let unknown = venue.station.answer(symbol: "NONE", at: StationClient.start)
        #expect(unknown.status == 400)
    }
}
