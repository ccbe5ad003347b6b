import Engine
public import Journal
import Venues

/// What sockets and requests bring.
extension LiveCore {
    /// A socket is open: its venue is subscribed.
    public func opened(_ socket: SocketID, _ now: Instant) throws(JournalError) {
        guard let (link, line) = find(socket), case .connecting = line.state else { return }
        line.state = .up(since: now.steady)
        link.connects &+= 1
        line.heardAt = now.steady
        line.pingedAt = now.steady
        planHandOver(link, line, now)
        for index in link.watches.indices where link.current === line {
            link.watches[index].restart(now.steady)
        }
        line.send(line.adapter.subscriptions(symbols: link.symbols))
        try change(line, .up, now)
        sendDue(line, now)
    }

    /// A socket is gone, or could not be opened.
    public func closed(
        _ socket: SocketID, _ end: SocketEnd, _ now: Instant
    ) throws(JournalError) {
        guard let (link, line) = find(socket), line.state != .down else { return }
        try drop(link, line, isPlanned: false, now)
        // It is gone, and so is what the driver knows of it.
        driver.close(socket)
        if case .closedByVenue(.some) = end {
            // A close with a reason: the first try comes at once, with a second of jitter.
            link.attemptAt = now.steady + jitter.below(1_000_000_000)
        }
        if link.breaker.fail(now.steady) { link.attemptAt = link.breaker.closedFrom }
    }

    /// A text message of a socket.
    public func received(
        _ socket: SocketID, _ message: UnsafeBufferPointer<UInt8>, _ now: Instant
    ) throws(JournalError) {
        guard let (link, line) = find(socket), line.isUp else { return }
        line.heardAt = now.steady
        link.messages &+= 1
        var isDistrusted = false
        try guarded(now) { () throws(JournalError) in
            try record(now, .message(line.id, Array(message), at: now.wall)) { block in
                let outcome = line.adapter.receive(
                    message, origin: .socket, receivedAt: now.wall, into: &block)
                noteVenueTime(block, link, now)
                switch outcome {
                case .rejected:
                    link.rejected &+= 1
                    isDistrusted = line.rejections.note(now.steady)
                // The venue will close the connection: another one takes over before that (V.6).
                case .unused(.serverShutdown): line.handOverAt = min(line.handOverAt, now.steady)
                default: break
                }
            }
        }
        if isDistrusted { distrust(link, line) }
        try obey(link, line, now)
        try settleDoubts(now)
    }

    /// A pong, or a ping of the venue.
    public func heard(_ socket: SocketID, _ now: Instant) {
        guard let (_, line) = find(socket), line.isUp else { return }
        line.heardAt = now.steady
    }

    /// The answer to a request; `body` is empty where there is none.
    public func answered(
        _ id: UInt64, _ head: AnswerHead, _ body: UnsafeBufferPointer<UInt8>, _ now: Instant
    ) throws(JournalError) {
        for link in links {
            guard let index = link.awaited.firstIndex(where: { $0.request.id == id }) else {
                continue
            }
            let request = link.awaited.remove(at: index).request
            if link.budget.note(head, at: now.wall) {
                limits.blockedUntil[link.service.host] =
                    link.budget.isBanned ? link.budget.blockedUntil : nil
                driver.keep(limits)
            }
            guard let (_, line) = find(request.socket), line.isUp else { return }
            guard head.status == 200 else { return askAgain(link, request, now) }
            try guarded(now) { () throws(JournalError) in
                try record(
                    now, .answer(line.id, path: request.path, Array(body), at: now.wall)
                ) { block in
                    request.path.withUnsafeBufferPointer { path in
                        _ = line.adapter.receive(
                            body, origin: .rest(path), receivedAt: now.wall, into: &block)
                    }
                }
            }
            return try obey(link, line, now)
        }
    }

    func find(_ socket: SocketID) -> (VenueLink, VenueLine)? {
        for link in links {
            if let line = link.line(socket.line) {
                return line.generation == socket.generation ? (link, line) : nil
            }
        }
        return nil
    }

    /// Does what an adapter asks for.
    func obey(_ link: VenueLink, _ line: VenueLine, _ now: Instant) throws(JournalError) {
        var commands: [AdapterCommand] = []
        line.adapter.drainCommands { commands.append($0) }
        for command in commands {
            switch command {
            case .send(let message): line.send([message])
            case .get(let path, let symbol):
                nextRequest += 1
                let request = VenueRequest(
                    id: nextRequest, socket: line.socket, path: path, symbol: symbol)
                link.requests.append((request, now.steady))
            case .resubscribe(let symbol, let messages):
                planResubscription(link, line, symbol, messages, now)
            case .reconnect(let wait):
                driver.close(line.socket)
                try drop(link, line, isPlanned: false, now)
                link.attemptAt = max(link.attemptAt ?? 0, now.steady + wait)
                link.breaker.fail(now.steady)
            }
        }
        sendDue(line, now)
        if !link.requests.isEmpty { sendRequests(link, now) }
    }

    func sendDue(_ line: VenueLine, _ now: Instant) {
        while let message = line.takeDue(now.steady) { driver.send(line.socket, message) }
    }

    private func planResubscription(
        _ link: VenueLink, _ line: VenueLine, _ symbol: [UInt8], _ messages: [[UInt8]],
        _ now: Instant
    ) {
        guard let index = link.watches.firstIndex(where: { $0.symbol == symbol }) else {
            return line.send(messages)
        }
        let isChecksum = validity(link, line, symbol) == .invalid(.checksum)
        link.watches[index].plan(
            messages, by: line.id, isChecksum: isChecksum, now.steady, &jitter)
    }

    /// State of the book of `symbol` on a line; nil while it has none.
    func validity(_ link: VenueLink, _ line: VenueLine, _ symbol: [UInt8]) -> BookValidity? {
        guard let key = key(link, line, symbol) else { return nil }
        return sequencer.withEngine { $0.validity(of: key) }
    }

    /// The book of `symbol` on a line; nil where no instrument has that symbol yet.
    func key(_ link: VenueLink, _ line: VenueLine, _ symbol: [UInt8]) -> BookKey? {
        let endpoint = link.service.endpoint
        let id = symbol.withUnsafeBufferPointer {
            instruments.instrument(endpoint.venue, market: endpoint.market, symbol: $0)
        }
        return id.map { BookKey(instrument: $0, connection: line.id) }
    }
}
