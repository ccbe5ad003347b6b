import HTTPTypes
import NIOCore
import NIOPosix
import Testing

@testable import Server

/// A player during whose steps the world goes on: behind the end of the log that it has just
/// read, frames are accepted and published.
private final class OvertakenPlayer: StreamPlaying {
    private let player: LogPlayer
    private let core: TestCore
    private var left: Int

    init(_ player: LogPlayer, _ core: TestCore, times: Int) {
        self.player = player
        self.core = core
        left = times
    }

    func cancel(when isCancelled: @escaping () -> Bool) { player.cancel(when: isCancelled) }
    func open() throws(LogError) { try player.open() }
    func rest() { player.rest() }

    func step() throws(LogError) -> StreamStep {
        let step = try player.step()
        if step.endsAt != nil, left > 0 {
            left -= 1
            try? core.step()
        }
        return step
    }
}

/// Opens a stream whose past is overtaken.
private struct OvertakenStreams: Answering {
    let core: TestCore
    let reads: HeavyReads
    let first: UInt64
    let times: Int

    func timeLimitMillis(_ head: RequestHead) -> Int64 { 600_000 }
    func count(_ head: RequestHead?, _ status: HTTPResponse.Status) {}

    func answer(_ request: FrontRequest) async -> Answer {
        do {
            let channel = StreamChannel(
                symbol: Array("BTC-USD".utf8), topic: .frames(windowBps: 50))
            let player = LogPlayer(directory: core.folder, channel: channel, first: first)
            let source = StreamSource(
                OvertakenPlayer(player, core, times: times), reads, try reads.takeSeat())
            let plan = StreamPlan(
                channel: channel, hello: WebSocketFrames.encode(.text, Array("hello".utf8)),
                past: StreamPast(source: source, pace: .max), cursor: first - 1)
            let hub = core.hub
            var answer = Answer(status: .switchingProtocols)
            answer.headers = try WebSocketHandshake.accept(request.head)
            answer.session = { StreamSession(plan, hub: hub) }
            return answer
        } catch {
            return Answer(HTTPFailure(.internalServerError, "test", "\(error)"))
        }
    }
}

@Suite struct HTTPJoinTests {
    @Test(arguments: [0, 1, 2, 7])
    func `a stream that is overtaken at the end of the log misses nothing`(
        _ times: Int
    ) async throws {
        try await TestServer.with(steps: 5) { server in
            let reads = HeavyReads(HTTPLimits())
            let answering = OvertakenStreams(
                core: server.core, reads: reads, first: 1, times: times)
            let listener = try server.listen(answering)
            defer { server.stop(listener, reads) }
            let client = try SocketClient(port: listener.port ?? 0, target: "/")
            #expect(try client.text() == "hello")
            var read = try client.texts(5 + times)
            try server.core.step(3)
            read += try client.texts(3)
            let folded = try TestCore.frames(server.core.folder)
            #expect(folded.count == 8 + times)
            #expect(read.map { Array($0.utf8) } == folded)
        }
    }
}

extension TestServer {
    /// Another listener on the same loops.
    fileprivate func listen(_ answering: any Answering) throws -> Listener {
        let listener = Listener(group: group, limits: TestServer.open.limits)
        try wait { try await listener.start("127.0.0.1", port: 0) { _ in answering } }
        return listener
    }

    fileprivate func stop(_ listener: Listener, _ reads: HeavyReads) {
        try? wait {
            await listener.stop(within: .seconds(2))
            await reads.stop()
        }
    }

    /// Waits on the test's own thread for what runs elsewhere.
    private func wait(_ body: @escaping @Sendable () async throws -> Void) throws {
        let promise = group.next().makePromise(of: Void.self)
        promise.completeWithTask(body)
        try promise.futureResult.wait()
    }
}
