internal import CBenchSupport
internal import CZstd
internal import Engine
internal import Journal
internal import Server

/// Where the time of writing goes, CPU seconds.
struct WriteTimes {
    var blocks = 0.0
    var columns = 0.0
    var canonical = 0.0
    var append = 0.0
    var total: Double { blocks + columns + canonical + append }
}

enum Logs {
    private static let policy = SequencerPolicy()

    /// Writes exactly the events of `set`, no ticks and no derived blocks, in blocks of the
    /// sequencer's size, with the product's writer.
    static func write(_ set: RecordSet, to directory: String) throws -> WriteTimes {
        let writer = try JournalWriter(
            directory: directory, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes)
        var result = WriteTimes()
        var encoder = BlockEncoder()
        var canonical: [UInt8] = []
        var clock = bench_cpu_seconds()
        func lap() -> Double {
            let now = bench_cpu_seconds()
            defer { clock = now }
            return now - clock
        }
        try forEachBlock(of: set) { block in
            result.blocks += lap()
            encoder.encode(block)
            result.columns += lap()
            canonical.removeAll(keepingCapacity: true)
            CanonicalEvent.append(block, to: &canonical)
            result.canonical += lap()
            let stored = LogCodec.stored(block, by: encoder)
            try canonical.withUnsafeBytes { try writer.append(stored, canonical: $0) }
            result.append += lap()
        }
        try writer.close()
        result.append += lap()
        return result
    }

    /// The codec and zstd alone: what the C program does.
    static func pack(_ set: RecordSet, level: Int32) throws -> (bytes: Int, blocks: Int) {
        guard let context = ZSTD_createCCtx() else { fatalError("out of memory") }
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 << 20, alignment: 64)
        defer { room.deallocate() }
        var encoder = BlockEncoder()
        var bytes = 0
        var blocks = 0
        try forEachBlock(of: set) { block in
            encoder.encode(block)
            ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
            var sink = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
            encoder.output.bytes.withUnsafeBytes { raw in
                var start = 0
                for cut in encoder.cuts + [raw.count] {
                    var source = ZSTD_inBuffer(
                        src: raw.baseAddress! + start, size: cut - start, pos: 0)
                    let end = cut == raw.count ? ZSTD_e_end : ZSTD_e_flush
                    while ZSTD_compressStream2(context, &sink, &source, end) != 0 {}
                    start = cut
                }
            }
            bytes += sink.pos
            blocks += 1
        }
        return (bytes, blocks)
    }

    private static func forEachBlock(
        of set: RecordSet, _ body: (borrowing EventBlock) throws -> Void
    ) throws {
        var block = EventBlock()
        block.firstSequence = 1
        set.appendHead(&block)
        var feed = MessageFeed(set)
        defer { feed.free() }
        var time: Int64 = 0
        while feed.nextReceived != nil {
            feed.append(to: &block)
            let isFull =
                block.count >= policy.eventsPerBlock || block.bytesEstimate >= policy.bytesPerBlock
            guard isFull || feed.nextReceived == nil else { continue }
            time = block.stamp(from: 0, lastTime: time)
            try body(block)
            let next = block.firstSequence + UInt64(block.count)
            block.clear()
            block.firstSequence = next
        }
    }

    /// Writes the set as the server does: with ticks, checkpoints, rollups and frame marks.
    static func sequence(_ set: RecordSet, to directory: String, hz: UInt32) throws {
        let writer = try JournalWriter(
            directory: directory, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes)
        let sequencer = Sequencer(writer: writer)
        try sequencer.begin(
            source: .recording, configuration: RecordSet.configuration(hz: hz),
            at: set.records[0].received)
        try sequencer.receive { set.appendHead(&$0, withSession: false) }
        var feed = MessageFeed(set)
        defer { feed.free() }
        while let received = feed.nextReceived {
            try sequencer.tick(before: received)
            try sequencer.receive { feed.append(to: &$0) }
        }
        try sequencer.close()
    }

    /// Re-packs all sealed segments at level 19, as `replay-tool compact` does.
    static func compact(_ directory: String) throws {
        let lock = try JournalLock(storage: FileStorage(directory: directory))
        let reader = JournalReader(directory: directory)
        for name in try reader.segmentNames() {
            _ = try Repacking().run(segment: name, reader: reader, lock: lock)
        }
    }

    /// Says how many bytes each kind of block takes, headers included, and the whole files.
    static func saySizes(_ directory: String) throws {
        let reader = JournalReader(directory: directory)
        var kinds: [UInt16: Int] = [:]
        var total = 0
        var blocks = 0
        for name in try reader.segmentNames() {
            let segment = try reader.segment(named: name)
            total += segment.info.bytes
            for entry in segment.entries {
                kinds[entry.kind, default: 0] += entry.end - entry.offset
                blocks += entry.isDerived ? 0 : 1
            }
        }
        say("bytes.total", total)
        say("bytes.events", kinds[BlockKind.events.rawValue] ?? 0)
        say("bytes.checkpoints", kinds[BlockKind.checkpoint.rawValue] ?? 0)
        say("bytes.rollups", kinds[BlockKind.rollups.rawValue] ?? 0)
        say("bytes.marks", kinds[BlockKind.frameMarks.rawValue] ?? 0)
        say("bytes.frame", total - kinds.values.reduce(0, +))
        say("blocks", blocks)
    }
}
