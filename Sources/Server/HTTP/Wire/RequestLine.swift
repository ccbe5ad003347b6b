// The request line (RFC 9112, section 3), in the one form that cannot be read in two ways:
// 1. `METHOD SP target SP HTTP/1.x`, one blank each, no byte outside visible ASCII;
// 2. target in origin form, or `*` of OPTIONS; absolute form where it names the very Host;
// 3. percent signs are followed by two hex digits; no fragment.

extension RequestHead {
    /// Longest method.
    private static let methodBytesMax = 16

    /// Takes the bytes of the line over, without its end.
    mutating func take(line: some RandomAccessCollection<UInt8>) throws(HTTPFailure) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .strict("the request line has not three parts") }
        guard (1...RequestHead.methodBytesMax).contains(parts[0].count),
            parts[0].allSatisfy({ (0x41...0x5a).contains($0) })
        else { throw .strict("the method is no word of capitals") }
        method = String(decoding: parts[0], as: UTF8.self)
        minorVersion = try RequestHead.version(parts[2])
        guard !parts[1].isEmpty, parts[1].allSatisfy({ (0x21...0x7e).contains($0) }),
            !parts[1].contains(0x23)
        else { throw .strict("the target holds bytes that no target may hold") }
        target = String(decoding: parts[1], as: UTF8.self)
        guard RequestHead.hasWholeEscapes(parts[1]) else {
            throw .strict("a percent sign in the target is no escape")
        }
    }

    private static func version(
        _ bytes: some RandomAccessCollection<UInt8>
    ) throws(HTTPFailure) -> Int {
        let text = String(decoding: bytes, as: UTF8.self)
        if text == "HTTP/1.1" { return 1 }
        if text == "HTTP/1.0" { return 0 }
        let digits = text.dropFirst(5)
        guard text.hasPrefix("HTTP/"), digits.utf8.count == 3,
            digits.wholeMatch(of: /[2-9]\.[0-9]/) != nil
        else { throw .strict("the line does not end with HTTP/1.1") }
        throw HTTPFailure(
            HTTPFailure.versionNotSupported, "version", "HTTP/1.1 is spoken here", closes: true)
    }

    private static func hasWholeEscapes(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
        var digitsDue = 0
        for byte in bytes {
            let isHex =
                (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte)
                || (0x61...0x66).contains(byte)
            if digitsDue > 0 {
                guard isHex else { return false }
                digitsDue -= 1
            } else if byte == 0x25 {
                digitsDue = 2
            }
        }
        return digitsDue == 0
    }

    /// Brings the target into origin form, once the host is known.
    mutating func settleTarget() throws(HTTPFailure) {
        if target.hasPrefix("/") { return }
        if target == "*" {
            guard method == "OPTIONS" else { throw .strict("* is a target of OPTIONS alone") }
            return
        }
        guard target.prefix(7).lowercased() == "http://" else {
            throw .strict("the target is no path")
        }
        let rest = target.dropFirst(7)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard rest[..<end].lowercased() == host.lowercased() else {
            throw .strict("the target names another host than Host")
        }
        target = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
    }
}
