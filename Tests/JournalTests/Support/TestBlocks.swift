import Foundation
import Journal
import TestSupport

/// Events of the tests: sixteen bytes each. Their canonical bytes are the same ones inverted,
/// so that a test notices when payload and canonical bytes are mixed up.
enum TestBlocks {
    static let eventBytes = 16
    static let checkpointKind: UInt16 = 2

    static func canonical(_ payload: UnsafeRawBufferPointer, _ bytes: inout [UInt8]) throws
        -> EventFacts
    {
        let count = payload.count / eventBytes
        guard payload.count % eventBytes == 0, count > 0 else { throw NotEvents() }
        for byte in payload { bytes.append(~byte) }
        let first = payload.loadUnaligned(as: UInt64.self)
        let last = payload.loadUnaligned(
            fromByteOffset: (count - 1) * eventBytes, as: UInt64.self)
        return EventFacts(
            count: UInt32(count), firstSequence: first,
            firstTime: Int64(truncatingIfNeeded: first &* 1_000_000),
            lastTime: Int64(truncatingIfNeeded: last &* 1_000_000))
    }

    struct NotEvents: Error {}

    /// The event with a sequence: the same one in every blocking.
    static func event(_ sequence: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: sequence)
        let low = random.next() & 0xFFFF
        return withUnsafeBytes(of: (sequence.littleEndian, low.littleEndian)) { Array($0) }
    }

    static func time(_ sequence: UInt64) -> Int64 { Int64(sequence) * 1_000_000 }

    static func events(_ first: UInt64, _ count: Int) -> Block {
        var payload: [UInt8] = []
        payload.reserveCapacity(count * eventBytes)
        for sequence in first..<(first + UInt64(count)) { payload += event(sequence) }
        return Block(
            firstSequence: first, count: UInt32(count), firstTime: time(first),
            lastTime: time(first + UInt64(count) - 1), payload: payload,
            cuts: payload.count > 64 ? [32, 48] : [])
    }

    /// Rewrites a segment into blocks of so many events.
    @discardableResult
    static func repack(_ name: String, _ counts: [Int], _ lock: JournalLock) throws
        -> (before: Int, after: Int)
    {
        try Compaction.rewrite(segment: name, lock: lock, canonicalBytes: canonical) {
            rewriter in
            for count in counts {
                let block = events(rewriter.nextSequence, count)
                try block.payload.map { ~$0 }.withUnsafeBytes {
                    try rewriter.append(block, canonical: $0)
                }
            }
        }
    }

    static func checkpoint(_ next: UInt64, part: UInt8 = 0, bytes: Int = 100) -> Block {
        Block(
            kind: checkpointKind, firstSequence: next, count: 0, firstTime: 0, lastTime: 0,
            payload: [part] + [UInt8](repeating: UInt8(truncatingIfNeeded: next), count: bytes))
    }
}

extension JournalWriter {
    /// Appends the next `count` test events as one block.
    func appendEvents(_ count: Int) throws(JournalError) {
        let block = TestBlocks.events(lastSequence + 1, count)
        let canonical = block.payload.map { ~$0 }
        let result: Result<Void, JournalError> = canonical.withUnsafeBytes { bytes in
            do throws(JournalError) {
                return .success(try append(block, canonical: bytes))
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Opens a test journal.
    static func open(_ storage: any Storage, _ configuration: JournalConfiguration = .small)
        throws(JournalError) -> JournalWriter
    {
        try JournalWriter(
            storage: storage, configuration: configuration,
            canonicalBytes: TestBlocks.canonical)
    }
}

extension JournalConfiguration {
    /// Small segments, no preallocation, the default sync policy.
    static let small = JournalConfiguration(segmentBytes: 8 << 10, preallocationBytes: 0)
}

extension JournalReader {
    /// The sequences of all events, each checked against what was written; throws on damage.
    func allSequences(from first: UInt64? = nil) throws -> [UInt64] {
        guard let oldest = try oldestSequence() else { return [] }
        let cursor = try blocks(fromSequence: first ?? oldest, includingDerived: false)
        let buffer = BlockBuffer()
        var sequences: [UInt64] = []
        while let header = try cursor.next(into: buffer) {
            guard buffer.payload.count == Int(header.count) * TestBlocks.eventBytes else {
                throw WrongEvent()
            }
            for number in 0..<Int(header.count) {
                let sequence = header.firstSequence + UInt64(number)
                let start = number * TestBlocks.eventBytes
                let bytes = Array(buffer.payload[start..<(start + TestBlocks.eventBytes)])
                guard bytes == TestBlocks.event(sequence) else { throw WrongEvent() }
                sequences.append(sequence)
            }
        }
        return sequences
    }

    struct WrongEvent: Error {}

    /// Verifies every segment, deriving the chain; throws on the first problem.
    func verifyAll() throws {
        for listing in try listing() {
            if let problem = listing.problem { throw problem }
            if let torn = listing.info?.tornTail {
                throw JournalError.corrupt(segment: listing.name, offset: -1, defect: torn)
            }
            _ = try verify(segment: listing.name, canonicalBytes: TestBlocks.canonical)
        }
    }
}

/// A folder of its own under the system's temporary folder, removed at the end.
final class TemporaryFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "journal-\(UUID().uuidString)/journal"
    }

    deinit {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
        try? FileManager.default.removeItem(at: parent)
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}

/// How much of a sweep runs: all of it in release; `JOURNAL_TEST_SCALE` multiplies.
enum Scale {
    #if DEBUG
        static let isDebug = true
    #else
        static let isDebug = false
    #endif

    static func states(_ release: Int) -> Int {
        let text = ProcessInfo.processInfo.environment["JOURNAL_TEST_SCALE"]
        let scale = text.flatMap(Double.init) ?? 1
        return max(1, Int(Double(isDebug ? release / 20 : release) * scale))
    }
}
