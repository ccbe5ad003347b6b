@testable import Server

extension SocketCases {
    /// Thirteen ways of sending, and 132 sequences of bytes; what is valid, the standard library
    /// says.
    static var texts: [SocketCase] { sending + sequences.map(one) }

    private static func one(_ bytes: [UInt8]) -> SocketCase {
        let isValid = String(validating: bytes, as: UTF8.self) != nil
        return SocketCase(
            name: "\(bytes)", pieces: [SocketClient.frame(1, bytes)],
            wanted: isValid ? [SocketCase.text(bytes), end] : ["close 1007"], closes: isValid)
    }

    private static var sending: [SocketCase] {
        let valid = Array("Hello-µ@ßöäüàá-UTF-8!!".utf8)
        let broken = valid.prefix(8) + [0xed, 0xa0, 0x80] + Array("edited".utf8)
        func parts(_ bytes: [UInt8], _ cuts: [Int]) -> [[UInt8]] {
            let ends = cuts + [bytes.count]
            return zip([0] + cuts, ends).enumerated().map { index, range in
                SocketClient.frame(
                    index == 0 ? 1 : 0, Array(bytes[range.0..<range.1]),
                    isFinal: range.1 == bytes.count)
            }
        }
        func good(_ name: String, _ bytes: [UInt8], _ pieces: [[UInt8]]) -> SocketCase {
            SocketCase(name: name, pieces: pieces, wanted: [SocketCase.text(bytes), end])
        }
        func bad(_ name: String, _ pieces: [[UInt8]]) -> SocketCase {
            SocketCase(name: name, pieces: pieces, wanted: ["close 1007"], closes: false)
        }
        let open = SocketClient.frame(1, [], isFinal: false)
        let more = SocketClient.frame(0, [], isFinal: false)
        // The beginning of a frame whose rest never comes: the bad byte alone ends it.
        let whole = SocketClient.frame(1, Array(broken))
        let second = SocketClient.frame(0, [0xf4, 0x90, 0x80, 0x80, 0x2a])
        let opening = SocketClient.frame(1, Array("κόσμε".utf8), isFinal: false)
        return [
            good("empty", [], [SocketClient.frame(1, [])]),
            good("empty parts", [], [open, more, SocketClient.frame(0, [])]),
            good(
                "middle", Array("middle frame payload".utf8),
                [open, frame(0, "middle frame payload", isFinal: false), SocketClient.frame(0, [])]),
            good("whole", valid, [SocketClient.frame(1, valid)]),
            good("two parts", valid, parts(valid, [9])),
            good("a part a byte", valid, parts(valid, Array(1..<valid.count))),
            good("bytes", valid, [SocketClient.frame(1, valid)]).chopped(1),
            bad("surrogate", [whole]),
            bad("surrogate, a part a byte", parts(Array(broken), Array(1..<broken.count))),
            bad("fails fast in a frame", [Array(whole.prefix(6 + 8 + 2))]),
            bad("fails fast in a later frame", [opening, Array(second.prefix(6 + 2))]),
            bad("fails fast, third byte of four", [opening, Array(second.prefix(6 + 3))]),
            bad("fails fast, byte by byte", [Array(whole.prefix(6 + 8 + 2))]).chopped(1),
        ]
    }

    private static func scalar(_ value: UInt32) -> [UInt8] {
        Array(String(Character(Unicode.Scalar(value)!)).utf8)
    }

    static var sequences: [[UInt8]] {
        let kosme: [UInt8] = [0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5]
        var all = [2, 5, 7, 9, 11].map { Array(kosme[..<$0]) }
        all += (1...11).map { Array(kosme[..<$0]) + Array(kosme.prefix(1)) }
        // First and last of each length, with those that UTF-8 once had.
        all += [[0], [0xc2, 0x80], [0xe0, 0xa0, 0x80], [0xf0, 0x90, 0x80, 0x80]]
        all += [[0xf8, 0x88, 0x80, 0x80, 0x80], [0xfc, 0x84, 0x80, 0x80, 0x80, 0x80]]
        all += [[0x7f], [0xdf, 0xbf], [0xef, 0xbf, 0xbf], [0xf4, 0x8f, 0xbf, 0xbf]]
        all += [
            [0xf7, 0xbf, 0xbf, 0xbf], [0xfb, 0xbf, 0xbf, 0xbf, 0xbf],
            [0xfd, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf],
        ]
        all += [
            [0xed, 0x9f, 0xbf], [0xee, 0x80, 0x80], [0xef, 0xbf, 0xbd], [0xf4, 0x8f, 0xbf, 0xbe],
            [0xf4, 0x90, 0x80, 0x80],
        ]
        // Continuations without a beginning, beginnings without a continuation.
        all += [[0x80], [0xbf]]
        all += (2...6).map { count in (0..<count).map { $0 % 2 == 0 ? 0x80 : 0xbf } }
        all.append(Array(0x80...0xbf))
        for range in [0xc0...0xdf, 0xe0...0xef, 0xf0...0xf7, 0xf8...0xfb, 0xfc...0xfd]
            as [ClosedRange<UInt8>]
        {
            all.append(range.flatMap { [$0, 0x20] })
        }
        let cut: [[UInt8]] = [
            [0xc0], [0xe0, 0x80], [0xf0, 0x80, 0x80], [0xf8, 0x80, 0x80, 0x80],
            [0xfc, 0x80, 0x80, 0x80, 0x80], [0xdf], [0xef, 0xbf], [0xf7, 0xbf, 0xbf],
            [0xfb, 0xbf, 0xbf, 0xbf], [0xfd, 0xbf, 0xbf, 0xbf, 0xbf],
        ]
        all += cut + [Array(cut.joined())]
        all += [[0xfe], [0xff], [0xfe, 0xfe, 0xff, 0xff]]
        return all + overlong + surrogates + specials
    }

    private static var overlong: [[UInt8]] {
        [
            [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x80, 0x80, 0xaf],
            [0xf8, 0x80, 0x80, 0x80, 0xaf], [0xfc, 0x80, 0x80, 0x80, 0x80, 0xaf],
            [0xc1, 0xbf], [0xe0, 0x9f, 0xbf], [0xf0, 0x8f, 0xbf, 0xbf],
            [0xf8, 0x87, 0xbf, 0xbf, 0xbf], [0xfc, 0x83, 0xbf, 0xbf, 0xbf, 0xbf],
            [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xf0, 0x80, 0x80, 0x80],
            [0xf8, 0x80, 0x80, 0x80, 0x80], [0xfc, 0x80, 0x80, 0x80, 0x80, 0x80],
        ]
    }

    private static var surrogates: [[UInt8]] {
        let single: [[UInt8]] = [
            [0xa0, 0x80], [0xad, 0xbf], [0xae, 0x80], [0xaf, 0xbf], [0xb0, 0x80], [0xbe, 0x80],
            [0xbf, 0xbf],
        ].map { [0xed] + $0 }
        let pairs = single[0..<4].flatMap { first in
            [single[4], single[6]].map { first + $0 }
        }
        return single + pairs
    }

    /// Noncharacters are text all the same.
    private static var specials: [[UInt8]] {
        var all = [scalar(0xfffe), scalar(0xffff)]
        for plane in 1...16 as ClosedRange<UInt32> {
            all += [scalar(plane << 16 | 0xfffe), scalar(plane << 16 | 0xffff)]
        }
        return all + (0xfff9...0xffff as ClosedRange<UInt32>).map(scalar)
    }
}
