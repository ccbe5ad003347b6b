internal import Engine
internal import Server
internal import TestSupport
internal import Venues

/// One open socket of a simulated venue.
final class SoakSocket {
    let id: SocketID
    var simulator: any VenueSimulator
    /// By the index of the symbol.
    var told: [ToldBook]
    /// Nothing arrives before this: messages keep their order.
    var notBefore: Int64 = 0
    /// Nothing arrives at all, and pings are not answered.
    var isHalfOpen = false
    /// Messages that others overtake: after how many more they arrive.
    var overtaken: [(message: SoakMessage, after: Int)] = []

    init(_ id: SocketID, _ simulator: any VenueSimulator) {
        self.id = id
        self.simulator = simulator
        told = Array(repeating: ToldBook(), count: simulator.symbols.count)
    }
}

/// A message on its way, and what a client knows of a book after it.
struct SoakMessage {
    var bytes: [UInt8]
    var sentAt: Int64
    var receivedAt: Int64
    var book: (index: Int, truth: SimulatedTruth)?
    var isDamaged = false
}

/// One simulated venue of a soak: its market, its sockets, and what goes wrong with it.
final class SoakVenue {
    let feed: SimulatedFeed
    let service: VenueService
    let symbols: [String]
    var sockets: [SoakSocket] = []
    /// The market while no socket is open; else every socket has it.
    private var market: any VenueSimulator
    private let marks: [BookMark]
    /// No socket opens before this.
    var downUntil: Int64 = 0
    var faults: VenueFaults
    /// The last answer to a request, by symbol.
    var oldBodies: [[UInt8]?]

    init(
        _ feed: SimulatedFeed, _ service: VenueService, seed: UInt64, start: Int64,
        hasLosses: Bool
    ) {
        self.feed = feed
        self.service = service
        market = feed.simulator(seed: seed, start: start)
        symbols = market.symbols
        marks = symbols.map { BookMark(feed, $0) }
        oldBodies = Array(repeating: nil, count: symbols.count)
        faults = VenueFaults(feed, seed: seed, start: start, hasLosses: hasLosses)
    }

    /// The market as it is now.
    var simulator: any VenueSimulator { sockets.first?.simulator ?? market }

    func socket(_ id: SocketID) -> SoakSocket? { sockets.first { $0.id == id } }

    /// A client connects; what the venue says at once.
    func open(_ id: SocketID, at time: Int64) -> (SoakSocket, [SimulatedMessage]) {
        let socket = SoakSocket(id, simulator)
        sockets.append(socket)
        return (socket, socket.simulator.open(at: time))
    }

    /// A client is gone.
    func close(_ id: SocketID) {
        guard let index = sockets.firstIndex(where: { $0.id == id }) else { return }
        if sockets.count == 1 {
            market = sockets[0].simulator
            market.disconnect()
        }
        sockets.remove(at: index)
    }

    /// Lets the market go on; `take` gets what every socket is sent.
    func advance(to time: Int64, _ take: (SoakSocket, [SimulatedMessage]) -> Void) {
        if sockets.isEmpty { _ = market.advance(to: time) }
        for socket in sockets {
            let messages = socket.simulator.advance(to: time)
            if !messages.isEmpty { take(socket, messages) }
        }
    }

    /// What a client knows after `message`.
    func mark(_ message: SimulatedMessage, _ socket: SoakSocket) -> SoakMessage {
        var marked = SoakMessage(
            bytes: message.bytes, sentAt: message.sentAt, receivedAt: message.receivedAt)
        if let index = marks.firstIndex(where: { $0.isIn(message.bytes) }) {
            marked.book = (index, socket.simulator.truth(index))
        }
        return marked
    }
}

/// Tells the messages of one book by their first bytes.
private struct BookMark {
    private let head: [UInt8]
    /// What names the symbol, where the head does not.
    private let name: [UInt8]
    private static let nameEnd = 240

    init(_ feed: SimulatedFeed, _ symbol: String) {
        switch feed {
        case .binanceSpot, .binanceUSDM:
            head = Array("{\"stream\":\"\(symbol.lowercased())@depth@100ms\"".utf8)
            name = []
        case .coinbaseExchange, .coinbaseAdvanced:
            head = Array("{\"channel\":\"l2_data\"".utf8)
            name = Array("\"product_id\":\"\(symbol)\"".utf8)
        case .krakenSpot:
            head = Array("{\"channel\":\"book\"".utf8)
            name = Array("\"symbol\":\"\(symbol)\"".utf8)
        case .bybitSpot:
            head = Array("{\"topic\":\"orderbook.1000.\(symbol)\"".utf8)
            name = []
        case .okxSpot:
            head = Array("{\"arg\":{\"channel\":\"books\",\"instId\":\"\(symbol)\"}".utf8)
            name = []
        }
    }

    func isIn(_ bytes: [UInt8]) -> Bool {
        guard bytes.starts(with: head) else { return false }
        guard !name.isEmpty else { return true }
        let end = min(bytes.count, BookMark.nameEnd) - name.count
        guard end >= head.count else { return false }
        return (head.count...end).contains { start in
            bytes[start] == name[0] && bytes[start..<(start + name.count)].elementsEqual(name)
        }
    }
}
