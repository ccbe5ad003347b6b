import Foundation
import Testing

/// A WebSocket client that can break every rule.
final class SocketClient: @unchecked Sendable {
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]
        var text: String { String(decoding: payload, as: UTF8.self) }
        /// Close code; 0 without one.
        var code: Int { payload.count < 2 ? 0 : Int(payload[0]) << 8 | Int(payload[1]) }
    }

    let raw: RawClient
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// Opens a WebSocket; where it is refused, `refusal` is what was said.
    init(
        port: Int, target: String = "/ws/stream", headers: [String] = [],
        receiveBuffer: Int32? = nil
    ) throws {
        raw = try RawClient(port: port, receiveBuffer: receiveBuffer)
        raw.send(SocketClient.handshake(port, target, headers))
        response = try raw.response()
    }

    /// Answer to the handshake; nil where the connection ended.
    let response: RawResponse?

    var isOpen: Bool { response?.status == 101 }

    static func handshake(_ port: Int, _ target: String, _ headers: [String] = []) -> String {
        ([
            "GET \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)",
        ]
            + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// A frame of a client.
    static func frame(
        _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, rsv: UInt8 = 0,
        mask: [UInt8]? = [0x37, 0xfa, 0x21, 0x3d], lengthBytes: Int? = nil
    ) -> [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | rsv << 4 | opcode]
        let masked: UInt8 = mask == nil ? 0 : 0x80
        let wide = lengthBytes ?? (payload.count < 126 ? 0 : payload.count < 65_536 ? 2 : 8)
        switch wide {
        case 0: bytes.append(masked | UInt8(payload.count))
        case 2: bytes += [masked | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default:
            bytes.append(masked | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(payload.count >> shift & 255))
            }
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    @discardableResult
    func send(_ opcode: UInt8, _ payload: [UInt8]) -> Bool {
        raw.send(SocketClient.frame(opcode, payload))
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(1, Array(text.utf8)) }

    /// The next frame; nil at the end.
    func frame() throws -> Frame? {
        let head = try raw.read(2)
        guard head.count == 2 else { return nil }
        guard head[0] & 0x70 == 0, head[1] & 0x80 == 0 else {
            throw TestFailure("a server's frame has RSV bits or is masked")
        }
        var length = Int(head[1])
        if length >= 126 {
            length = try raw.read(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        let payload = try raw.read(length)
        guard payload.count == length else { return nil }
        return Frame(opcode: head[0] & 15, payload: payload)
    }

    /// The next text, pings answered; nil at the end or at a close, which is kept.
    func text() throws -> String? {
        // Pings keep a line alive on which nothing comes any more.
        let end = Date().addingTimeInterval(240)
        while let frame = try frame() {
            guard Date() < end else { throw TestFailure("no text for 240 s") }
            switch frame.opcode {
            case 1: return frame.text
            case 8:
                closed = frame
                return nil
            case 9: send(10, frame.payload)
            default: break
            }
        }
        return nil
    }

    private(set) var closed: Frame?

    func texts(_ count: Int) throws -> [String] {
        var all: [String] = []
        while all.count < count, let text = try text() { all.append(text) }
        return all
    }

    /// The handshake was refused with this status, field and rule.
    func expectRefusal(
        _ status: Int, _ refusal: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(response?.status == status, sourceLocation: sourceLocation)
        #expect(
            response?.refusal == refusal, "\(response?.text ?? "")",
            sourceLocation: sourceLocation)
    }
}
