import Engine
import Testing

@testable import Venues

/// Every line that counts as rejected is in the journal too (D.1, V.14), also where it comes before
/// the recording has a connection or a time. Records without a time go to no journal.
@Suite("Recordings: a rejected line leaves evidence")
struct LostLineTests {
    /// Reads a recording as the importer does: a record that is no message goes nowhere.
    private func read(_ text: String, _ session: CaptureSession = CaptureSession()) -> Read {
        var read = Read()
        let bytes = Array(text.utf8)
        bytes.withUnsafeBufferPointer { all in
            guard let format = CaptureFormat.recognise(all) else { return }
            let reader = CaptureReader(format: format, session: session)
            func apply(_ record: CaptureRecord?) {
                guard let record else { return }
                var block = EventBlock()
                let outcome = reader.apply(record, into: &block)
                guard record.isMessage else { return }
                read.outcomes.append(outcome)
                for index in 0..<block.count {
                    guard let event = try? block.event(at: index) else { continue }
                    #expect(event.receivedAt > 0)
                    read.events.append(event.body)
                }
            }
            for line in all.split(separator: 0x0a) {
                apply(reader.push(UnsafeBufferPointer(rebasing: line)))
            }
            apply(reader.finish())
        }
        return read
    }

    private struct Read {
        var outcomes: [Outcome] = []
        var events: [EventBody] = []

        /// First bytes of the rejected messages.
        var rejected: [String] {
            events.compactMap {
                guard case .rejectedMessage(let message) = $0 else { return nil }
                return String(decoding: message.prefix, as: UTF8.self)
            }
        }

        var statuses: [VenueStatus] {
            events.compactMap {
                guard case .venueStatus(let status) = $0 else { return nil }
                return status
            }
        }
    }

    private let header = "{\"t\":\"header\",\"exchange\":\"COINBASE\"}\n"
    private let broken = "{\"t\":\"recv\",\"co"

    private func record(_ type: String, _ rest: String, _ connection: String = "a") -> String {
        "{\"t\":\"\(type)\",\"conn\":\"\(connection)\",\"ts\":1617647602.6,\(rest)}\n"
    }

    private var connect: String { record("connect", "\"addr\":\"wss://ws-feed.pro.coinbase.com\"") }

    private func snapshot(_ connection: String = "a") -> String {
        record(
            "recv",
            "\"data\":\"{\\\"type\\\":\\\"snapshot\\\",\\\"product_id\\\":\\\"BTC-USD\\\","
                + "\\\"bids\\\":[],\\\"asks\\\":[]}\"", connection)
    }

    @Test("a line of JSON before any connection is said with the connection's first message")
    func jsonLines() {
        for start in [header, header + connect, connect] {
            let read = read(start + broken + "\n" + snapshot())
            #expect(read.rejected == [broken])
            #expect(read.outcomes == [.used])
            guard case .connection(_, .coinbase, _, .up)? = read.statuses.first?.subject else {
                Issue.record("the connection's own status is missing")
                return
            }
            guard case .bookSnapshot? = read.events.last else {
                Issue.record("the snapshot is missing")
                return
            }
        }
        let other = record("recv", "\"data\":\"{}\"", "x")
        let late = read(other + broken + "\n" + connect + snapshot() + snapshot("b"))
        #expect(late.outcomes.dropFirst().first == .rejected(.malformed))
        #expect(late.rejected == [broken])
    }

    @Test("a line lost in the next part of a recording loses the books that it continues")
    func nextPart() {
        let session = CaptureSession()
        #expect(read(header + snapshot(), session).rejected.isEmpty)
        let next = read(header + broken + "\n" + snapshot(), session)
        #expect(next.rejected == [broken])
        guard case .book(_, .invalid(.parse))? = next.statuses.first?.subject else {
            Issue.record("the book stayed live: \(next.statuses)")
            return
        }
    }

    private let time = "1723161256172216566 "

    @Test("a line before the venue is known is said with the first message that shows it")
    func receivedLines() {
        let depth =
            "{\"e\":\"depthUpdate\",\"E\":1,\"s\":\"BTCUSDT\",\"U\":101,\"u\":101,"
            + "\"b\":[],\"a\":[]}"
        let lost = ["{\"x", "{\"unheard\":1}", "{}"]
        let text = lost.map { time + $0 + "\n" }.joined() + "nothing\n" + time + depth + "\n"
        let read = read(text)
        #expect(read.outcomes.count == 5)
        #expect(read.outcomes.prefix(4).allSatisfy { "\($0)".hasPrefix("rejected") })
        #expect(read.rejected == lost + ["nothing"])
    }

    @Test("a snapshot that waited for its symbol and is unreadable counts as rejected")
    func earlySnapshot() {
        let snapshot = "{\"lastUpdateId\":100,\"bids\":[[\"x\",\"1\"]],\"asks\":[]}"
        let ticker =
            "{\"u\":400900217,\"s\":\"BNBUSDT\",\"b\":\"25.35\",\"B\":\"31.21\",\"a\":\"25.36\","
            + "\"A\":\"40.66\"}"
        let read = read(time + snapshot + "\n" + time + ticker + "\n" + time + ticker + "\n")
        #expect(
            read.outcomes == [
                .unused(.waitingForSnapshot), .rejected(.badNumber), .unused(.bestBidAsk),
            ])
        #expect(read.rejected == [snapshot])
    }

    @Test("rows before any known book are said with the first message that has one")
    func levelRows() {
        let title = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
        func row(_ exchange: String, _ local: String = "1723161256000000") -> String {
            "\(exchange),BTCUSDT,1723161256000000,\(local),true,bid,99,1"
        }
        let lost = [row("binancX"), row("binance", "x")]
        let good = row("binance")
        let read = read(title + lost.joined(separator: "\n") + "\n" + good + "\n")
        #expect(read.rejected == lost)
        #expect(read.statuses.count == 1)
        guard case .bookSnapshot? = read.events.last else { return #expect(Bool(false)) }
        let early = self.read(title + row("binance", "x") + "\n" + good + "\n")
        #expect(early.rejected == [row("binance", "x")])
        #expect(early.statuses.count == 1)
    }
}
