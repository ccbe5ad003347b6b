/// The open segment: appends records, makes them durable, seals.
final class SegmentWriter {
    let name: String
    let header: SegmentHeader
    private(set) var index: SegmentIndex
    /// Offset up to which a successful sync vouches for the bytes.
    private(set) var durableEnd: Int
    private(set) var isSealed = false
    private var rawBytes: UInt64
    private let file: any StorageFile
    private let preallocationBytes: Int
    /// Zeroed bytes end here; never below `end`.
    private var allocatedEnd: Int
    private var isAllocating: Bool

    /// Offset after the last record.
    var end: Int { index.end }
    var isUnsynced: Bool { durableEnd < end }

    private init(
        name: String, file: any StorageFile, header: SegmentHeader, index: SegmentIndex,
        rawBytes: UInt64, preallocationBytes: Int
    ) {
        self.name = name
        self.file = file
        self.header = header
        self.index = index
        self.rawBytes = rawBytes
        self.preallocationBytes = preallocationBytes
        durableEnd = index.end
        allocatedEnd = index.end
        isAllocating = preallocationBytes > 0
    }

    /// Makes a segment: create, header, sync of the file, then of the folder, then first use.
    /// `replacesLeftover` says that an earlier attempt to make this very file failed.
    static func create(
        _ storage: any Storage, _ header: SegmentHeader, name: String,
        preallocationBytes: Int, replacesLeftover: Bool
    ) throws(JournalError) -> SegmentWriter {
        let mode = replacesLeftover ? OpenMode.createOrOpen : .create
        let writer = try JournalError.translating(name) { () throws(StorageError) in
            let file = try storage.open(name, mode)
            if replacesLeftover { try file.truncate(to: 0) }
            try file.writeAll(header.encoded(), at: 0)
            return SegmentWriter(
                name: name, file: file, header: header, index: SegmentIndex(header),
                rawBytes: 0, preallocationBytes: preallocationBytes)
        }
        writer.allocate()
        try writer.sync()
        do throws(StorageError) { try storage.syncFolder() } catch {
            throw .syncFailed(file: name, code: error.code)
        }
        return writer
    }

    /// Continues an unsealed segment whose intact prefix is `index`; the caller has cut the
    /// rest. Bytes nothing vouches for, from the header on while there is no block, are written
    /// once more before the sync: after a failed sync the kernel may hold pages as clean that
    /// never reached the disk.
    static func resume(
        _ file: any StorageFile, _ header: SegmentHeader, _ index: SegmentIndex,
        rawBytes: UInt64, unprovenFrom: Int, preallocationBytes: Int
    ) throws(JournalError) -> SegmentWriter {
        let name = SegmentName.name(firstSequence: header.firstSequence)
        let writer = SegmentWriter(
            name: name, file: file, header: header, index: index, rawBytes: rawBytes,
            preallocationBytes: preallocationBytes)
        try writer.rewrite(from: unprovenFrom)
        writer.allocate()
        try writer.sync()
        return writer
    }

    private func rewrite(from start: Int) throws(JournalError) {
        let buffer = GrowingBuffer()
        var offset = start
        while offset < end {
            let memory = buffer.reserve(min(1 << 20, end - offset))
            try JournalError.translating(name, offset: offset) { () throws(StorageError) in
                let count = try file.readAll(into: memory, at: offset)
                guard count == memory.count else {
                    throw StorageError(operation: "read", file: name, code: 5)
                }
                try file.writeAll(UnsafeRawBufferPointer(memory), at: offset)
            }
            offset += memory.count
        }
    }

    /// Appends a record; accepted once this returns.
    /// - Throws: what the disk says; the segment is as it was before, and nothing partial can
    ///   be seen: what may be left behind it is no valid record.
    func append(_ record: UnsafeRawBufferPointer, _ header: BlockHeader) throws(StorageError) {
        precondition(!isSealed && header.offset == end && record.count == header.end - end)
        do throws(StorageError) {
            try file.writeAll(record, at: end)
        } catch {
            rollBack()
            throw error
        }
        do { try index.append(BlockEntry(header)) } catch {
            preconditionFailure("a checked block does not fit: \(error.defect)")
        }
        rawBytes += UInt64(header.rawLength)
        allocatedEnd = max(allocatedEnd, end)
        if allocatedEnd - end < preallocationBytes / 2 { allocate() }
    }

    /// Zeroes space ahead, so that a later sync has no metadata to write. Failing is no error.
    private func allocate() {
        guard isAllocating else { return }
        let target = end + preallocationBytes
        do throws(StorageError) {
            try file.writeZeros(allocatedEnd..<target)
            allocatedEnd = target
        } catch {
            isAllocating = false
            rollBack()
        }
    }

    /// Cuts everything behind the last record. When even that fails the bytes stay, invalid,
    /// and the next record overwrites them.
    func rollBack() {
        try? file.truncate(to: end)
        allocatedEnd = end
    }

    /// Makes everything accepted durable.
    /// - Throws: `syncFailed`; the file must not be synced again.
    func sync() throws(JournalError) {
        do throws(StorageError) { try file.sync() } catch {
            throw .syncFailed(file: name, code: error.code)
        }
        durableEnd = end
    }

    /// Drops the zeroed tail and makes the rest durable.
    func trim() throws(JournalError) {
        precondition(!isSealed)
        try JournalError.translating(name, offset: end) { () throws(StorageError) in
            try file.truncate(to: end)
        }
        allocatedEnd = end
        try sync()
    }

    /// Appends the index, syncs, appends the footer, syncs: an intact footer vouches for all
    /// that is before it.
    func seal(chain: ChainValue) throws(JournalError) {
        precondition(!isSealed && index.eventCount > 0)
        let indexFrame = index.encoded()
        let footer = SegmentFooter(index, indexFrame, chain: chain, rawBytes: rawBytes).encoded()
        do throws(StorageError) {
            try file.truncate(to: end)
            allocatedEnd = end
            try file.writeAll(indexFrame, at: end)
        } catch { throw unsealed(error) }
        try sync()
        do throws(StorageError) {
            try file.writeAll(footer, at: end + indexFrame.count)
        } catch { throw unsealed(error) }
        try sync()
        isSealed = true
    }

    /// Takes back what was written of index and footer.
    private func unsealed(_ error: StorageError) -> JournalError {
        rollBack()
        return JournalError(error, file: name, offset: end)
    }
}
