import HTTPTypes
import NIOCore
import NIOPosix

@testable import Server

/// Answers every message with itself: the protocol's cases need somebody who talks back.
final class EchoSession: WebSocketSession {
    private weak var socket: WebSocketConversation?

    func opened(_ socket: WebSocketConversation) { self.socket = socket }

    func message(isText: Bool, _ bytes: [UInt8]) {
        socket?.send(WebSocketFrames.encode(isText ? .text : .binary, bytes))
    }

    func becameWritable() {}
    func closed() {}
}

/// Opens an echo for every handshake.
struct EchoAnswering: Answering {
    func timeLimitMillis(_ head: RequestHead) -> Int64 { 600_000 }
    func count(_ head: RequestHead?, _ status: HTTPResponse.Status) {}

    func answer(_ request: FrontRequest) async -> Answer {
        do throws(HTTPFailure) {
            let headers = try WebSocketHandshake.accept(request.head)
            var answer = Answer(status: .switchingProtocols, headers: headers)
            answer.session = { EchoSession() }
            return answer
        } catch {
            return Answer(error)
        }
    }

    /// Runs `body` with the port of an echo whose limits do not stand in the way.
    static func with<Result: Sendable>(
        _ limits: HTTPLimits = EchoAnswering.wide,
        _ body: @escaping @Sendable (_ port: Int) throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let listener = Listener(group: group, limits: limits)
        try await listener.start("127.0.0.1", port: 0) { _ in EchoAnswering() }
        let port = listener.port ?? 0
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await onThread { try body(port) })
        } catch {
            result = .failure(error)
        }
        await listener.stop(within: .seconds(2))
        try await group.shutdownGracefully()
        return try result.get()
    }

    static var wide: HTTPLimits {
        var limits = HTTPLimits()
        limits.lookMillis = 20
        limits.webSocket.silenceMillis = 600_000
        limits.webSocket.frameBytes = 32 << 20
        limits.webSocket.messageBytes = 32 << 20
        limits.webSocket.fragments = 1 << 20
        limits.webSocket.queueBytes = 64 << 20
        limits.webSocket.queueMessages = 1 << 20
        limits.webSocket.messageRate = RateLimit(perSecond: 1_000_000, burst: 1_000_000)
        limits.webSocket.messagesPer10Seconds = 1_000_000
        return limits
    }
}
