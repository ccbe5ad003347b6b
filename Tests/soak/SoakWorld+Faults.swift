internal import Engine
internal import Server
internal import Venues

/// What goes wrong on the way.
extension SoakWorld {
    private static let second: Int64 = 1_000_000_000
    private static let travelNanos: Int64 = 30_000_000

    /// A fault is due at a venue.
    func strike(_ kind: FaultKind, _ venue: SoakVenue) {
        switch kind {
        case .cut: cut(venue, .lost, kind)
        case .closed: cut(venue, .closedByVenue(code: 1001), kind)
        case .outage:
            note(kind)
            venue.downUntil = time + Self.second + venue.faults.below(90 * Self.second)
            for socket in venue.sockets {
                queue.plan(.closed(socket.id, venue, .lost), at: time + Self.travelNanos)
            }
        case .stall:
            guard let socket = venue.sockets.first else { return }
            note(kind)
            socket.notBefore = time + Self.second / 2 + venue.faults.below(6 * Self.second)
        case .halfOpen:
            guard let socket = venue.sockets.first else { return }
            note(kind)
            socket.isHalfOpen = true
            queue.plan(.closed(socket.id, venue, .lost), at: time + 25 * Self.second)
        default:
            venue.faults.arm(kind)
            // An answer is asked for when a book has to be synced anew.
            if kind.isAnswer { venue.faults.arm(.drop) }
        }
    }

    private func cut(_ venue: SoakVenue, _ end: SocketEnd, _ kind: FaultKind) {
        guard let socket = venue.sockets.first else { return }
        note(kind)
        queue.plan(.closed(socket.id, venue, end), at: time + Self.travelNanos)
    }

    /// Sends what a venue says on its way.
    func hand(_ messages: [SimulatedMessage], to socket: SoakSocket, _ venue: SoakVenue) {
        if socket.isHalfOpen { return }
        for message in messages {
            var marked = venue.mark(message, socket)
            let kind = venue.faults.takeMessageFault(isBook: marked.book != nil, time)
            guard let kind else {
                plan(marked, socket, venue)
                continue
            }
            switch kind {
            case .drop: break
            case .duplicate:
                plan(marked, socket, venue)
                plan(marked, socket, venue)
            case .reorder: socket.overtaken.append((marked, 1))
            case .late:
                socket.overtaken.append((marked, 2 + Int(venue.faults.below(6))))
            case .delay:
                socket.notBefore = max(
                    socket.notBefore, marked.receivedAt + venue.faults.below(2 * Self.second))
                plan(marked, socket, venue)
            default:
                marked.bytes = venue.faults.damaged(marked.bytes, kind)
                marked.isDamaged = marked.bytes != message.bytes
                plan(marked, socket, venue)
                if !marked.isDamaged { continue }
            }
            note(kind)
        }
    }

    /// A message is on its way, and what it overtakes comes behind it.
    private func plan(_ message: SoakMessage, _ socket: SoakSocket, _ venue: SoakVenue) {
        socket.notBefore = max(socket.notBefore, message.receivedAt)
        queue.plan(.message(socket.id, venue, message), at: socket.notBefore)
        guard !socket.overtaken.isEmpty else { return }
        for index in socket.overtaken.indices { socket.overtaken[index].after -= 1 }
        for (message, after) in socket.overtaken where after == 0 {
            queue.plan(.message(socket.id, venue, message), at: socket.notBefore)
        }
        socket.overtaken.removeAll { $0.after == 0 }
    }

    /// A request has reached its venue.
    func answer(_ request: VenueRequest, _ venue: SoakVenue) {
        let symbol = String(decoding: request.symbol, as: UTF8.self)
        guard time >= venue.downUntil, let index = venue.symbols.firstIndex(of: symbol),
            var body = venue.simulator.snapshot(symbol: symbol)
        else { return }
        let old = venue.oldBodies[index]
        venue.oldBodies[index] = body
        var head = AnswerHead(status: 200)
        var wait = Self.travelNanos + venue.faults.below(4 * Self.travelNanos)
        let kind = venue.faults.takeAnswerFault()
        switch kind {
        case .oldAnswer: body = old ?? body
        case .lateAnswer: wait += venue.faults.below(9 * Self.second)
        case .noAnswer: return note(.noAnswer)
        case .errorAnswer: head = AnswerHead(status: 503)
        case .limited: head = AnswerHead(status: 429, retryAfter: 1 + venue.faults.below(10))
        case .banned: head = AnswerHead(status: 418, retryAfter: 60)
        case .cutAnswer: body.removeLast(1 + Int(venue.faults.below(Int64(body.count - 1))))
        default: break
        }
        if let kind { note(kind) }
        if head.status != 200 { body = Array("{\"code\":-1003,\"msg\":\"no\"}".utf8) }
        queue.plan(.answered(request, head, body), at: now + wait)
    }
}
