// Rolling, sealing, and what happens when a segment cannot be written.

extension JournalWriter {
    /// Whether the open segment has reached its size, or its age in event time.
    public var shouldRoll: Bool {
        guard let segment, segment.index.eventCount > 0 else { return false }
        if segment.end >= configuration.segmentBytes { return true }
        if segment.index.entries.count >= JournalLimits.blocksPerSegmentMax / 2 { return true }
        guard let first = segment.index.firstTime, let last = segment.index.lastTime else {
            return false
        }
        let (age, overflow) = last.subtractingReportingOverflow(first)
        return overflow || age >= configuration.segmentAgeNanos
    }

    /// Seals the open segment and opens the next one, which wants its opening blocks. Does
    /// nothing while the segment has no events. After an error it may be called again, and
    /// has to be before the next `append` succeeds.
    /// - Throws: `noSpace`, `io` (repeat later), `syncFailed`, `failed`, `closed`.
    public func roll() throws(JournalError) {
        if heldLock == nil { throw .closed }
        if let failure { throw .failed(reason: "\(failure)") }
        if let segment, !segment.isSealed {
            guard segment.index.eventCount > 0 else { return }
            try seal(segment)
        }
        try openNext()
    }

    /// Seals the segment; one that cannot take its index is abandoned (F.6).
    private func seal(_ segment: SegmentWriter) throws(JournalError) {
        do throws(JournalError) {
            try segment.seal(chain: chainHead)
            noteDurable()
        } catch {
            if case .syncFailed = error { throw fail(error) }
            guard case .io(_, _, _, let code) = error,
                !StorageError(operation: "", file: "", code: code).isInterruption
            else { throw error }
            try syncSegment(segment)
            isAbandoning = true
            self.segment = nil
        }
    }

    func openNext() throws(JournalError) {
        precondition(segment.map { $0.isSealed } ?? true)
        let header = SegmentHeader(
            firstSequence: lastSequence + 1, chainStart: chainHead, timeBefore: lastTime,
            predecessorAbandoned: isAbandoning)
        do throws(JournalError) {
            segment = try SegmentWriter.create(
                storage, header,
                name: SegmentName.name(firstSequence: header.firstSequence),
                preallocationBytes: configuration.preallocationBytes,
                replacesLeftover: leftover == header.firstSequence)
        } catch {
            leftover = header.firstSequence
            // It may have an intact header, and readers in it: recovery goes on with it.
            if case .syncFailed = error { throw fail(error) }
            let name = SegmentName.name(firstSequence: header.firstSequence)
            if (try? storage.unlink(name)) != nil { leftover = nil }
            throw error
        }
        leftover = nil
        isAbandoning = false
        chain = HashChain(startingFrom: chainHead)
        unsyncedSinceNanos = nil
    }

    /// Makes everything durable, seals the open segment and gives the lock back. A segment
    /// without events stays open. After an error nothing is lost; it may be called again.
    /// - Throws: `noSpace`, `io`, `syncFailed`, `failed`.
    public func close() throws(JournalError) {
        if heldLock == nil { return }
        if let failure { throw .failed(reason: "\(failure)") }
        if let segment, !segment.isSealed {
            if segment.index.eventCount > 0 {
                try seal(segment)
            } else {
                do throws(JournalError) { try segment.trim() } catch {
                    if case .syncFailed = error { throw fail(error) }
                    throw error
                }
            }
        }
        segment = nil
        heldLock = nil
    }

    /// F.5: no space is told, and nothing changed. F.6: a damaged segment is closed and a new
    /// one opened; a second failure ends the writer.
    func writeFailed(_ error: StorageError, _ segment: SegmentWriter)
        throws(JournalError) -> Never
    {
        let told = JournalError(error, file: segment.name, offset: segment.end)
        if told.isNoSpace || error.isInterruption { throw told }
        guard segment.index.eventCount > 0 else { throw fail(told) }
        try syncSegment(segment)
        try replace(segment, told)
        throw .segmentReplaced(
            damaged: segment.name, opened: self.segment?.name ?? "", code: error.code)
    }

    private func replace(_ damaged: SegmentWriter, _ cause: JournalError) throws(JournalError) {
        precondition(damaged.index.eventCount > 0)
        segment = nil
        isAbandoning = true
        do throws(JournalError) { try openNext() } catch {
            throw error.isNoSpace ? error : fail(error)
        }
    }
}
