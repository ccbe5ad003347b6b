internal import Glibc
internal import Journal

/// A writer to be killed, a check of what it left, and measurements. See `scripts/torture-kill`.
///
///     journal-torture append FOLDER group|always|os   prints each acknowledged sequence
///     journal-torture check FOLDER ACKNOWLEDGED       recovers; exit 1 when something is lost
///     journal-torture read FOLDER                     verifies; prints errors and peak memory
///     journal-torture bench FOLDER                    measures append and read
@main struct Torture {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard let command = arguments.first, arguments.count >= 2 else { return usage() }
        let folder = arguments[2]
        signal(SIGPIPE, SIG_IGN)
        do {
            switch (command, arguments.count) {
            case ("append", 3): try append(folder, policy(arguments[3]))
            case ("check", 3): try check(folder, UInt64(arguments[3]) ?? .max)
            case ("read", 2): try read(folder)
            case ("bench", 2): try Bench(folder: folder).run()
            default: usage()
            }
        } catch {
            print("error: \(error)")
            exit(3)
        }
    }

    private static func usage() {
        print("journal-torture append|check|read|bench FOLDER [POLICY|ACKNOWLEDGED]")
        exit(64)
    }

    private static func policy(_ name: String) -> SyncPolicy {
        switch name {
        case "always": .always
        case "os": .os
        default: .group(intervalNanos: 5_000_000)
        }
    }

    /// Appends for ever; a line is printed only after the journal has accepted the block. Rolls
    /// often, re-packs and removes old segments, so that a kill strikes there as well.
    private static func append(_ folder: String, _ policy: SyncPolicy) throws {
        let configuration = JournalConfiguration(
            syncPolicy: policy, segmentBytes: 48 << 10, preallocationBytes: 64 << 10)
        let writer = try open(folder, configuration)
        while true {
            let count = 1 + Int(writer.lastSequence % 57)
            let block = Events.block(writer.lastSequence + 1, count)
            try patiently {
                try Events.canonical(block).withUnsafeBytes {
                    try writer.append(block, canonical: $0)
                }
            }
            acknowledge(writer.acceptedSequence)
            guard writer.shouldRoll, let sealed = writer.segmentName else { continue }
            try patiently { try writer.roll() }
            if let lock = writer.lock { try patiently { try keep(sealed, lock) } }
        }
    }

    /// Waits for space as long as there is none.
    private static func patiently(_ body: () throws -> Void) throws {
        while true {
            do { return try body() } catch let error as JournalError where error.isNoSpace {
                usleep(10_000)
            }
        }
    }

    private static func keep(_ sealed: String, _ lock: JournalLock) throws {
        let segment = try JournalReader(storage: lock.storage).segment(named: sealed)
        let info = segment.info
        _ = try Compaction.rewrite(
            segment: sealed, level: 1, lock: lock, canonicalBytes: Events.canonical
        ) { rewriter in
            let block = Events.block(info.firstSequence, Int(info.events))
            try Events.canonical(block).withUnsafeBytes {
                try rewriter.append(block, canonical: $0)
            }
        }
        _ = try Retention.apply(.init(segmentsMax: 6), lock: lock)
    }

    private static func acknowledge(_ sequence: UInt64) {
        let line = Array("\(sequence)\n".utf8)
        var done = 0
        while done < line.count {
            let count = line.withUnsafeBytes { write(1, $0.baseAddress! + done, $0.count - done) }
            if count <= 0 { exit(0) }
            done += count
        }
    }

    private static func open(_ folder: String, _ configuration: JournalConfiguration)
        throws -> JournalWriter
    {
        try JournalWriter(
            directory: folder, configuration: configuration, canonicalBytes: Events.canonical)
    }

    /// Recovers, reads every event that is left, compares with what was acknowledged.
    private static func check(_ folder: String, _ acknowledged: UInt64) throws {
        let writer = try open(folder, .init(preallocationBytes: 0))
        let reader = JournalReader(directory: folder)
        let cursor = try reader.allBlocks(includingDerived: false)
        let buffer = BlockBuffer()
        var next = try reader.oldestSequence() ?? 1
        while let header = try cursor.next(into: buffer) {
            let expected = Events.block(header.firstSequence, Int(header.count)).payload
            guard header.firstSequence == next, buffer.payload.elementsEqual(expected) else {
                print("wrong event in the block at \(header.firstSequence)")
                exit(2)
            }
            next = header.nextSequence
        }
        let cuts = writer.recovery.cuts.count
        let temporaries = writer.recovery.temporariesRemoved.count
        print("last \(writer.lastSequence) read \(next - 1) cuts \(cuts) tmp \(temporaries)")
        let isWhole = next == writer.lastSequence + 1 && writer.lastSequence >= acknowledged
        exit(isWhole ? 0 : 1)
    }

    /// Verifies every segment and says how much memory that took at most.
    private static func read(_ folder: String) throws {
        let reader = JournalReader(directory: folder)
        var problems = 0
        for listing in try reader.listing() {
            if let problem = listing.problem { print("\(listing.name): \(problem)") }
            do {
                _ = try reader.verify(segment: listing.name)
            } catch {
                problems += 1
                print("\(listing.name): \(error)")
            }
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print("problems \(problems) peak KiB \(usage.ru_maxrss)")
    }
}

/// Events of sixteen bytes that follow from their sequence.
enum Events {
    static func block(_ first: UInt64, _ count: Int) -> Block {
        let payload = [UInt8](unsafeUninitializedCapacity: count * 16) { memory, length in
            for number in 0..<count {
                let sequence = first + UInt64(number)
                let mixed = (sequence &* 0x9E37_79B9_7F4A_7C15) >> 40
                UnsafeMutableRawBufferPointer(memory).storeBytes(
                    of: sequence.littleEndian, toByteOffset: number * 16, as: UInt64.self)
                UnsafeMutableRawBufferPointer(memory).storeBytes(
                    of: mixed.littleEndian, toByteOffset: number * 16 + 8, as: UInt64.self)
            }
            length = count * 16
        }
        let last = first + UInt64(count) - 1
        return Block(
            firstSequence: first, count: UInt32(count), firstTime: Int64(first) * 1_000,
            lastTime: Int64(last) * 1_000, payload: payload)
    }

    static func canonical(_ block: Block) -> [UInt8] { block.payload.map { ~$0 } }

    static func canonical(_ payload: UnsafeRawBufferPointer, _ bytes: inout [UInt8]) throws
        -> EventFacts
    {
        struct NotEvents: Error {}
        let count = payload.count / 16
        guard count > 0 && payload.count % 16 == 0 else { throw NotEvents() }
        for byte in payload { bytes.append(~byte) }
        let first = payload.loadUnaligned(as: UInt64.self)
        let last = payload.loadUnaligned(fromByteOffset: count * 16 - 16, as: UInt64.self)
        return EventFacts(
            count: UInt32(count), firstSequence: first,
            firstTime: Int64(truncatingIfNeeded: first &* 1_000),
            lastTime: Int64(truncatingIfNeeded: last &* 1_000))
    }
}
