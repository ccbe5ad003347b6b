public import Engine
public import Journal

/// A log that goes on.
extension Sequencer {
    /// Says in the log that the recording goes on: what the last run left open is down and empty,
    /// and a changed configuration is in force from here on.
    ///
    /// - Precondition: the log's source and engine version are these.
    public func resume(
        source: SessionSource, configuration: EngineConfiguration, at time: Int64
    ) throws(JournalError) {
        precondition(engine.sequence > 0 && block.count == 0, "a log is resumed once, at its end")
        precondition(engine.source == source, "a log has one source")
        try storeEnd()
        try tick(before: time)
        let start = block.count
        block.append(.sessionStart(SessionStart(source: source)), receivedAt: time)
        for connection in engine.openConnections {
            block.append(
                .venueStatus(
                    VenueStatus(
                        .connection(
                            connection.id, connection.venue, name: connection.name, .down))),
                receivedAt: time)
        }
        takeOver(from: start)
        guard engine.configuration != configuration else { return try flush() }
        // Tables are laid anew: frames before and after do not share a block.
        try flush()
        let place = block.count
        block.append(.configuration(configuration), receivedAt: time)
        takeOver(from: place)
        precondition(engine.configuration == configuration, "the fold took the configuration")
        grid = TickGrid(hz: configuration.tickHz)
        nextTick = grid.first(after: engine.time)
        try flush()
    }

    /// Stores what the last run concluded and did not store. A segment opens with the checkpoint.
    private func storeEnd() throws(JournalError) {
        if queue.writer.segmentEvents == 0 {
            planCheckpoint()
            try drain()
            queue.planDerived(sequence: engine.sequence, time: engine.time)
        } else {
            queue.planDerived(sequence: engine.sequence, time: engine.time)
            planCheckpoint()
        }
        try drain()
    }
}
