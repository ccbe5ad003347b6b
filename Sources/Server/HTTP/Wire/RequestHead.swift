/// The line and the headers of a request, after everything doubtful was refused.
struct RequestHead: Equatable, Sendable {
    /// How the end of the body is known.
    enum Body: Equatable, Sendable {
        case none
        case length(Int)
        case chunked
    }

    /// The method, as it came.
    var method = ""
    /// Path and query, beginning with `/`; `*` of an `OPTIONS` request.
    var target = ""
    /// Minor version of HTTP/1.
    var minorVersion = 1
    /// The headers in order, names in lower case.
    var headers: [HeaderField] = []
    /// How the body ends.
    var body = Body.none
    /// Host and port that were asked for.
    var host = ""
    /// Whether the client wants to go on after the response.
    var isKeepAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    var awaitsContinue = false

    /// The value of a header; the first one where it stands several times.
    subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    /// Path without the query.
    var path: Substring { target[..<(target.firstIndex(of: "?") ?? target.endIndex)] }

    /// What stands behind the question mark; nil without one.
    var query: Substring? {
        target.firstIndex(of: "?").map { target[target.index(after: $0)...] }
    }

    /// The lower-case tokens of a header that is a list.
    func tokens(_ name: String) -> [String] {
        headers.filter { $0.name == name }.flatMap { field in
            field.value.split(separator: ",", omittingEmptySubsequences: true).map {
                HTTPText.trimmed(Array($0.utf8)).lowercased()
            }
        }
    }

    /// Whether it asks for a WebSocket, rightly or not.
    var wantsWebSocket: Bool {
        tokens("upgrade").contains("websocket") || self["sec-websocket-key"] != nil
            || self["sec-websocket-version"] != nil
    }
}

/// Bytes of HTTP.
enum HTTPText {
    /// Token characters of RFC 9110, 5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e, 0x5f, 0x60, 0x7c,
            0x7e:
            true
        default: false
        }
    }

    /// Whether a byte may stand in the value of a header.
    static func isValue(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7f) }

    /// Text without blanks and tabs around it; bytes beyond ASCII as they are, one by one.
    static func trimmed(_ bytes: some BidirectionalCollection<UInt8>) -> String {
        var start = bytes.startIndex
        var end = bytes.endIndex
        while start < end, isBlank(bytes[start]) { start = bytes.index(after: start) }
        while start < end, isBlank(bytes[bytes.index(before: end)]) {
            end = bytes.index(before: end)
        }
        return String(String.UnicodeScalarView(bytes[start..<end].map { Unicode.Scalar($0) }))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
