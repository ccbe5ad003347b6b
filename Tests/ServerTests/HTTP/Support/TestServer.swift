import Foundation
import NIOCore
import NIOPosix

@testable import Server

/// A front over a test core, on a port of its own; everything ends with `with`.
final class TestServer: Sendable {
    let core: TestCore
    let hub: Hub
    let front: HTTPFront
    let port: Int
    let group: MultiThreadedEventLoopGroup

    private init(
        folder: String, _ configuration: HTTPConfiguration, segmentBytes: Int,
        policy: SequencerPolicy
    ) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        hub = Hub(group: group)
        core = try TestCore(
            folder: folder, hub: hub, segmentBytes: segmentBytes, policy: policy)
        var configuration = configuration
        configuration.port = 0
        front = try HTTPFront(
            configuration: configuration, live: core, directory: folder, hub: hub, group: group)
        try await front.start()
        port = front.port ?? 0
    }

    /// Limits with which tests do not meet rates they are not about.
    static var open: HTTPConfiguration {
        var configuration = HTTPConfiguration()
        configuration.limits.otherRate = RateLimit(perSecond: 1_000_000, burst: 1_000_000)
        configuration.limits.executeRate = RateLimit(perSecond: 1_000_000, burst: 1_000_000)
        // Nothing that is expected depends on how fast this machine is.
        configuration.limits.headMillis = 600_000
        configuration.limits.bodyMillis = 600_000
        configuration.limits.bodyFloorAfterMillis = 600_000
        configuration.limits.idleMillis = 600_000
        configuration.limits.stuckMillis = 600_000
        configuration.limits.executeMillis = 600_000
        configuration.limits.historyMillis = 600_000
        configuration.limits.otherMillis = 600_000
        configuration.limits.webSocket.silenceMillis = 600_000
        configuration.limits.lookMillis = 10
        return configuration
    }

    static func temporaryFolder() -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("tapefold-\(UUID().uuidString)").path
    }

    /// Runs `body` with a server that has published `steps` ticks; on a thread of its own, so
    /// that a client that waits takes no thread of the server's.
    static func with<Result: Sendable>(
        _ configuration: HTTPConfiguration = TestServer.open, steps: Int = 4,
        folder: String? = nil, segmentBytes: Int = 64 << 20,
        policy: SequencerPolicy = SequencerPolicy(),
        _ body: @escaping @Sendable (TestServer) throws -> Result
    ) async throws -> Result {
        let place = folder ?? temporaryFolder()
        let server = try await TestServer(
            folder: place, configuration, segmentBytes: segmentBytes, policy: policy)
        try server.core.step(steps)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await onThread { try body(server) })
        } catch {
            result = .failure(error)
        }
        await server.front.stop()
        try server.core.close()
        try await server.group.shutdownGracefully()
        if folder == nil { try? FileManager.default.removeItem(atPath: place) }
        return try result.get()
    }

    /// A connection to it.
    func connect() throws -> RawClient { try RawClient(port: port) }

    /// A sample of `/metrics`; −1 where it is not there.
    func metric(_ name: String) -> Int {
        let text = (try? connect().ask("GET", "/metrics").text) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }

    /// Waits until a condition holds that another thread brings about.
    func until(_ what: String, _ condition: () -> Bool) throws {
        let end = Date().addingTimeInterval(240)
        while !condition() {
            guard Date() < end else { throw TestFailure("it never came: \(what)") }
            usleep(2_000)
        }
    }
}

/// What a test helper could not do.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs what waits on a thread of its own, as part of the same task: what it expects counts for
/// the test that runs.
func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withTaskExecutorPreference(ThreadExecutor()) { try await run(body) }
}

@concurrent
private func run<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result {
    try body()
}

/// Gives every job a thread.
private final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}
