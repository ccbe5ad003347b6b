import Engine
public import Journal
import Venues

/// Makes a log of a raw capture: the records go through adapters and sequencer in their order, so
/// the same adapters give the very events of the run, and better ones better events.
public final class RawImport {
    /// Why a capture gives no log.
    public enum Failure: Error {
        /// A record speaks of what was not introduced.
        case disorder(record: UInt64)
        /// A service that this program does not have.
        case unknownService(String)
    }

    private let writer: JournalWriter
    private var sequencer: Sequencer
    private let instruments = InstrumentTable()
    private var adapters: [UInt16: any VenueAdapter] = [:]
    private var parts: [UInt8] = []
    /// Records that were read.
    public private(set) var records: UInt64 = 0

    /// An import into the empty journal of `writer`.
    public init(writer: JournalWriter) {
        self.writer = writer
        sequencer = Sequencer(writer: writer)
    }

    /// Sequence of the last event.
    public var sequence: UInt64 { sequencer.sequence }

    /// Imports the capture that `reader` reads and seals the journal.
    ///
    /// - Throws: `Failure`, `JournalError`, `CodecError`.
    public func run(_ reader: JournalReader) throws {
        let cursor = try reader.blocks(fromSequence: 1, includingDerived: false)
        let buffer = BlockBuffer()
        while try cursor.next(into: buffer) != nil {
            try RawLog.forEachRecord(buffer.payload) { try take($0) }
        }
        try sequencer.close()
    }

    private func adapter(_ line: UInt16) throws -> any VenueAdapter {
        guard let adapter = adapters[line] else { throw Failure.disorder(record: records) }
        return adapter
    }

    private func take(_ record: RawRecord) throws {
        records += 1
        switch record {
        case .begin(let head):
            let (source, configuration, time) = try RawHead.decode(head)
            guard sequencer.sequence == 0 else { throw Failure.disorder(record: records) }
            try sequencer.begin(source: source, configuration: configuration, at: time)
        case .line(let id, let service, let name): try open(id, service, name)
        case .tick(let time): _ = try sequencer.tickOnce(before: time)
        case .changed(let line, let state, let at):
            let adapter = try adapter(line)
            try sequencer.receive {
                adapter.connectionChanged(state, receivedAt: at, into: &$0)
            }
        case .part(let bytes): parts += bytes
        case .message(let line, let bytes, let at):
            try receive(try adapter(line), joined(bytes), path: nil, at)
        case .answer(let line, let path, let bytes, let at):
            try receive(try adapter(line), joined(bytes), path: path, at)
        case .resync(let line, let symbol, let at):
            let adapter = try adapter(line)
            try sequencer.receive { (block: inout EventBlock) in
                symbol.withUnsafeBufferPointer {
                    adapter.resync(symbol: $0, receivedAt: at, into: &block)
                }
            }
            adapter.drainCommands { _ in }
        case .lost(let line, let symbol, let at):
            let adapter = try adapter(line)
            try sequencer.receive { adapter.distrust(symbol, receivedAt: at, into: &$0) }
            adapter.drainCommands { _ in }
        case .clockStep(let step, let at):
            try sequencer.receive {
                $0.append(.clockStep(ClockStep(step: step)), receivedAt: at)
            }
        }
    }

    private func joined(_ bytes: [UInt8]) -> [UInt8] {
        defer { parts = [] }
        return parts.isEmpty ? bytes : parts + bytes
    }

    private func open(_ id: UInt16, _ service: [UInt8], _ name: [UInt8]) throws {
        let known = String(decoding: service, as: UTF8.self)
        guard let service = VenueService.all.first(where: { $0.name == known }),
            let adapter = VenueRegistry.adapter(
                service.endpoint, connection: id, name: name, instruments: instruments)
        else { throw Failure.unknownService(known) }
        adapters[id] = adapter
    }

    private func receive(
        _ adapter: any VenueAdapter, _ bytes: [UInt8], path: [UInt8]?, _ at: Int64
    ) throws {
        _ = try sequencer.receive { (block: inout EventBlock) in
            bytes.withUnsafeBufferPointer { message in
                (path ?? []).withUnsafeBufferPointer { path in
                    _ = adapter.receive(
                        message, origin: path.isEmpty ? .socket : .rest(path), receivedAt: at,
                        into: &block)
                }
            }
        }
        adapter.drainCommands { _ in }
    }
}
