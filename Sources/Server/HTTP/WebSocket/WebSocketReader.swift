import NIOCore

// What a server has to see to in the frames of a client (RFC 6455, sections 5 to 8):
// 1. every frame is masked, RSV bits are 0, the opcode is one of six;
// 2. a length is written in the fewest bytes, and below 2^63;
// 3. control frames are whole, have at most 125 bytes, and may come between fragments;
// 4. a message begins with text or binary and goes on with continuations, until FIN;
// 5. text, and the reason of a close, is UTF-8: the first bad byte ends the connection, whatever
//    is still to come of its frame;
// 6. the body of a close is empty or begins with a code that may be sent.

/// Bytes in, messages and control frames out; no socket, no clock.
struct WebSocketReader {
    /// What the bytes led to.
    enum Event: Equatable {
        /// A whole message.
        case message(isText: Bool, [UInt8])
        /// A ping, to be answered with the same bytes.
        case ping([UInt8])
        /// A pong.
        case pong
        /// The client ends the connection; nil without a code.
        case close(UInt16?)
        /// The client broke a rule: nothing more comes out.
        case failure(UInt16, String)
    }

    private enum State {
        case header
        case payload(Frame, left: Int)
        case over
    }

    private struct Frame {
        var opcode: WebSocketOpcode
        var isFinal: Bool
        var mask: UInt32
        /// Bytes of the payload that were unmasked.
        var position = 0
    }

    private let limits: WebSocketLimits
    private var state = State.header
    private var message: [UInt8] = []
    /// Text or binary, while a message is open.
    private var kind: WebSocketOpcode?
    private var fragments = 0
    private var text = UTF8Check()
    private var control: [UInt8] = []

    /// A reader right behind the handshake.
    init(_ limits: WebSocketLimits) { self.limits = limits }

    /// Reads on; nil when more bytes are needed.
    mutating func next(_ buffer: inout ByteBuffer) -> Event? {
        while true {
            do throws(Failure) {
                switch state {
                case .over:
                    buffer.clear()
                    return nil
                case .header: guard try readHeader(&buffer) else { return nil }
                case .payload(var frame, let left):
                    let taken = try take(&frame, left, &buffer)
                    if taken < left {
                        state = .payload(frame, left: left - taken)
                        return nil
                    }
                    state = .header
                    if let event = try finish(frame) { return event }
                }
            } catch {
                state = .over
                return .failure(error.code, error.reason)
            }
        }
    }

    private struct Failure: Error {
        var code: UInt16
        var reason: String

        init(_ code: UInt16, _ reason: String) {
            self.code = code
            self.reason = reason
        }
    }

    /// Reads a frame's header; false when more bytes are needed. What the first bytes break is
    /// said at once.
    private mutating func readHeader(_ buffer: inout ByteBuffer) throws(Failure) -> Bool {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self) else { return false }
        let (opcode, isFinal) = try check(first: first)
        guard let second = buffer.getInteger(at: start + 1, as: UInt8.self) else { return false }
        guard second & 0x80 != 0 else {
            throw Failure(CloseCode.protocolError, "a frame is not masked")
        }
        let short = Int(second & 0x7f)
        guard !opcode.isControl || short <= 125 else {
            throw Failure(CloseCode.protocolError, "a control frame has more than 125 bytes")
        }
        let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
        guard let length = try length(short, buffer) else { return false }
        try check(length: length, opcode)
        guard let mask = buffer.getInteger(at: start + 2 + lengthBytes, as: UInt32.self) else {
            return false
        }
        buffer.moveReaderIndex(forwardBy: 6 + lengthBytes)
        begin(opcode)
        let frame = Frame(opcode: opcode, isFinal: isFinal, mask: mask)
        state = .payload(frame, left: length)
        return true
    }

    private func check(first: UInt8) throws(Failure) -> (WebSocketOpcode, isFinal: Bool) {
        guard first & 0x70 == 0 else {
            throw Failure(CloseCode.protocolError, "a reserved bit is set")
        }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0f) else {
            throw Failure(CloseCode.protocolError, "a reserved opcode")
        }
        let isFinal = first & 0x80 != 0
        if opcode.isControl {
            guard isFinal else {
                throw Failure(CloseCode.protocolError, "a control frame is fragmented")
            }
        } else if (opcode == .continuation) != (kind != nil) {
            throw Failure(
                CloseCode.protocolError,
                kind == nil ? "nothing to continue" : "the message before has not ended")
        }
        return (opcode, isFinal)
    }

    /// The length of the payload; nil when more bytes are needed.
    private func length(_ short: Int, _ buffer: ByteBuffer) throws(Failure) -> Int? {
        let place = buffer.readerIndex + 2
        let length: UInt64
        switch short {
        case 126:
            guard let value = buffer.getInteger(at: place, as: UInt16.self) else { return nil }
            guard value > 125 else {
                throw Failure(CloseCode.protocolError, "a length in more bytes than it needs")
            }
            length = UInt64(value)
        case 127:
            guard let value = buffer.getInteger(at: place, as: UInt64.self) else { return nil }
            guard value > 0xffff, value < 1 << 63 else {
                throw Failure(CloseCode.protocolError, "a length in a form that it may not have")
            }
            length = value
        default: length = UInt64(short)
        }
        return Int(length)
    }

    private func check(length: Int, _ opcode: WebSocketOpcode) throws(Failure) {
        guard !opcode.isControl else { return }
        guard length <= limits.frameBytes else {
            throw Failure(CloseCode.tooLarge, "a frame has at most \(limits.frameBytes) bytes")
        }
        guard message.count + length <= limits.messageBytes else {
            throw Failure(CloseCode.tooLarge, "a message has at most \(limits.messageBytes) bytes")
        }
        guard fragments < limits.fragments || opcode != .continuation else {
            throw Failure(CloseCode.tooLarge, "a message has at most \(limits.fragments) frames")
        }
    }

    private mutating func begin(_ opcode: WebSocketOpcode) {
        if opcode.isControl {
            control.removeAll(keepingCapacity: true)
        } else if opcode == .continuation {
            fragments += 1
        } else {
            kind = opcode
            fragments = 1
            text = UTF8Check()
        }
    }

    /// Unmasks and keeps what there is of the payload, text checked at once.
    private mutating func take(
        _ frame: inout Frame, _ left: Int, _ buffer: inout ByteBuffer
    ) throws(Failure) -> Int {
        let count = min(left, buffer.readableBytes)
        guard count > 0, var bytes = buffer.readBytes(length: count) else { return 0 }
        WebSocketReader.unmask(&bytes, frame.mask, frame.position)
        frame.position += count
        if frame.opcode.isControl {
            control += bytes
        } else {
            if kind == .text, !bytes.withUnsafeBytes({ text.take($0) }) {
                throw Failure(CloseCode.notUTF8, "text is not UTF-8")
            }
            message += bytes
        }
        return count
    }

    /// Byte i of a payload is masked with byte i mod 4 of the key; eight at a time.
    private static func unmask(_ bytes: inout [UInt8], _ mask: UInt32, _ position: Int) {
        // The key as it applies from here on, its first byte in front.
        let turn = UInt32(position & 3) * 8
        let key = turn == 0 ? mask : mask << turn | mask >> (32 - turn)
        let word = (UInt64(key) << 32 | UInt64(key)).bigEndian
        bytes.withUnsafeMutableBytes { memory in
            var index = 0
            while index + 8 <= memory.count {
                let masked = memory.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                memory.storeBytes(of: masked ^ word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < memory.count {
                memory[index] ^= UInt8(truncatingIfNeeded: key >> UInt32(24 - (index & 3) * 8))
                index += 1
            }
        }
    }

    private mutating func finish(_ frame: Frame) throws(Failure) -> Event? {
        switch frame.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong
        case .close:
            state = .over
            return try closing()
        case .continuation, .text, .binary:
            guard frame.isFinal else { return nil }
            guard kind != .text || text.isWhole else {
                throw Failure(CloseCode.notUTF8, "text ends inside a code point")
            }
            let event = Event.message(isText: kind == .text, message)
            kind = nil
            message = []
            return event
        }
    }

    private func closing() throws(Failure) -> Event {
        guard !control.isEmpty else { return .close(nil) }
        guard control.count >= 2 else {
            throw Failure(CloseCode.protocolError, "half a close code")
        }
        let code = UInt16(control[0]) << 8 | UInt16(control[1])
        guard CloseCode.maySend(code) else {
            throw Failure(CloseCode.protocolError, "a close code that may not be sent")
        }
        var reason = UTF8Check()
        guard control[2...].withUnsafeBytes({ reason.take($0) }), reason.isWhole else {
            throw Failure(CloseCode.notUTF8, "the reason of a close is not UTF-8")
        }
        return .close(code)
    }
}
