import Engine
public import Logging
import NIOCore
import NIOPosix

/// The front over a journal that is played instead of recorded: `replay-tool play`.
public struct PlayServer: Sendable {
    /// Folder of the journal.
    public var directory: String
    /// Where it begins: behind the last event of this moment; nil: where there is first something
    /// to show.
    public var from: Moment?
    /// `max`, or how many times as fast as it was.
    public var speed = "1"
    /// Whether it waits to be told.
    public var isPaused = false
    /// Port of the front; 0: a free one.
    public var port = 8080
    /// Origins of other pages that may ask.
    public var allowedOrigins: [String] = []

    /// A player of the journal in `directory`.
    public init(directory: String) { self.directory = directory }

    /// Serves until `isOver` says so, asked ten times a second; `started` is told the address.
    ///
    /// - Throws: `SettingError`, `LogError`.
    public func run(
        logger: Logger, started: @Sendable (String) -> Void,
        until isOver: @escaping @Sendable () -> Bool
    ) async throws {
        guard let pace = StreamPace(speed) else {
            throw SettingError("--speed", speed, "is not \(StreamPace.rule)")
        }
        let reader = LogReader(directory: directory)
        let bounds = try reader.bounds()
        let first = try from.map { moment throws(LogError) in try reader.sequence(of: moment) }
        let end = try reader.engine(after: bounds.upperBound)
        let symbols = end.symbols.map { String(decoding: $0, as: UTF8.self) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hub = Hub(group: group)
        let runtime = try PlayRuntime(
            directory: directory, after: first, hub: hub, logger: logger)
        var configuration = HTTPConfiguration()
        configuration.port = port
        configuration.allowedOrigins = allowedOrigins
        configuration.mode = "play"
        configuration.defaultSymbol =
            symbols.contains("BTC-USD") ? "BTC-USD" : symbols.first ?? "BTC-USD"
        var controls = FrontControls()
        controls.player = runtime
        let front = try HTTPFront(
            configuration: configuration, live: runtime, directory: directory, hub: hub,
            group: group, controls: controls)
        try await front.start(as: "--port", "\(port)")
        var state = PlayState()
        state.pace = pace
        state.isPaused = isPaused
        runtime.run(state)
        started("http://127.0.0.1:\(front.port ?? 0)")
        while !isOver(), runtime.ended == nil { try await Task.sleep(for: .milliseconds(100)) }
        await front.stop()
        runtime.stop()
        // The thread hands out frames on the loops: it ends before them.
        while runtime.ended == nil { try await Task.sleep(for: .milliseconds(10)) }
        try await group.shutdownGracefully()
        try runtime.ended?.get()
    }
}
