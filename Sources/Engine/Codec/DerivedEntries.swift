/// A closed rollup as it is stored.
public struct StoredRollup: Equatable, Sendable {
    /// The consolidated instrument.
    public var symbol: [UInt8]
    /// Its window, bps.
    public var windowBps: UInt32
    /// Start of the second, ns.
    public var time: Int64
    /// Sequence of the tick that closed it.
    public var sequence: UInt64
    /// The point's JSON bytes.
    public var json: [UInt8]
}

/// What is stored of a frame: enough to find the first one that a replay does not repeat.
public struct FrameMark: Equatable, Sendable {
    /// Sequence of the tick.
    public var sequence: UInt64
    /// Index of the consolidated instrument.
    public var symbol: UInt16
    /// Window, bps.
    public var windowBps: UInt32
    /// Hash of the frame's bytes, digest included.
    public var hash: UInt64
}

/// Collects the rollups and frame marks of a stretch of the log and writes them as raw blocks.
public struct DerivedCollector: Sendable {
    /// Rollups since the last `clear`.
    public private(set) var rollups: [StoredRollup] = []
    /// Frame marks since the last `clear`.
    public private(set) var marks: [FrameMark] = []

    /// A collector without entries.
    public init() {}

    /// Forgets all entries.
    public mutating func clear() {
        rollups.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
    }

    /// Takes over the entries of `other`, which come after these.
    public mutating func append(_ other: DerivedCollector) {
        rollups += other.rollups
        marks += other.marks
    }

    /// Forgets the entries that come from events up to these.
    public mutating func forget(rollupsUpTo rollup: UInt64, marksUpTo mark: UInt64) {
        rollups.removeAll { $0.sequence <= rollup }
        marks.removeAll { $0.sequence <= mark }
    }

    /// Forgets the rollups.
    public mutating func clearRollups() { rollups.removeAll(keepingCapacity: true) }

    /// Forgets the frame marks.
    public mutating func clearMarks() { marks.removeAll(keepingCapacity: true) }

    /// Takes the rollups and frames out of `outputs` that come from events of `sequences`.
    public mutating func collect(
        _ outputs: borrowing OutputBuffer, symbols: [[UInt8]],
        of sequences: ClosedRange<UInt64> = 0...UInt64.max
    ) {
        for output in outputs.outputs where sequences.contains(output.sequence) {
            switch output.kind {
            case .rollup:
                rollups.append(
                    StoredRollup(
                        symbol: symbols[output.symbol], windowBps: output.windowBps,
                        time: output.time, sequence: output.sequence,
                        json: Array(outputs.bytes(of: output))))
            case .frame:
                let hash = Mixing.bytes(Array(outputs.bytes(of: output)))
                marks.append(
                    FrameMark(
                        sequence: output.sequence, symbol: UInt16(output.symbol),
                        windowBps: output.windowBps, hash: hash.high ^ hash.low))
            case .resyncRequested: break
            }
        }
    }

    /// The entries as raw blocks behind the event `sequence`; empty where there are none.
    public func blocks(sequence: UInt64, time: Int64) -> [(kind: BlockKind, raw: [UInt8])] {
        var result: [(kind: BlockKind, raw: [UInt8])] = []
        if !rollups.isEmpty {
            for raw in parts(.rollups, sequence, time, rollupBody()) {
                result.append((.rollups, raw))
            }
        }
        if !marks.isEmpty {
            for raw in parts(.frameMarks, sequence, time, markBody()) {
                result.append((.frameMarks, raw))
            }
        }
        return result
    }

    private func parts(
        _ kind: BlockKind, _ sequence: UInt64, _ time: Int64, _ body: [UInt8]
    ) -> [[UInt8]] {
        DerivedBlock.parts(
            kind, sequence: sequence, time: time, body: body,
            partBytesMax: Checkpoint.partBytesMax)
    }

    private func rollupBody() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(UInt32(rollups.count))
        for rollup in rollups {
            writer.put(text: rollup.symbol)
            writer.put(rollup.windowBps)
            writer.put(rollup.time)
            writer.put(rollup.sequence)
            writer.put(UInt32(rollup.json.count))
            writer.bytes.append(contentsOf: rollup.json)
        }
        return writer.bytes
    }

    private func markBody() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(UInt32(marks.count))
        for mark in marks { writer.put(mark.sequence) }
        for mark in marks { writer.put(mark.symbol) }
        for mark in marks { writer.put(mark.windowBps) }
        for mark in marks { writer.put(mark.hash) }
        return writer.bytes
    }
}

extension DerivedBlock {
    /// The rollups in the raw blocks `parts` of one derived thing.
    public static func rollups(_ parts: [[UInt8]]) throws(CodecError) -> [StoredRollup] {
        let (_, body) = try joined(parts, kind: .rollups)
        return try reading(body) { (reader: inout ByteReader) throws(CodecError) in
            let count = try reader.length()
            var result: [StoredRollup] = []
            for _ in 0..<count {
                let symbol = try reader.text(limit: Limits.textBytesMax * 4)
                let window = try reader.integer(UInt32.self)
                let time = try reader.integer(Int64.self)
                let sequence = try reader.integer(UInt64.self)
                let length = try reader.length()
                result.append(
                    StoredRollup(
                        symbol: symbol, windowBps: window, time: time, sequence: sequence,
                        json: try reader.bytes(length)))
            }
            return result
        }
    }

    /// The frame marks in the raw blocks `parts` of one derived thing.
    public static func frameMarks(_ parts: [[UInt8]]) throws(CodecError) -> [FrameMark] {
        let (_, body) = try joined(parts, kind: .frameMarks)
        return try reading(body) { (reader: inout ByteReader) throws(CodecError) in
            let count = try reader.length()
            guard count <= reader.remaining / 22 else { throw .truncated }
            var marks = [FrameMark](
                repeating: FrameMark(sequence: 0, symbol: 0, windowBps: 0, hash: 0), count: count)
            for index in marks.indices { marks[index].sequence = try reader.integer(UInt64.self) }
            for index in marks.indices { marks[index].symbol = try reader.integer(UInt16.self) }
            for index in marks.indices { marks[index].windowBps = try reader.integer(UInt32.self) }
            for index in marks.indices { marks[index].hash = try reader.integer(UInt64.self) }
            return marks
        }
    }

    private static func reading<T>(
        _ body: [UInt8], _ read: (inout ByteReader) throws(CodecError) -> T
    ) throws(CodecError) -> T {
        let result = body.withUnsafeBufferPointer { buffer -> Result<T, CodecError> in
            do throws(CodecError) {
                var reader = ByteReader(buffer)
                let value = try read(&reader)
                try reader.finish()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
