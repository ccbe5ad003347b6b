import Engine
import Testing

@testable import Venues

/// The real adapter behind a simulated venue, and the books that its events make.
final class SimulatedReader {
    private let adapter: any VenueAdapter
    private(set) var books: [UInt32: PlainBook] = [:]
    private(set) var commands: [AdapterCommand] = []
    private(set) var rejected = 0
    private var definitions: [UInt16: InstrumentDefinition] = [:]

    init(_ venue: Venue) {
        guard
            let adapter = VenueRegistry.adapter(
                VenueEndpoint(venue), connection: 0, name: [], instruments: InstrumentTable())
        else { preconditionFailure("a venue without an adapter") }
        self.adapter = adapter
    }

    /// The book of the venue's symbol.
    func book(_ symbol: String) -> PlainBook? {
        let id = definitions.first { $0.value.venueSymbol == Array(symbol.utf8) }?.key
        return id.flatMap { books[BookKey(instrument: $0, connection: 0).rawValue] }
    }

    func receive(_ messages: [SimulatedMessage]) {
        for message in messages {
            var block = EventBlock()
            let outcome = message.bytes.withUnsafeBufferPointer {
                adapter.receive(
                    $0, origin: .socket, receivedAt: message.receivedAt, into: &block)
            }
            if case .rejected = outcome { rejected += 1 }
            fold(block)
            adapter.drainCommands { commands.append($0) }
        }
    }

    private func fold(_ block: EventBlock) {
        for index in 0..<block.count {
            let header = block.headers[index]
            switch EventKind(rawValue: header.kind) {
            case .bookSnapshot, .bookDelta:
                book(block.books[Int(header.book)]).apply(header, block.levels)
            case .trade: book(block.books[Int(header.book)]).trades += 1
            default: foldRare(block, index)
            }
        }
    }

    private func foldRare(_ block: EventBlock, _ index: Int) {
        switch try? block.event(at: index).body {
        case .instrumentDefinition(let definition):
            definitions[definition.instrument] = definition
            for (key, book) in books
            where BookKey(rawValue: key).instrument == definition.instrument {
                book.define(definition)
            }
        case .venueStatus(let status):
            if case .book(let key, let validity) = status.subject {
                book(key.rawValue).validity = validity
            }
        default: return
        }
    }

    private func book(_ key: UInt32) -> PlainBook {
        if let known = books[key] { return known }
        let book = PlainBook()
        if let definition = definitions[BookKey(rawValue: key).instrument] {
            book.define(definition)
        }
        books[key] = book
        return book
    }
}
