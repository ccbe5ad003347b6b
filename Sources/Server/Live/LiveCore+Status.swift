import Engine
import Journal
import Venues

extension LiveCore {
    /// The calendar was stepped: a fact of the log.
    func note(_ step: LiveClock.Step, _ now: Instant) throws(JournalError) {
        try guarded(now) { () throws(JournalError) in
            try record(now, .clockStep(step.to - step.from, at: now.wall)) { block in
                block.append(
                    .clockStep(ClockStep(step: step.to - step.from)), receivedAt: now.wall)
            }
        }
    }

    /// How the run stands.
    var status: LiveStatus {
        var status = LiveStatus()
        status.acceptedSequence = sequencer.writer.acceptedSequence
        status.durableSequence = sequencer.writer.durableSequence
        status.time = sequencer.time
        status.refusedEvents = sequencer.refusedEvents
        status.pause = pause.map { "\($0)" }
        sequencer.withEngine { engine in
            status.source = engine.source
            status.tickHz = engine.configuration.tickHz
            status.windowsBps = engine.configuration.windowsBps
            status.symbols = engine.symbols.map { String(decoding: $0, as: UTF8.self) }
        }
        // What is recorded has its symbol from the start, its frames once a venue has named it.
        for symbol in links.flatMap(\.consolidated) where !status.symbols.contains(symbol) {
            status.symbols.append(symbol)
        }
        status.feeds = links.map { feed($0) }
        return status
    }

    private func feed(_ link: VenueLink) -> LiveStatus.Feed {
        let line = link.current ?? link.lines.first { $0.state != .down }
        let connection: String
        switch line?.state {
        case .up: connection = "up"
        case .connecting: connection = "connecting"
        case .down, nil: connection = "down"
        }
        let books = link.watches.map(\.symbol).map { symbol in
            var text: [UInt8] = []
            (line.flatMap { validity(link, $0, symbol) } ?? .empty).append(to: &text)
            return LiveStatus.Book(
                symbol: String(decoding: symbol, as: UTF8.self),
                validity: String(decoding: text, as: UTF8.self))
        }
        return LiveStatus.Feed(
            name: link.service.name, connection: connection, isHeldBack: link.isHeldBack,
            isBanned: link.budget.isBanned, messages: link.messages, rejected: link.rejected,
            connects: link.connects, books: books, isClockSuspect: link.clock.isSuspect,
            transportNanos: link.clock.meanNanos)
    }
}
