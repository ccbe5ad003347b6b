internal import Dispatch
internal import Engine
internal import Foundation
internal import NIOPosix
internal import Server

/// Hub and HTTP front as `LiveServer` has them, without venues and core: what its CPU time is spent
/// on is the delivery of frames, and answers from a finished log.
struct StillServer {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let hub: Hub
    private let front: HTTPFront

    /// A server of the log in `directory`, which may be empty, on any port.
    init(directory: String, limits: HTTPLimits) throws {
        hub = Hub(group: group)
        var configuration = HTTPConfiguration()
        configuration.port = 0
        configuration.limits = limits
        var status = LiveStatus()
        status.windowsBps = [50, 10, 25, 100]
        status.symbols = [WideMarket.symbol, "BTC-USD", "ETH-USD", "SOL-USD"]
        front = try HTTPFront(
            configuration: configuration, live: StatusOnly(status: status), directory: directory,
            hub: hub, group: group)
    }

    /// Serves; with `hz` above 0 a frame of the wide market so many times a second.
    func run(hz: UInt32) async throws {
        try await front.start()
        FileHandle.standardOutput.write(Data("port \(front.port ?? 0)\n".utf8))
        guard hz > 0 else {
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
        let hub = hub
        let thread = Thread {
            var market = WideMarket(hz: hz)
            var due = DispatchTime.now().uptimeNanoseconds
            while true {
                market.tick { hub.publish($0, $1) }
                due += 1_000_000_000 / UInt64(hz)
                let now = DispatchTime.now().uptimeNanoseconds
                if due > now { usleep(UInt32((due - now) / 1_000)) }
            }
        }
        thread.start()
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }
}

/// A status that does not change, and no state.
private struct StatusOnly: LiveAccess {
    let status: LiveStatus

    func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (borrowing Engine) -> Answer
    ) async throws -> Answer {
        throw LiveAccessError.stopped
    }
}
