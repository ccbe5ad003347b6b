import Engine
import Venues

/// What the live core was told, as a raw capture keeps it: with these, in this order, everything
/// that it sequenced can be made again, by the adapters of then or by better ones.
enum RawRecord: Equatable {
    /// The head of the log: its first events as an encoded block.
    case begin(head: [UInt8])
    /// A connection of the run: its number, the service that it speaks to, its name.
    case line(UInt16, service: [UInt8], name: [UInt8])
    /// One due tick fell, before this time.
    case tick(before: Int64)
    /// A connection changed its state.
    case changed(UInt16, ConnectionState, at: Int64)
    /// A text message of a socket.
    case message(UInt16, [UInt8], at: Int64)
    /// The answer to a request for this path.
    case answer(UInt16, path: [UInt8], [UInt8], at: Int64)
    /// The fold wanted the book of this symbol synced anew.
    case resync(UInt16, symbol: [UInt8], at: Int64)
    /// The book of this symbol was not to be trusted any more.
    case lost(UInt16, symbol: [UInt8], at: Int64)
    /// The calendar was stepped, by so many ns.
    case clockStep(Int64, at: Int64)
    /// The front of a message or an answer that is longer than a block may be.
    case part([UInt8])

    /// The time that it speaks of; nil where it has none of its own.
    var time: Int64? {
        switch self {
        case .begin, .line, .part: nil
        case .tick(let time): time
        case .changed(_, _, let at), .message(_, _, let at), .answer(_, _, _, let at),
            .resync(_, _, let at), .lost(_, _, let at), .clockStep(_, let at):
            at
        }
    }

    /// Longest bytes of one record; longer ones are cut into parts.
    static var bytesMax: Int { 4 << 20 }

    /// Appends kind, line, time, and the two byte strings, each behind its length.
    func encode(to writer: inout ByteWriter) {
        func put(
            _ kind: UInt8, _ line: UInt16, _ time: Int64, _ first: [UInt8], _ second: [UInt8] = []
        ) {
            writer.put(kind)
            writer.put(line)
            writer.put(time)
            for bytes in [first, second] {
                writer.put(UInt32(bytes.count))
                writer.bytes.append(contentsOf: bytes)
            }
        }
        switch self {
        case .begin(let head): put(1, 0, 0, head)
        case .line(let id, let service, let name): put(2, id, 0, service, name)
        case .tick(let time): put(3, 0, time, [])
        case .changed(let line, let state, let at): put(4, line, at, [state.rawValue])
        case .message(let line, let bytes, let at): put(5, line, at, bytes)
        case .answer(let line, let path, let bytes, let at): put(6, line, at, path, bytes)
        case .resync(let line, let symbol, let at): put(7, line, at, symbol)
        case .clockStep(let step, let at):
            var text = ByteWriter()
            text.put(step)
            put(8, 0, at, text.bytes)
        case .part(let bytes): put(9, 0, 0, bytes)
        case .lost(let line, let symbol, let at): put(10, line, at, symbol)
        }
    }

    /// Reads the record at `position`, which moves behind it.
    init(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(CodecError) {
        func number<Number: FixedWidthInteger>(_: Number.Type) throws(CodecError) -> Number {
            let size = MemoryLayout<Number>.size
            guard bytes.count - position >= size else { throw .truncated }
            defer { position += size }
            return Number(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
        func text() throws(CodecError) -> [UInt8] {
            let count = Int(try number(UInt32.self))
            guard count <= bytes.count - position else { throw .truncated }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }
        let kind = try number(UInt8.self)
        let line = try number(UInt16.self)
        let time = try number(Int64.self)
        let first = try text()
        let second = try text()
        switch kind {
        case 1: self = .begin(head: first)
        case 2: self = .line(line, service: first, name: second)
        case 3: self = .tick(before: time)
        case 4:
            guard first.count == 1, let state = ConnectionState(rawValue: first[0]) else {
                throw .invalid(.state)
            }
            self = .changed(line, state, at: time)
        case 5: self = .message(line, first, at: time)
        case 6: self = .answer(line, path: first, second, at: time)
        case 7: self = .resync(line, symbol: first, at: time)
        case 8:
            guard first.count == 8 else { throw .invalid(.number) }
            let step = first.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
            self = .clockStep(Int64(littleEndian: step), at: time)
        case 9: self = .part(first)
        case 10: self = .lost(line, symbol: first, at: time)
        default: throw .invalid(.kind)
        }
    }
}
