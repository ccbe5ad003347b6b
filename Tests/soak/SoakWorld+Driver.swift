internal import Engine
internal import Server
internal import Venues

/// What the live core asks of the world.
extension SoakWorld: LiveDriver {
    func open(_ socket: SocketID, _ service: VenueService) {
        guard let venue = venues.first(where: { $0.service.name == service.name }) else { return }
        lines[socket.line] = venue
        if venue.faults.takeHang() { return note(.hang) }
        queue.plan(.opened(socket, venue), at: now + 30_000_000)
    }

    func send(_ socket: SocketID, _ message: [UInt8]) {
        guard let venue = lines[socket.line], let open = venue.socket(socket) else { return }
        hand(open.simulator.receive(message), to: open, venue)
    }

    func ping(_ socket: SocketID) {
        guard let open = lines[socket.line]?.socket(socket), !open.isHalfOpen else { return }
        queue.plan(.heard(socket), at: max(now + 40_000_000, open.notBefore))
    }

    func close(_ socket: SocketID) { lines[socket.line]?.close(socket) }

    func get(_ request: VenueRequest, _ service: VenueService) {
        guard let venue = lines[request.socket.line] else { return }
        queue.plan(.request(request, venue), at: now + 25_000_000)
    }

    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {
        var isTick = false
        for output in outputs.outputs where output.kind == .frame {
            isTick = true
            frames.publish(outputs.bytes(of: output))
        }
        guard isTick else { return }
        counts.ticks += 1
        books.compare(engine, into: &counts) { book in
            guard let venue = lines[book.key.connection],
                let socket = venue.sockets.first(where: { $0.id.line == book.key.connection }),
                let index = venue.symbols.firstIndex(where: {
                    $0.utf8.elementsEqual(book.venueSymbol)
                })
            else { return nil }
            return (venue.feed, socket.told[index])
        }
    }

    func keep(_ limits: VenueLimits) { self.limits = limits }
}
