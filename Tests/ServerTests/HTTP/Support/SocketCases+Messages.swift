@testable import Server

extension SocketCases {
    static var fragments: [SocketCase] {
        let whole = SocketCase.text(Array("fragment1fragment2".utf8))
        let pong = SocketCase.pong(Array("ping".utf8))
        let first = frame(1, "fragment1", isFinal: false)
        let second = frame(0, "fragment2")
        let ping = frame(9, "ping")
        func three(
            _ name: String, _ pieces: [[UInt8]], _ wanted: [String], closes: Bool = true
        ) -> [SocketCase] {
            let framed = SocketCase(name: name, pieces: pieces, wanted: wanted, closes: closes)
            return [framed.chopped(1 << 20), framed, framed.chopped(1)]
        }
        func broken(_ name: String, _ pieces: [[UInt8]], _ before: [String] = []) -> SocketCase {
            SocketCase(name: name, pieces: pieces, wanted: before + ["close 1002"], closes: false)
        }
        let nothing = frame(0, "non-continuation")
        let open = frame(0, "non-continuation", isFinal: false)
        let hello = frame(1, "Hello")
        var cases = [
            broken("ping", [frame(9, "a", isFinal: false), frame(0, "b")]),
            broken("pong", [frame(10, "a", isFinal: false), frame(0, "b")]),
        ]
        cases += three("two", [first, second], [whole, end])
        cases += three("ping between", [first, ping, second], [pong, whole, end])
        cases += three("nothing to end", [nothing, hello], ["close 1002"], closes: false)
        cases += three("nothing to continue", [open, hello], ["close 1002"], closes: false)
        let loose = [open, frame(1, "a", isFinal: false), frame(0, "b")]
        cases += [
            broken("then nothing", [first, second, open, first, second], [whole]),
            broken("loose, twice", loose + loose), broken("ended, twice", [nothing] + loose),
            broken("two openings", [first, frame(1, "fragment2")]),
        ]
        let five = [
            frame(1, "f1", isFinal: false), frame(0, "f2", isFinal: false), ping,
            frame(0, "f3", isFinal: false), frame(0, "f4", isFinal: false), ping, frame(0, "f5"),
        ]
        let answer = [pong, pong, SocketCase.text(Array("f1f2f3f4f5".utf8)), end]
        let many = SocketCase(name: "five with pings", pieces: five, wanted: answer)
        return cases + [many.chopped(1 << 20), many]
    }

    static var closes: [SocketCase] {
        func closing(_ name: String, _ body: [UInt8], _ code: Int) -> SocketCase {
            SocketCase(
                name: name, pieces: [SocketClient.frame(8, body)], wanted: ["close \(code)"],
                closes: false)
        }
        func body(_ code: Int, _ reason: [UInt8] = []) -> [UInt8] {
            [UInt8(code >> 8), UInt8(code & 255)] + reason
        }
        let close = SocketClient.frame(8, body(1000))
        let hello = frame(1, "Hello")
        func after(_ name: String, _ pieces: [[UInt8]], _ before: [String] = []) -> SocketCase {
            SocketCase(name: name, pieces: pieces, wanted: before + [end], closes: false)
        }
        let large = bytes(65_536)
        var cases = [
            after("after a message", [hello, close], [SocketCase.text(Array("Hello".utf8))]),
            after("twice", [close, close]), after("a ping behind", [close, frame(9, "late")]),
            after("a message behind", [close, hello]),
            after("inside a message", [frame(1, "a", isFinal: false), close, frame(0, "b")]),
            after(
                "after a large message", [SocketClient.frame(1, large), close, frame(9, "late")],
                [SocketCase.text(large)]),
            closing("empty", [], 0), closing("one byte", [3], 1002),
            closing("code", body(1000), 1000), closing("reason", body(1000, bytes(5)), 1000),
            closing("123 bytes", body(1000, bytes(123)), 1000),
            closing("124 bytes", body(1000, bytes(124)), 1002),
            closing(
                "reason is no UTF-8", body(1000, [0xce, 0xba, 0xe1, 0xbd, 0xed, 0xa0, 0x80]), 1007),
        ]
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
            cases.append(closing("valid", body(code), code))
        }
        for code in [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999] {
            cases.append(closing("invalid \(code)", body(code), 1002))
        }
        return cases + [closing("5000", body(5_000), 1002), closing("65535", body(65_535), 1002)]
    }

    static var large: [SocketCase] {
        var cases: [SocketCase] = []
        let mask: [UInt8] = [0, 0, 0, 0]
        func echo(_ name: String, _ opcode: UInt8, _ payload: [UInt8], _ pieces: [[UInt8]]) {
            let word = SocketCase.word(.init(opcode: opcode, payload: payload))
            cases.append(SocketCase(name: name, pieces: pieces, wanted: [word, end]))
        }
        for opcode in [1, 2] as [UInt8] {
            for kilobytes in [64, 256, 1_024, 4_096, 8_192, 16_384] {
                let payload = bytes(kilobytes << 10)
                echo(
                    "\(kilobytes) KiB", opcode, payload,
                    [SocketClient.frame(opcode, payload, mask: mask)])
            }
            for size in [
                64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20,
            ] {
                let payload = bytes(4 << 20)
                echo("4 MiB by \(size)", opcode, payload, [parts(opcode, payload, size)])
            }
            for size in [64, 128, 256, 512, 1_024, 2_048] {
                let payload = bytes(1 << 20)
                echo("1 MiB", opcode, payload, [SocketClient.frame(opcode, payload, mask: mask)])
                cases[cases.count - 1] = cases[cases.count - 1].chopped(size)
            }
            for size in [0, 16, 64, 256, 1_024, 4_096] {
                let payload = bytes(size)
                let word = SocketCase.word(.init(opcode: opcode, payload: payload))
                let one = SocketClient.frame(opcode, payload, mask: mask)
                cases.append(
                    SocketCase(
                        name: "1000 of \(size)", pieces: Array(repeating: one, count: 1_000),
                        wanted: Array(repeating: word, count: 1_000) + [end]))
            }
        }
        let payload = bytes(65_536)
        echo("65536 by 1300", 1, payload, [parts(1, payload, 1_300)])
        return cases
    }

    /// A message in frames of `size` bytes.
    private static func parts(_ opcode: UInt8, _ payload: [UInt8], _ size: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: payload.count, by: size) {
            let end = min(payload.count, start + size)
            bytes += SocketClient.frame(
                start == 0 ? opcode : 0, Array(payload[start..<end]),
                isFinal: end == payload.count, mask: [0, 0, 0, 0])
        }
        return bytes
    }
}
