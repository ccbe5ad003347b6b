import Engine
import Journal
import Venues

/// A book that is to be synced anew, by the venue's own rules.
struct Doubt {
    /// Why.
    enum Reason {
        /// The fold found the book impossible.
        case impossible
        /// Too many messages of its line could not be used (V.14).
        case unreadable
    }

    var key: BookKey
    var reason: Reason
}

/// What makes a venue's words doubtful, and what follows from that.
extension LiveCore {
    /// Too many messages of a line could not be used (V.14): none of its live books is trusted.
    func distrust(_ link: VenueLink, _ line: VenueLine) {
        for symbol in link.symbols where validity(link, line, symbol) == .live {
            guard let key = key(link, line, symbol) else { continue }
            doubts.append(Doubt(key: key, reason: .unreadable))
        }
    }

    /// Tells adapters which of their books are in doubt; what the journal does not take now is
    /// told later.
    func settleDoubts(_ now: Instant) throws(JournalError) {
        for _ in doubts.indices {
            guard !isPaused, let doubt = doubts.first else { return }
            let symbol = sequencer.withEngine { $0.bookSummary(doubt.key)?.venueSymbol }
            guard let symbol,
                let link = links.first(where: { $0.line(doubt.key.connection) != nil }),
                let line = link.line(doubt.key.connection), line.isUp
            else {
                doubts.removeFirst()
                continue
            }
            try guarded(now) { () throws(JournalError) in
                try record(now, doubt.record(symbol, at: now.wall)) { block in
                    doubts.removeFirst()
                    doubt.tell(line.adapter, symbol, at: now.wall, &block)
                }
            }
            try obey(link, line, now)
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

extension Doubt {
    fileprivate func record(_ symbol: [UInt8], at time: Int64) -> RawRecord {
        switch reason {
        case .impossible: .resync(key.connection, symbol: symbol, at: time)
        case .unreadable: .lost(key.connection, symbol: symbol, at: time)
        }
    }

    fileprivate func tell(
        _ adapter: any VenueAdapter, _ symbol: [UInt8], at time: Int64, _ block: inout EventBlock
    ) {
        switch reason {
        case .impossible:
            symbol.withUnsafeBufferPointer {
                adapter.resync(symbol: $0, receivedAt: time, into: &block)
            }
        case .unreadable: adapter.distrust(symbol, receivedAt: time, into: &block)
        }
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
