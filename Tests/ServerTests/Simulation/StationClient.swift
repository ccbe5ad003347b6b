import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing
import Venues

@testable import Server

/// A client of a simulated venue in virtual time, and all that it was sent.
struct StationClient {
    /// One message, and when it came, ns after the start.
    struct Received: Equatable {
        var at: Int64
        var opcode: UInt8
        var bytes: [UInt8]
    }

    static let start: Int64 = 1_790_000_000_000_000_000
    static let second: Int64 = 1_000_000_000
    let station: SimulatedStation
    private let channel: EmbeddedChannel
    private let socket: SimulatedStation.Socket
    private var time = Self.start
    private(set) var received: [Received] = []
    /// Bytes behind the last whole frame.
    private(set) var rest: [UInt8] = []

    /// A client of the simulated venue of a service, which has `faults`, with every symbol
    /// subscribed as our adapter does.
    init(_ service: String, _ faults: [String] = []) throws {
        let (feed, service) = try #require(LiveCoreTests.all.first { $0.1.name == service })
        let market = feed.simulator(seed: 3, start: Self.start)
        let adapter = try #require(
            VenueRegistry.adapter(
                service.endpoint, connection: 0, name: [], instruments: InstrumentTable()))
        station = SimulatedStation(
            name: "venue", market: market, seed: 3, start: Self.start,
            faults: try faults.map { try VenueFault("venue=" + $0) })
        channel = EmbeddedChannel(handler: WebSocketFrameEncoder())
        try channel.connect(to: .init(unixDomainSocketPath: "/none")).wait()
        socket = station.open(channel, at: Self.start)
        for message in adapter.subscriptions(symbols: market.symbols.map { Array($0.utf8) }) {
            station.receive(message, from: socket, at: Self.start)
        }
    }

    var isOpen: Bool { channel.isActive }

    /// Lets virtual time go by.
    mutating func run(seconds: Int64) throws {
        let end = time + seconds * Self.second
        while time < end {
            time += SimulatedStation.stepNanos
            station.advance(to: time)
            channel.embeddedEventLoop.run()
            while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
                rest += bytes.readableBytesView
            }
            takeFrames()
        }
    }

    /// Takes the whole frames out of `rest`.
    private mutating func takeFrames() {
        while rest.count >= 2 {
            let lengthBytes = rest[1] == 126 ? 2 : rest[1] == 127 ? 8 : 0
            guard rest.count >= 2 + lengthBytes else { return }
            let length =
                lengthBytes == 0
                ? Int(rest[1]) : rest[2..<2 + lengthBytes].reduce(0) { $0 << 8 | Int($1) }
            let end = 2 + lengthBytes + length
            guard rest.count >= end else { return }
            received.append(
                Received(
                    at: time - Self.start, opcode: rest[0] & 15,
                    bytes: Array(rest[(2 + lengthBytes)..<end])))
            rest.removeFirst(end)
        }
    }
}
