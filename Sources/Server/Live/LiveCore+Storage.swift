package import Journal

/// What programs of this package need that bring time and storage of their own.
extension LiveCore {
    /// Begins the log in `storage`, or goes on with the one that is there, at `now`.
    ///
    /// - Throws: `LiveError`, `LogError`, `JournalError`.
    package static func start(
        _ options: LiveOptions, storage: any Storage, configuration: JournalConfiguration,
        limits: VenueLimits, driver: any LiveDriver, at now: Instant
    ) throws -> LiveCore {
        let writer = try JournalWriter(
            storage: storage, configuration: configuration, canonicalBytes: LogCodec.canonicalBytes)
        return try start(
            options, writer: writer, log: LogReader(journal: JournalReader(storage: storage)),
            limits: limits, driver: driver, at: now)
    }

    /// The calendar was stepped by `nanos`.
    package func noteClockStep(_ nanos: Int64, _ now: Instant) throws(JournalError) {
        try note(LiveClock.Step(from: now.wall, to: now.wall + nanos), now)
    }

    /// The last event that the journal has.
    package var acceptedSequence: UInt64 { sequencer.writer.acceptedSequence }
}
