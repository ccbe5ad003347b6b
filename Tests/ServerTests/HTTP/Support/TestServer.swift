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
    private let group: MultiThreadedEventLoopGroup

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

    /// Waits until a condition holds that another thread brings about.
    func until(_ what: String, _ condition: () -> Bool) throws {
        let end = Date().addingTimeInterval(30)
        while !condition() {
            guard Date() < end else { throw TestFailure("it never came: \(what)") }
            usleep(2_000)
        }
    }

    /// What an async question answers; from a thread of the test's own.
    func await<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
        let done = DispatchSemaphore(value: 0)
        let box = Box<Result>()
        Task {
            box.value = await body()
            done.signal()
        }
        done.wait()
        return box.value!
    }

    private final class Box<Value>: @unchecked Sendable { var value: Value? }
}

/// What a test helper could not do.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs what waits on a thread of its own.
func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
