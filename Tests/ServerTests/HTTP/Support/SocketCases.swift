@testable import Server

/// One case: bytes to send, in which pieces, and what has to come back, a word a frame:
/// `text:5 bytes` as a digest, `pong:…`, `close 1002`, `end`.
struct SocketCase: Sendable {
    var name: String
    /// Sent one after the other.
    var pieces: [[UInt8]]
    /// Frames that come back; the close that ends the case is the last one.
    var wanted: [String]
    /// Ends the case with a close of our own, which is answered.
    var closes = true

    static func word(_ frame: SocketClient.Frame) -> String {
        let names: [UInt8: String] = [1: "text", 2: "binary", 9: "ping", 10: "pong"]
        if frame.opcode == 8 { return "close \(frame.code)" }
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in frame.payload.prefix(4_096) {
            hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        return "\(names[frame.opcode] ?? "?"):\(frame.payload.count):\(hash)"
    }

    static func text(_ payload: [UInt8]) -> String { word(.init(opcode: 1, payload: payload)) }
    static func binary(_ payload: [UInt8]) -> String { word(.init(opcode: 2, payload: payload)) }
    static func pong(_ payload: [UInt8]) -> String { word(.init(opcode: 10, payload: payload)) }

    /// What came back.
    func run(_ port: Int) throws -> [String] {
        let client = try SocketClient(port: port, target: "/")
        guard client.isOpen else { return ["no handshake"] }
        for piece in pieces { client.raw.send(piece) }
        var seen: [String] = []
        while seen.count < wanted.count - (closes ? 1 : 0), let frame = try client.frame() {
            seen.append(SocketCase.word(frame))
            if frame.opcode == 8 { break }
        }
        if closes {
            client.send(8, [3, 232])
            while let frame = try client.frame() {
                seen.append(SocketCase.word(frame))
                if frame.opcode == 8 { break }
            }
        }
        client.send(8, [])
        client.raw.endInput()
        let rest = try client.raw.readToEnd()
        if !rest.isEmpty { seen.append("\(rest.count) bytes behind the close") }
        return seen
    }

    /// The same bytes in other pieces.
    func chopped(_ size: Int) -> SocketCase {
        var other = self
        let all = Array(pieces.joined())
        other.name += ", \(size) bytes a piece"
        other.pieces = stride(from: 0, to: all.count, by: size).map {
            Array(all[$0..<min(all.count, $0 + size)])
        }
        return other
    }
}

enum SocketCases {
    static let end = "close 1000"

    static func frame(_ opcode: UInt8, _ text: String, isFinal: Bool = true, rsv: UInt8 = 0)
        -> [UInt8]
    {
        SocketClient.frame(opcode, Array(text.utf8), isFinal: isFinal, rsv: rsv)
    }

    static func bytes(_ count: Int, _ byte: UInt8 = 0x2a) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    static var framing: [SocketCase] {
        var cases: [SocketCase] = []
        for opcode in [1, 2] as [UInt8] {
            for count in [0, 125, 126, 127, 128, 65_535, 65_536] {
                let payload = bytes(count, opcode == 1 ? 0x2a : 0xfe)
                let frame = SocketClient.Frame(opcode: opcode, payload: payload)
                cases.append(
                    SocketCase(
                        name: "\(opcode) of \(count)",
                        pieces: [SocketClient.frame(opcode, payload)],
                        wanted: [SocketCase.word(frame), end]))
            }
            cases.append(cases.last!.chopped(997))
        }
        return cases
    }

    static var pings: [SocketCase] {
        func ping(_ name: String, _ payload: [UInt8]) -> SocketCase {
            SocketCase(
                name: name, pieces: [SocketClient.frame(9, payload)],
                wanted: [SocketCase.pong(payload), end])
        }
        let binary: [UInt8] = [0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]
        let ten = SocketCase(
            name: "ten", pieces: (0..<10).map { SocketClient.frame(9, bytes($0)) },
            wanted: (0..<10).map { SocketCase.pong(bytes($0)) } + [end])
        return [
            ping("empty", []), ping("text", Array("Hello".utf8)), ping("binary", binary),
            ping("125", bytes(125, 0xfe)),
            SocketCase(
                name: "126", pieces: [SocketClient.frame(9, bytes(126))], wanted: ["close 1002"],
                closes: false),
            ping("125", bytes(125, 0xfe)).chopped(1),
            SocketCase(name: "pong", pieces: [SocketClient.frame(10, [])], wanted: [end]),
            SocketCase(name: "pong", pieces: [frame(10, "unasked")], wanted: [end]),
            SocketCase(
                name: "pong, ping", pieces: [frame(10, "unasked"), frame(9, "asked")],
                wanted: [SocketCase.pong(Array("asked".utf8)), end]),
            ten, ten.chopped(1),
        ]
    }

    static var reservedBits: [SocketCase] {
        let hello = SocketCase.text(Array("Hello".utf8))
        func broken(_ name: String, _ pieces: [[UInt8]], _ before: [String] = []) -> SocketCase {
            SocketCase(name: name, pieces: pieces, wanted: before + ["close 1002"], closes: false)
        }
        let first = frame(1, "Hello")
        return [
            broken("1", [frame(1, "Hello", rsv: 1)]),
            broken("2 between", [first + frame(1, "Hello", rsv: 2) + frame(9, "")], [hello]),
            broken("3 in frames", [first, frame(1, "Hello", rsv: 3), frame(9, "")], [hello]),
            broken("4 in bytes", [first + frame(1, "Hello", rsv: 4)], [hello]).chopped(1),
            broken("5 on binary", [frame(2, "Hello", rsv: 5)]),
            broken("6 on a ping", [frame(9, "Hello", rsv: 6)]),
            broken("7 on a close", [SocketClient.frame(8, [3, 232], rsv: 7)]),
        ]
    }

    static var opcodes: [SocketCase] {
        let hello = SocketCase.text(Array("Hello".utf8))
        var cases: [SocketCase] = []
        for base in [3, 11] as [UInt8] {
            for offset in 0..<5 as Range<UInt8> {
                let bad = frame(base + offset, offset == 0 ? "" : "reserved")
                let isAfter = offset >= 2
                var one = SocketCase(
                    name: "opcode \(base + offset)",
                    pieces: (isAfter ? [frame(1, "Hello")] : []) + [bad, frame(9, "")],
                    wanted: (isAfter ? [hello] : []) + ["close 1002"], closes: false)
                if offset == 4 { one = one.chopped(1) }
                cases.append(one)
            }
        }
        return cases
    }

    static var compressionOffers: [String] {
        var offers: [String] = []
        for client in [
            "", "; client_max_window_bits", "; client_max_window_bits=9",
            "; client_max_window_bits=15",
        ] {
            for server in ["", "; server_max_window_bits=8", "; server_max_window_bits=12"] {
                for takeover in [
                    "", "; client_no_context_takeover", "; server_no_context_takeover",
                ] {
                    for other in ["", "x-webkit-deflate-frame, ", "bbf-usp-protocol, "] {
                        for again in ["", ", permessage-deflate"] {
                            offers.append(
                                "\(other)permessage-deflate\(client)\(server)\(takeover)\(again)")
                        }
                    }
                }
            }
        }
        return offers
    }
}
