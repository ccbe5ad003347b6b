import Engine
import Journal
import Venues

/// What time alone leads to: attempts, hand-overs, keepalives, books that do not come.
extension LiveCore {
    static let requestNanosMax: Int64 = 10_000_000_000
    static let forgiveAfterNanos: Int64 = 60_000_000_000
    /// How long before the age limit a line hands over, and how much that is spread (V.6).
    private static let handOverBeforeNanos: Int64 = 3_600_000_000_000
    private static let handOverSpreadNanos: Int64 = 3_600_000_000_000

    /// Looks at every link.
    func look(_ now: Instant) throws(JournalError) {
        for link in links {
            link.isHeldBack = link.breaker.isOpen(now.steady)
            for line in link.lines { try look(line, of: link, now) }
            try attempt(link, now)
            try handOver(link, now)
            try watch(link, now)
            giveUpAnswers(link, now)
            sendRequests(link, now)
        }
        try settleDoubts(now)
    }

    private func look(
        _ line: VenueLine, of link: VenueLink, _ now: Instant
    ) throws(JournalError) {
        switch line.state {
        case .down: return
        case .connecting(let since):
            guard now.steady - since >= VenueLine.connectNanosMax else { return }
            driver.close(line.socket)
            try drop(link, line, isPlanned: false, now)
            if link.breaker.fail(now.steady) { link.attemptAt = link.breaker.closedFrom }
        case .up:
            if now.steady - line.heardAt >= VenueLine.deadAfterNanos {
                driver.close(line.socket)
                return try drop(link, line, isPlanned: false, now)
            }
            ping(line, link.service.keepalive, now)
            sendDue(line, now)
        }
    }

    /// Keeps connections alive, whatever the journal takes: what they bring waits.
    func keepAlive(_ now: Instant) {
        for link in links {
            for line in link.lines where line.isUp { ping(line, link.service.keepalive, now) }
        }
    }

    private func ping(_ line: VenueLine, _ keepalive: Keepalive, _ now: Instant) {
        guard now.steady >= line.pingDue(keepalive) else { return }
        line.pingedAt = now.steady
        if let message = keepalive.message {
            driver.send(line.socket, message)
        } else {
            driver.ping(line.socket)
        }
    }

    /// A line is down: its books are thrown away, and another attempt is planned.
    func drop(
        _ link: VenueLink, _ line: VenueLine, isPlanned: Bool, _ now: Instant
    ) throws(JournalError) {
        if !isPlanned, link.successor === line {
            link.current?.handOverAt = now.steady + link.handOverBackoff.next(&jitter)
        }
        line.state = .down
        line.handOverAt = .max
        doubts.removeAll { $0.key.connection == line.id }
        link.requests.removeAll { $0.request.socket.line == line.id }
        try change(line, .down, now)
        if isPlanned || link.lines.contains(where: { $0.state != .down }) { return }
        link.liveSince = nil
        link.attemptAt = max(
            now.steady + link.backoff.next(&jitter), link.breaker.closedFrom)
    }

    /// Opens a socket when none is and the budget allows it.
    private func attempt(_ link: VenueLink, _ now: Instant) throws(JournalError) {
        guard !isStopping, link.lines.allSatisfy({ $0.state == .down }),
            let due = link.attemptAt, now.steady >= due
        else { return }
        try connect(link, link.lines[0], now)
    }

    private func connect(
        _ link: VenueLink, _ line: VenueLine, _ now: Instant
    ) throws(JournalError) {
        // Feeds of one venue at one host share what it allows.
        let service = link.service
        let sharing = links.filter {
            $0.service.endpoint.venue == service.endpoint.venue && $0.service.host == service.host
        }
        guard sharing.allSatisfy({ $0.connections.next(now.wall) <= now.wall }) else { return }
        for link in sharing { link.connections.spend(now.wall) }
        limits.attempts[link.service.host] = link.connections.attempts
        driver.keep(limits)
        line.beginConnecting(now.steady)
        try change(line, .connecting, now)
        driver.open(line.socket, link.service)
    }

    func planHandOver(_ link: VenueLink, _ line: VenueLine, _ now: Instant) {
        guard let limit = link.service.ageLimitNanos else { return }
        let before = min(LiveCore.handOverBeforeNanos, limit / 4)
        let spread = min(LiveCore.handOverSpreadNanos, limit / 4)
        line.handOverAt = now.steady + limit - before - spread / 2 + jitter.below(spread)
    }

    /// Make before break (V.6): the other line comes up, and when its books are live the old one
    /// goes.
    private func handOver(_ link: VenueLink, _ now: Instant) throws(JournalError) {
        guard let current = link.current else { return }
        if let next = link.successor {
            guard case .up(let since) = next.state else { return }
            guard allLive(link, next) else {
                // Its books do not come: another attempt, while the line in use is well.
                guard now.steady - since >= BookWatch.reconnectAfterNanos else { return }
                driver.close(next.socket)
                return try drop(link, next, isPlanned: false, now)
            }
            link.handOverBackoff.reset()
            driver.close(current.socket)
            try drop(link, current, isPlanned: true, now)
        } else if now.steady >= current.handOverAt, !isStopping,
            let next = link.lines.first(where: { $0 !== current })
        {
            try connect(link, next, now)
        }
    }

    private func allLive(_ link: VenueLink, _ line: VenueLine) -> Bool {
        link.watches.allSatisfy { validity(link, line, $0.symbol) == .live }
    }

    /// Watches the books of the line in use: one that does not come is asked for again, and then
    /// the connection is made anew.
    private func watch(_ link: VenueLink, _ now: Instant) throws(JournalError) {
        guard let line = link.current else { return }
        var isAllLive = true
        for index in link.watches.indices {
            let symbol = link.watches[index].symbol
            if let planned = link.watches[index].planned, now.steady >= planned.at {
                link.watches[index].planned = nil
                if let asking = link.line(planned.line), asking.isUp {
                    asking.send(planned.messages)
                    sendDue(asking, now)
                }
            }
            if validity(link, line, symbol) == .live {
                link.watches[index].becomeLive()
                continue
            }
            isAllLive = false
            guard let since = link.watches[index].missingSince else {
                link.watches[index].missingSince = now.steady
                continue
            }
            let isResting = now.steady < link.watches[index].restsUntil
            let missing = now.steady - since
            if isResting || link.watches[index].planned?.line == line.id { continue }
            if missing >= BookWatch.reconnectAfterNanos {
                link.breaker.fail(now.steady)
                driver.close(line.socket)
                return try drop(link, line, isPlanned: false, now)
            }
            if missing >= BookWatch.askAgainAfterNanos, !link.watches[index].isAskedAgain {
                link.watches[index].isAskedAgain = true
                line.send(line.adapter.subscriptions(symbols: [symbol]))
                sendDue(line, now)
            }
        }
        noteHealth(link, isAllLive: isAllLive, now)
    }

    private func noteHealth(_ link: VenueLink, isAllLive: Bool, _ now: Instant) {
        guard isAllLive else {
            link.liveSince = nil
            return
        }
        let since = link.liveSince ?? now.steady
        link.liveSince = since
        guard now.steady - since >= LiveCore.forgiveAfterNanos else { return }
        link.backoff.reset()
        link.breaker.succeed()
        for index in link.watches.indices { link.watches[index].forgive() }
    }
}

/// Requests to the venue, spaced by what it allows.
extension LiveCore {
    /// Sends what the budget allows now.
    func sendRequests(_ link: VenueLink, _ now: Instant) {
        let weight = link.service.snapshotWeight
        while let index = link.requests.firstIndex(where: { $0.notBefore <= now.steady }) {
            guard link.budget.next(now.wall, weight: weight) <= now.wall else { return }
            let request = link.requests.remove(at: index).request
            guard find(request.socket) != nil else { continue }
            link.budget.spend(now.wall, weight: weight)
            link.awaited.append((request, now.steady + LiveCore.requestNanosMax))
            driver.get(request, link.service)
        }
    }

    /// Asks once more, after a while, for what was not answered with the thing itself.
    func askAgain(_ link: VenueLink, _ request: VenueRequest, _ now: Instant) {
        nextRequest += 1
        var again = request
        again.id = nextRequest
        let second: Int64 = 1_000_000_000
        link.requests.append((again, now.steady + second + jitter.below(second)))
    }

    private func giveUpAnswers(_ link: VenueLink, _ now: Instant) {
        let late = link.awaited.filter { now.steady >= $0.until }.map(\.request)
        guard !late.isEmpty else { return }
        link.awaited.removeAll { now.steady >= $0.until }
        for request in late where find(request.socket) != nil { askAgain(link, request, now) }
    }
}
