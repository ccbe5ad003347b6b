/// What a player is told.
enum PlayCommand: Sendable {
    /// Play on, at a new pace where one is given.
    case play(StreamPace?)
    /// Stay.
    case pause
    /// Stay, behind so many more clock ticks.
    case step(ticks: Int)
    /// Go to a moment of the log, back or forth.
    case seek(Moment)
}

/// Where a player is.
struct PlayState: Equatable, Sendable {
    /// The last event that was played.
    var sequence: UInt64 = 0
    /// Its time, ns.
    var time: Int64 = 0
    /// How fast it plays, or would.
    var pace = StreamPace.times(1)
    var isPaused = false
    /// Whether the log has no further event.
    var isAtEnd = false
    /// What the log holds.
    var bounds: ClosedRange<UInt64> = 0...0
}

/// A player as the front sees it.
protocol PlayControlling: Sendable {
    /// Where it is.
    func state() async throws -> PlayState
    /// Does what it is told, and says where that led.
    ///
    /// - Throws: `LogError`, where the log has no such moment; `LiveAccessError`.
    func run(_ command: PlayCommand) async throws -> PlayState
}
