import HTTPTypes

// What headers say about where a request ends, and who it is for (RFC 9112, sections 5 to 7):
// 1. exactly one Host, of a form that can be compared;
// 2. Content-Length once, digits alone; Transfer-Encoding once, `chunked` alone; never both;
// 3. a header that says one thing stands once;
// 4. no body where a method has none.

extension HTTPFailure {
    static let versionNotSupported = HTTPResponse.Status(
        code: 505, reasonPhrase: "HTTP Version Not Supported")

    /// Bytes that are no request, or could be read as two: 400, and the connection ends.
    static func strict(_ message: String, field: String? = nil) -> HTTPFailure {
        HTTPFailure(.badRequest, "strict-http", field: field, message, closes: true)
    }
}

extension RequestHead {
    /// Headers that say one thing.
    private static let single: Set<String> = [
        "host", "content-length", "transfer-encoding", "content-type", "content-encoding",
        "authorization", "origin", "sec-fetch-site", "sec-fetch-mode", "expect",
        "sec-websocket-key", "sec-websocket-version",
    ]

    /// Takes the bytes of a header line over, without its end.
    mutating func take(header line: some RandomAccessCollection<UInt8>) throws(HTTPFailure) {
        guard let first = line.first, first != 0x20, first != 0x09 else {
            throw .strict("a header is folded over lines")
        }
        guard let colon = line.firstIndex(of: 0x3a), colon > line.startIndex,
            line[..<colon].allSatisfy(HTTPText.isToken)
        else { throw .strict("a header has no name of token characters before its colon") }
        let value = line[line.index(after: colon)...]
        guard value.allSatisfy(HTTPText.isValue) else {
            throw .strict("a header holds a control character")
        }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        if RequestHead.single.contains(name), self[name] != nil {
            throw .strict("\(name) stands twice", field: name)
        }
        headers.append(HeaderField(name, HTTPText.trimmed(value)))
    }

    /// Draws the conclusions, once all headers are there.
    mutating func settle(_ limits: HTTPLimits) throws(HTTPFailure) {
        try settleHost()
        try settleTarget()
        try settleConnection()
        try settleBody(limits)
        try settleExpectation()
    }

    private mutating func settleHost() throws(HTTPFailure) {
        guard let value = self["host"] else { throw .strict("there is no Host", field: "host") }
        guard
            value.wholeMatch(of: /([A-Za-z0-9._\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?/)
                != nil
        else { throw .strict("Host is no host and port", field: "host") }
        host = value
    }

    private mutating func settleConnection() throws(HTTPFailure) {
        let options = tokens("connection")
        guard options.allSatisfy({ $0.utf8.allSatisfy(HTTPText.isToken) }) else {
            throw .strict("Connection is no list of tokens", field: "connection")
        }
        isKeepAlive =
            !options.contains("close") && (minorVersion == 1 || options.contains("keep-alive"))
    }

    private mutating func settleBody(_ limits: HTTPLimits) throws(HTTPFailure) {
        if let coding = self["transfer-encoding"] {
            guard self["content-length"] == nil else {
                throw .strict("Content-Length and Transfer-Encoding stand together")
            }
            guard coding.lowercased() == "chunked", minorVersion == 1 else {
                throw .strict("the transfer coding is not chunked", field: "transfer-encoding")
            }
            body = .chunked
        } else if let text = self["content-length"] {
            guard (1...10).contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text)
            else { throw .strict("Content-Length is no length", field: "content-length") }
            guard length <= limits.bodyBytes else { throw .bodyTooLarge(limits.bodyBytes) }
            body = length == 0 ? .none : .length(length)
        }
        if body != .none, ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"].contains(method) {
            throw .strict("\(method) has no body")
        }
    }

    private mutating func settleExpectation() throws(HTTPFailure) {
        guard let expectation = self["expect"] else { return }
        guard expectation.lowercased() == "100-continue" else {
            throw HTTPFailure(
                .expectationFailed, "expect", field: "expect", "only 100-continue is met",
                closes: true)
        }
        awaitsContinue = body != .none && minorVersion == 1
    }
}

extension HTTPFailure {
    static func bodyTooLarge(_ limit: Int) -> HTTPFailure {
        HTTPFailure(
            .contentTooLarge, "body-size", "a body has at most \(limit) bytes", closes: true)
    }
}
