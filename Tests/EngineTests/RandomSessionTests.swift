import TestSupport
import Testing

@testable import Engine

/// The generator behind the tests of fold, codec, checkpoint and digest leaves nothing out.
@Suite struct RandomSessionTests {
    @Test func `the sessions hold every kind of event and reach every state of a book`() throws {
        var kinds: Set<UInt8> = []
        var states: Set<UInt8> = []
        var refined = 0, scaled = 0, lost = 0, late = 0
        var refused: UInt64 = 0
        for seed in 0..<12 as Range<UInt64> {
            var session = RandomSession(seed: seed)
            var engine = Engine()
            var outputs = OutputBuffer(wantsFrames: false)
            var blocks = [session.head()]
            for _ in 0..<8 { blocks.append(session.next(300)) }
            for block in blocks {
                for index in 0..<block.count {
                    let event = try block.event(at: index)
                    let usable = liveBooks(engine)
                    if case .instrumentDefinition(let new) = event.body,
                        Int(new.instrument) < engine.definitions.count,
                        new.sizeExponent > engine.definitions[Int(new.instrument)].sizeExponent
                    {
                        refined += 1
                        scaled += usable.contains { $0.instrument == new.instrument } ? 1 : 0
                    }
                    engine.apply(block, range: index..<index + 1, into: &outputs)
                    kinds.insert(block.headers[index].kind)
                    late += event.receivedAt < event.time ? 1 : 0
                    if case .venueStatus(let status) = event.body,
                        case .connection(let id, _, _, .down) = status.subject
                    {
                        lost += usable.contains { $0.connection == id } ? 1 : 0
                    }
                    for book in engine.bookSummaries { states.insert(book.validity.code) }
                }
                outputs.clear()
            }
            refused += engine.refusedEvents
            #expect(engine.symbols.count >= 4)
        }
        #expect(kinds == Set(EventKind.allCases.map(\.rawValue)))
        let reasons = InvalidReason.allCases.map { BookValidity.invalid($0).code }
        #expect(states == Set([0, 1, 2] + reasons))
        #expect(refined > 100 && scaled > 50 && lost > 10 && late > 100 && refused > 100)
        print(
            "sessions: \(refined) refinements, \(scaled) of a live book; \(lost) live books lost;",
            "\(late) events behind their time; \(refused) refused")
    }

    private func liveBooks(_ engine: borrowing Engine) -> [BookKey] {
        engine.bookSummaries.filter { $0.validity == .live }.map(\.key)
    }
}
