/// What some programs let clients do beside reading; nil: there is no such route.
struct FrontControls: Sendable {
    /// Tells a simulated venue to have a fault from now on; false: there is no such feed.
    var addFault: (@Sendable (VenueFault) async throws -> Bool)?
    /// Moves and paces what is played.
    var player: (any PlayControlling)?
}
