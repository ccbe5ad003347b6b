import Engine
import Foundation
import TestSupport
import Testing

@testable import Venues

@Suite("Simulated: what clients of OKX send")
struct SimulatedOKXRequestTests {
    private static let request =
        "{\"id\":\"1512\",\"op\":\"subscribe\",\"args\":[{\"channel\":\"books\",\"instId\":"
        + "\"BTC-USDT\"}]}"

    private func opened() -> OKXSimulator {
        var simulator = OKXSimulator(
            seed: 3, start: SimulatedSession.defaultStart, assets: [.btc])
        _ = simulator.open(at: SimulatedSession.defaultStart)
        return simulator
    }

    @Test("ping is answered by pong, as bare text")
    func ping() {
        var simulator = opened()
        #expect(simulator.receive(OKXAdapter.keepalive).map(\.bytes) == [Array("pong".utf8)])
    }

    @Test(
        "what cannot be taken is refused by the venue's code",
        arguments: [
            ("pin", "60012"), ("", "60012"), ("[]", "60012"), ("{}", "60019"),
            ("{\"op\":\"subscribe\"}", "60012"), ("{\"op\":\"subscribe\",\"args\":[]}", "60012"),
            ("{\"op\":\"subscribe\",\"args\":{}}", "60012"),
            ("{\"op\":\"subscribe\",\"args\":[{\"instId\":\"BTC-USDT\"}]}", "60012"),
            ("{\"op\":\"order\",\"args\":[{\"channel\":\"books\"}]}", "60019"),
            ("{\"op\":5,\"args\":[]}", "60012"),
            ("{\"id\":\"a-b\",\"op\":\"subscribe\",\"args\":[]}", "60012"),
            (
                "{\"id\":\"123456789012345678901234567890123\",\"op\":\"subscribe\",\"args\":[]}",
                "60012"
            ),
            ("{\"op\":\"subscribe\",\"args\":[{\"channel\":\"books\"}]}", "60018"),
            (
                "{\"op\":\"unsubscribe\",\"args\":[{\"channel\":\"bookz\",\"instId\":\"BTC-USDT\"}]}",
                "60018"
            ),
            (
                "{\"op\":\"subscribe\",\"args\":[{\"channel\":\"books\",\"instId\":\"A\\\"B\"}]}",
                "60012"
            ),
        ])
    func refused(text: String, code: String) throws {
        var simulator = opened()
        let answers = simulator.receive(Array(text.utf8))
        #expect(answers.count == 1)
        let answer = try jsonObject(try #require(answers.first).bytes)
        #expect(answer["event"] as? String == "error" && answer["code"] as? String == code)
        if code == "60012" { #expect(answer["msg"] as? String == "Invalid request: \(text)") }
        let bench = AdapterBench(.okx)
        #expect(bench.feed(bytes: answers[0].bytes) == .unused(.errorAnswer))
    }

    @Test("garbage of every kind is answered in the venue's words, and ends nothing")
    func garbage() throws {
        var random = SeededRandom(seed: 9)
        var simulator = opened()
        let bench = AdapterBench(.okx)
        var refusals = 0
        for _ in 0..<3_000 {
            var bytes = Array(Self.request.utf8)
            for _ in 0...(random.next() % 3) {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
                default: bytes.removeLast(min(bytes.count - 1, at))
                }
            }
            _ = simulator.open(at: SimulatedSession.defaultStart)
            let answers = simulator.receive(bytes)
            #expect(!answers.isEmpty)
            for answer in answers {
                let outcome = bench.feed(bytes: answer.bytes)
                if outcome == .unused(.errorAnswer) { refusals += 1 }
                if case .rejected = outcome {
                    Issue.record("\(String(decoding: answer.bytes, as: UTF8.self))")
                }
            }
        }
        #expect(refusals > 1_000)
        #expect(simulator.receive([UInt8](repeating: 0x20, count: 70_000)).count == 1)
        _ = simulator.open(at: SimulatedSession.defaultStart)
        #expect(simulator.receive(Array(Self.request.utf8)).count == 2)
    }

    @Test("every prefix of a request is refused")
    func prefixes() throws {
        let bytes = Array(Self.request.utf8)
        for count in 0..<bytes.count {
            var simulator = opened()
            let answers = simulator.receive(Array(bytes[..<count]))
            #expect(answers.count == 1)
            #expect(try jsonObject(answers[0].bytes)["code"] as? String == "60012")
        }
    }

    @Test("481 requests of one connection within an hour are one too many")
    func tooFrequent() throws {
        var simulator = opened()
        for _ in 0..<480 { #expect(simulator.receive(Array(Self.request.utf8)).count == 2) }
        let refusal = try #require(simulator.receive(Array(Self.request.utf8)).first)
        #expect(try jsonObject(refusal.bytes)["code"] as? String == "60014")
        #expect(simulator.receive(Array("ping".utf8)).count == 1)
        // The budget is the connection's: a new one has its own.
        _ = simulator.open(at: SimulatedSession.defaultStart)
        #expect(simulator.receive(Array(Self.request.utf8)).count == 2)
    }
}
