// When accepted bytes are forced to the disk.

extension JournalWriter {
    /// Makes everything accepted durable.
    /// - Throws: `syncFailed`, after which the writer is finished; it never tries again.
    public func sync() throws(JournalError) {
        let segment = try openSegment()
        if segment.isUnsynced { try syncSegment(segment) }
    }

    /// When the next group commit is due, in monotonic ns; nil when nothing waits for one.
    public var syncDueNanos: UInt64? {
        guard case .group(let interval) = configuration.syncPolicy else { return nil }
        guard failure == nil, let since = unsyncedSinceNanos else { return nil }
        return since &+ interval
    }

    /// Syncs when a group commit is due at `nowNanos` (monotonic).
    /// - Throws: `syncFailed`.
    public func tick(nowNanos: UInt64) throws(JournalError) {
        if let due = syncDueNanos, nowNanos >= due { try sync() }
    }

    func syncAfterAppend() throws(JournalError) {
        switch configuration.syncPolicy {
        case .always: try sync()
        case .os: break
        case .group:
            let now = storage.monotonicNanos()
            unsyncedSinceNanos = unsyncedSinceNanos ?? now
            try tick(nowNanos: now)
        }
    }

    func syncSegment(_ segment: SegmentWriter) throws(JournalError) {
        do throws(JournalError) { try segment.sync() } catch { throw fail(error) }
        noteDurable()
    }

    /// Everything accepted is durable now.
    func noteDurable() {
        durableSequence = lastSequence
        unsyncedSinceNanos = nil
    }
}
