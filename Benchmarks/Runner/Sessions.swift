internal import Engine
internal import Venues

/// What simulated venues sent in some time, as the sockets of a run would bring it: one connection a
/// feed, in receive order.
struct RecordedSession {
    struct Message {
        var receivedAt: Int64
        var feed: Int
        /// The path of a request; empty for a message of the socket.
        var path: [UInt8]
        var bytes: [UInt8]
    }

    static let start = SimulatedSession.defaultStart
    static let allFeeds: [SimulatedFeed] = [
        .binanceSpot, .coinbaseAdvanced, .krakenSpot, .okxSpot, .bybitSpot,
    ]

    let feeds: [SimulatedFeed]
    private var simulators: [any VenueSimulator]
    private var time = RecordedSession.start
    private var asked = false

    init(_ feeds: [SimulatedFeed], assets: [SimulatedAsset] = SimulatedAsset.allCases) {
        self.feeds = feeds
        simulators = feeds.map {
            $0.simulator(seed: 1, start: RecordedSession.start, assets: assets)
        }
    }

    /// The messages of the next second.
    mutating func nextSecond() -> [Message] {
        var messages: [Message] = []
        for index in simulators.indices {
            if time == RecordedSession.start {
                messages += simulators[index].connect(at: time).map { message($0, index) }
            }
            // Half a second in, the books that have to be asked for.
            messages += simulators[index].advance(to: time + 500_000_000)
                .map { message($0, index) }
            if time == RecordedSession.start { messages += snapshots(index) }
            messages += simulators[index].advance(to: time + 1_000_000_000)
                .map { message($0, index) }
        }
        time += 1_000_000_000
        let order = messages.indices.sorted {
            (messages[$0].receivedAt, $0) < (messages[$1].receivedAt, $1)
        }
        return order.map { messages[$0] }
    }

    private func message(_ message: SimulatedMessage, _ feed: Int) -> Message {
        Message(receivedAt: message.receivedAt, feed: feed, path: [], bytes: message.bytes)
    }

    private func snapshots(_ index: Int) -> [Message] {
        guard feeds[index].needsRequestedSnapshot else { return [] }
        return simulators[index].symbols.compactMap { symbol in
            simulators[index].snapshot(symbol: symbol).map { body in
                Message(
                    receivedAt: time + 545_000_000, feed: index,
                    path: Array(simulators[index].snapshotAddress(symbol: symbol).utf8),
                    bytes: body)
            }
        }
    }

    /// Adapters for the feeds, their connections up in `block`.
    func adapters(_ block: inout EventBlock) -> [any VenueAdapter] {
        let instruments = InstrumentTable()
        return feeds.map { feed in
            let endpoint =
                feed == .bybitSpot
                ? VenueEndpoint(.bybit, market: .spot)
                : VenueEndpoint(feed.venue, isExchangeFeed: feed == .coinbaseExchange)
            guard let id = instruments.nextConnection(),
                let adapter = VenueRegistry.adapter(
                    endpoint, connection: id, name: [0x61], instruments: instruments)
            else { fatalError("no adapter") }
            adapter.connectionChanged(.up, receivedAt: RecordedSession.start, into: &block)
            return adapter
        }
    }
}

extension RecordedSession.Message {
    /// Hands the message to its adapter.
    @inline(__always) func go(
        to adapter: any VenueAdapter, into block: inout EventBlock
    ) -> Outcome {
        bytes.withUnsafeBufferPointer { bytes in
            path.withUnsafeBufferPointer { path in
                let outcome = adapter.receive(
                    bytes, origin: path.isEmpty ? .socket : .rest(path), receivedAt: receivedAt,
                    into: &block)
                adapter.drainCommands { _ in }
                return outcome
            }
        }
    }
}
