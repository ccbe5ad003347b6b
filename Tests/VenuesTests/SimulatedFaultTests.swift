import Testing
import Venues

@Suite("Simulated: faults")
struct SimulatedFaultTests {
    private let messages: [SimulatedMessage] = {
        var simulator = BinanceSimulator(
            seed: 4, start: SimulatedSession.defaultStart, assets: [.btc])
        _ = simulator.connect(at: SimulatedSession.defaultStart)
        return simulator.advance(to: SimulatedSession.defaultStart + 20_000_000_000)
    }()

    @Test("a plan without rates changes nothing")
    func none() {
        var plan = FaultPlan(seed: 1, perMille: [:])
        #expect(plan.apply(messages) == messages)
        #expect(plan.counts.isEmpty)
    }

    @Test("a wrong checksum differs in its last digit, and only where there is one")
    func checksum() {
        let texts = [#"{"checksum":-1881014294,"a":1}"#, #"{"checksum":7}"#, #"{"a":[]}"#]
        let messages = texts.map {
            SimulatedMessage(sentAt: 1, receivedAt: 1, bytes: Array($0.utf8))
        }
        var plan = FaultPlan(seed: 3, perMille: [.wrongChecksum: 1_000])
        let arrived = plan.apply(messages)
        #expect(plan.counts == [.wrongChecksum: 2])
        #expect(arrived[2] == messages[2])
        for (before, after) in zip(messages, arrived).prefix(2) {
            let places = before.bytes.indices.filter { before.bytes[$0] != after.bytes[$0] }
            #expect(places.count == 1)
        }
        #expect(String(decoding: arrived[0].bytes, as: UTF8.self).contains("-188101429"))
    }

    @Test(
        "each fault does what its name says",
        arguments: FaultPlan.Fault.allCases.filter { $0 != .wrongChecksum })
    func each(fault: FaultPlan.Fault) {
        var plan = FaultPlan(seed: 2, perMille: [fault: 100])
        let arrived = plan.apply(messages)
        let count = plan.counts[fault] ?? 0
        // Trades have no venue sequence, so a wrong one strikes fewer messages.
        #expect(count > 10)
        #expect(plan.counts.count == 1)
        let before = messages.map(\.bytes)
        let after = arrived.map(\.bytes)
        let changed = zip(before, after).filter { $0 != $1 }
        switch fault {
        case .drop: #expect(after.count == before.count - count)
        case .duplicate: #expect(after.count == before.count + count)
        case .reorder, .delay: #expect(Set(after) == Set(before) && arrived != messages)
        case .corrupt, .wrongSequence, .wrongChecksum:
            #expect(changed.count == count)
            #expect(changed.allSatisfy { zip($0, $1).filter { $0 != $1 }.count == 1 })
        case .truncate:
            #expect(changed.count == count)
            #expect(changed.allSatisfy { $0.count > $1.count && $0.starts(with: $1) })
        }
        for (earlier, later) in zip(arrived, arrived.dropFirst()) {
            #expect(earlier.receivedAt <= later.receivedAt)
        }
    }

    @Test("the same plan does the same, another seed something else")
    func determinism() {
        let rates = Dictionary(uniqueKeysWithValues: FaultPlan.Fault.allCases.map { ($0, 50) })
        var first = FaultPlan(seed: 6, perMille: rates)
        var second = FaultPlan(seed: 6, perMille: rates)
        var other = FaultPlan(seed: 7, perMille: rates)
        let arrived = first.apply(messages)
        #expect(arrived == second.apply(messages))
        #expect(arrived != other.apply(messages))
        #expect(first.counts == second.counts)
    }

    @Test("empty and tiny messages survive every fault")
    func tiny() {
        let rates = Dictionary(uniqueKeysWithValues: FaultPlan.Fault.allCases.map { ($0, 900) })
        var plan = FaultPlan(seed: 6, perMille: rates)
        let tiny = (0..<200).map {
            SimulatedMessage(
                sentAt: 0, receivedAt: 0,
                bytes: Array("\"U\":".utf8.prefix($0 % 5)))
        }
        _ = plan.apply(tiny)
        #expect(plan.counts[.drop] ?? 0 > 0)
    }
}
