/// How much of a journal is kept. Nil switches a limit off.
public struct RetentionPolicy: Hashable, Sendable {
    /// Most segments, the open one included.
    public var segmentsMax: Int?
    /// Most bytes of all segment files.
    public var bytesMax: Int?
    /// Greatest age in ns, in event time: how far a segment's last event may lie behind the
    /// newest one.
    public var ageNanosMax: Int64?

    /// Makes a policy; without arguments everything is kept.
    public init(segmentsMax: Int? = nil, bytesMax: Int? = nil, ageNanosMax: Int64? = nil) {
        self.segmentsMax = segmentsMax
        self.bytesMax = bytesMax
        self.ageNanosMax = ageNanosMax
    }
}

/// What retention did.
public struct RetentionReport: Hashable, Sendable {
    /// Why the oldest segment that is left was kept, though the policy wanted it gone.
    public enum Keeper: Hashable, Sendable {
        /// It holds a pinned sequence.
        case pin(UInt64)
        /// Somebody is reading it.
        case reader
    }

    /// File names that were removed, oldest first.
    public var removed: [String] = []
    /// Bytes of them.
    public var removedBytes = 0
    /// What stopped it early, and at which segment; nil when the policy is met.
    public var stoppedAt: String?
    /// Why it stopped there.
    public var keeper: Keeper?
}

/// Removes whole closed segments, oldest first, so that no hole can come into being.
public enum Retention {
    /// Applies `policy`; nothing at or after `pinnedSequence` is removed. `newest` is the time of
    /// the last event, ns, where it is known: without it, an age has the open segment walked.
    /// - Throws: `io`, `syncFailed`, `corrupt`, `unknownVersion`. Dying in the middle leaves a
    ///   journal.
    public static func apply(
        _ policy: RetentionPolicy, pinnedSequence: UInt64? = nil, newest: Int64? = nil,
        lock: JournalLock
    ) throws(JournalError) -> RetentionReport {
        let storage = lock.storage
        let reader = JournalReader(storage: storage)
        let names = try reader.segmentNames()
        var report = RetentionReport()
        guard let last = names.last else { return report }
        var newest = newest
        if policy.ageNanosMax != nil, newest == nil {
            newest = try SegmentReader(storage: storage, name: last).index.lastTime
        }
        var sizes: [Int] = []
        for name in names { sizes.append(try size(storage, name)) }
        var kept = sizes.reduce(0, +)
        for number in names.indices.dropLast() {
            let next = try SegmentReader.header(storage, names[number + 1])
            let isWanted =
                names.count - number <= policy.segmentsMax ?? .max
                && kept <= policy.bytesMax ?? .max
                && !isTooOld(next.timeBefore, newest, policy)
            if isWanted { break }
            if let pinnedSequence, next.firstSequence > pinnedSequence {
                report.stop(names[number], .pin(pinnedSequence))
                break
            }
            guard try remove(storage, names[number]) else {
                report.stop(names[number], .reader)
                break
            }
            report.removed.append(names[number])
            report.removedBytes += sizes[number]
            kept -= sizes[number]
        }
        return report
    }

    private static func isTooOld(_ time: Int64?, _ newest: Int64?, _ policy: RetentionPolicy)
        -> Bool
    {
        guard let limit = policy.ageNanosMax, let time, let newest, time <= newest else {
            return false
        }
        let (age, overflow) = newest.subtractingReportingOverflow(time)
        return overflow || age > limit
    }

    private static func size(_ storage: any Storage, _ name: String) throws(JournalError) -> Int {
        try JournalError.translating(name) { () throws(StorageError) in
            try storage.open(name, .read).size()
        }
    }

    /// Removes a file unless a reader holds it, durably: a power cut leaves no hole.
    private static func remove(_ storage: any Storage, _ name: String)
        throws(JournalError) -> Bool
    {
        let isRemoved = try JournalError.translating(name) { () throws(StorageError) in
            let file = try storage.open(name, .read)
            guard try file.lock(exclusive: true) else { return false }
            try storage.unlink(name)
            return true
        }
        if isRemoved { try JournalError.syncingFolder(storage) }
        return isRemoved
    }
}

extension RetentionReport {
    fileprivate mutating func stop(_ segment: String, _ keeper: Keeper) {
        stoppedAt = segment
        self.keeper = keeper
    }
}
