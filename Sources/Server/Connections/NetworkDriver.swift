import AsyncHTTPClient
import Engine
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization
import Venues

/// What the live core asks for, done: WebSocket and REST over TLS, and delivery to a sink.
final class NetworkDriver: LiveDriver, Sendable {
    private let connector: VenueSocketConnector
    private let client: HTTPClient
    private let inbox: Inbox
    private let clock: SharedClock
    private let sink: any OutputSink
    private let limitsFile: LimitsFile
    private let logger: Logger
    /// Open sockets, and those that are asked for and not open yet (nil).
    private let channels = Mutex<[SocketID: (any Channel)?]>([:])

    private static let answerBytesMax = 16 << 20

    init(
        group: any EventLoopGroup, roots: NIOSSLTrustRoots, inbox: Inbox, clock: SharedClock,
        sink: any OutputSink, limitsFile: LimitsFile, logger: Logger
    ) throws {
        connector = try VenueSocketConnector(
            group: group, roots: roots, inbox: inbox, clock: clock)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = roots
        tls.minimumTLSVersion = .tlsv12
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        self.inbox = inbox
        self.clock = clock
        self.sink = sink
        self.limitsFile = limitsFile
        self.logger = logger
    }

    func open(_ socket: SocketID, _ service: VenueService) {
        guard let address = SocketAddress(service.socketURL) else {
            preconditionFailure("addresses are checked with the configuration")
        }
        channels.withLock { $0[socket] = .some(nil) }
        let name = service.name
        Task {
            do {
                try await connector.connect(socket, address) { [self] channel in
                    let isWanted = channels.withLock { channels -> Bool in
                        guard channels[socket] != nil else { return false }
                        channels[socket] = .some(channel)
                        return true
                    }
                    guard isWanted else { return channel.close(promise: nil) }
                    inbox.push(.opened(socket), at: clock.now)
                }
            } catch {
                channels.withLock { $0[socket] = nil }
                logger.warning(
                    "connection refused", metadata: ["feed": "\(name)", "error": "\(error)"])
                inbox.push(.closed(socket, .refused), at: clock.now)
            }
        }
    }

    func send(_ socket: SocketID, _ message: [UInt8]) { write(socket, .text, message) }

    func ping(_ socket: SocketID) { write(socket, .ping, []) }

    private func write(_ socket: SocketID, _ opcode: NIOWebSocket.WebSocketOpcode, _ bytes: [UInt8])
    {
        guard let channel = channels.withLock({ $0[socket] ?? nil }) else { return }
        let frame = WebSocketFrame(
            fin: true, opcode: opcode, maskKey: .random(), data: ByteBuffer(bytes: bytes))
        channel.writeAndFlush(frame, promise: nil)
    }

    func close(_ socket: SocketID) {
        guard let channel = channels.withLock({ $0.removeValue(forKey: socket) ?? nil }) else {
            return
        }
        channel.close(promise: nil)
    }

    func get(_ request: VenueRequest, _ service: VenueService) {
        let url = (service.restURL ?? "") + String(decoding: request.path, as: UTF8.self)
        let id = request.id
        Task {
            do {
                let answer = try await client.execute(
                    HTTPClientRequest(url: url), timeout: .seconds(10))
                let body = try await answer.body.collect(upTo: Self.answerBytesMax)
                let head = AnswerHead(
                    status: Int(answer.status.code),
                    retryAfter: answer.headers.first(name: "retry-after").flatMap { Int64($0) },
                    usedWeight: answer.headers.first(name: "x-mbx-used-weight-1m")
                        .flatMap { Int($0) })
                inbox.push(.answered(id, head, body), at: clock.now)
            } catch {
                logger.warning("request failed", metadata: ["url": "\(url)", "error": "\(error)"])
                inbox.push(.answered(id, AnswerHead(status: 0), ByteBuffer()), at: clock.now)
            }
        }
    }

    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {
        sink.publish(outputs, engine)
    }

    func keep(_ limits: VenueLimits) { limitsFile.write(limits) }

    /// Ends what was never used; not on an event loop.
    func abandon() { try? client.syncShutdown() }

    /// Ends all connections.
    func shutdown() async {
        let open = channels.withLock { channels in
            defer { channels = [:] }
            return channels.values.compactMap { $0 }
        }
        for channel in open { channel.close(promise: nil) }
        try? await client.shutdown()
        limitsFile.finish()
    }
}
