import NIOCore

/// What a WebSocket frame is.
enum WebSocketOpcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue & 8 != 0 }
}

/// Frames as a server sends them: whole, unmasked, so that one buffer serves every client.
enum WebSocketFrames {
    /// One frame around `payload`.
    static func encode(
        _ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: payload.count + 10)
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch payload.count {
        case ...125: buffer.writeInteger(UInt8(payload.count))
        case ...0xffff:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(payload.count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeBytes(payload)
        return buffer
    }

    /// A close frame; without a code where none was given.
    static func close(_ code: UInt16?, _ reason: String = "") -> ByteBuffer {
        guard let code else { return encode(.close, [UInt8]()) }
        // A control frame has at most 125 bytes, two of them for the code.
        precondition(reason.utf8.count <= 123, "the reason of a close fits its frame")
        return encode(.close, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8))
    }
}
