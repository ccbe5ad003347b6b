import Engine
import Foundation
import Journal
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Venues

@testable import Server

/// Frames as they were published.
private final class FrameSink: OutputSink {
    let frames = Mutex<[[UInt8]]>([])

    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {
        var new: [[UInt8]] = []
        for output in outputs.outputs where output.kind == .frame {
            new.append(Array(outputs.bytes(of: output)))
        }
        frames.withLock { $0 += new }
    }

    var count: Int { frames.withLock { $0.count } }
}

/// The whole live side over real sockets: simulated venues behind TLS on loopback, the core on its
/// thread, a journal on disk.
@Suite struct LiveRuntimeTests {
    private func folder() -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("tapefold-\(UUID().uuidString)").path
    }

    /// Waits until `condition` holds; false after far too long.
    private func wait(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<600 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    private func isAllLive(_ runtime: LiveRuntime, _ count: Int) async throws -> Bool {
        try await runtime.ask { engine in
            engine.bookSummaries.count { $0.validity == .live } == count
        }
    }

    @Test func `books of simulated venues come live over TLS, and the log gives every frame`()
        async throws
    {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let services = VenueService.all.filter(\.hasBooks)
        let venues = try await SimulatedVenues.start(
            services, seed: 5, faults: [], on: group.next())
        var options = LiveOptions()
        options.services = services.map(venues.redirected)
        let sink = FrameSink()
        let runtime = try LiveRuntime(
            options, directory: folder, journal: LiveJournal(), trusting: venues.roots,
            group: group, sink: sink, logger: Logger(label: "test"))
        let ended = runtime.start()
        #expect(try await wait { try await isAllLive(runtime, services.count * 3) })
        let before = sink.count
        #expect(try await wait { sink.count >= before + 4 * 4 * 3 })
        let isUp = try await wait {
            runtime.status.feeds.allSatisfy { $0.connection == "up" && $0.messages > 0 }
        }
        #expect(isUp)

        // A venue goes away: its shares go to the others; back again, it is live after one sync.
        #expect(try await venues.add(VenueFault("binance=down@0s+3s")))
        #expect(try await wait { try await !isAllLive(runtime, services.count * 3) })
        #expect(try await wait { try await isAllLive(runtime, services.count * 3) })

        // It closes what it finds old, and its connections end in the middle of a message.
        for fault in ["binance=age@0s+12s", "kraken=cut@0s+1s"] {
            let name = String(fault.prefix { $0 != "=" })
            let connects = runtime.status.feeds.first { $0.name == name }?.connects ?? .max
            #expect(try await venues.add(VenueFault(fault)))
            let isAnew = try await wait {
                runtime.status.feeds.contains { $0.name == name && $0.connects > connects }
            }
            #expect(isAnew, "\(fault)")
        }
        #expect(try await wait { try await isAllLive(runtime, services.count * 3) })

        runtime.stop()
        #expect(try await ended.get() == 0)
        await #expect(throws: LiveAccessError.self) { try await runtime.ask { $0.sequence } }
        let log = LogReader(directory: folder)
        let report = try Verifier(log).run(log.bounds())
        #expect(report.differenceCount == 0 && report.frames > 0)
        var engine = Engine()
        var outputs = OutputBuffer(wantsFrames: true)
        var folded: [[UInt8]] = []
        try log.forEachBlock(from: 1) { block throws(LogError) in
            try log.apply(block, 0..<block.count, to: &engine, &outputs) { outputs, _ in
                for output in outputs.outputs where output.kind == .frame {
                    folded.append(Array(outputs.bytes(of: output)))
                }
            }
            return true
        }
        #expect(sink.frames.withLock { $0 } == folded)
        print("live runtime: \(folded.count) frames over sockets, all folded again")
        await runtime.shutdown()
        await venues.stop()
        try await group.shutdownGracefully()
    }
}
