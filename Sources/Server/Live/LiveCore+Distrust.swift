import Engine
import Journal
import Venues

/// What makes a venue's words doubtful: too many that cannot be read, and a clock that cannot be
/// right.
extension LiveCore {
    /// Too many messages of a line could not be used (V.14): its live books are invalid, and are
    /// synced anew by the venue's own rules.
    func distrust(_ link: VenueLink, _ line: VenueLine, _ now: Instant) throws(JournalError) {
        for symbol in link.symbols where validity(link, line, symbol) == .live {
            try guarded(now) { () throws(JournalError) in
                try record(now, .lost(line.id, symbol: symbol, at: now.wall)) { block in
                    line.adapter.distrust(symbol, receivedAt: now.wall, into: &block)
                }
            }
        }
    }

    /// Takes the venue's time from the change that was just appended, where one was: what a venue
    /// tells of the past at the start of a subscription is no sign of its clock.
    func noteVenueTime(_ block: borrowing EventBlock, _ link: VenueLink, _ now: Instant) {
        guard let last = block.headers.last, last.kind == EventKind.bookDelta.rawValue,
            last.source != Timestamp.none, last.time == now.wall
        else { return }
        link.clock.note(source: last.source, receivedAt: now.wall)
    }
}

extension VenueAdapter {
    /// The book of `symbol` is not to be trusted any more: it is invalid, and synced anew.
    func distrust(_ symbol: [UInt8], receivedAt: Int64, into block: inout EventBlock) {
        symbol.withUnsafeBufferPointer {
            _ = lose(
                symbol: $0, .unknownMessage, evidence: UnsafeBufferPointer(start: nil, count: 0),
                receivedAt: receivedAt, into: &block)
        }
    }
}
