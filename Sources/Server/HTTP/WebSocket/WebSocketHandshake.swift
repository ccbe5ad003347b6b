import COpenSSL
import HTTPTypes

// The opening handshake of a server (RFC 6455, section 4.2):
// 1. GET over HTTP/1.1, `Upgrade` has `websocket`, `Connection` has `upgrade`;
// 2. `Sec-WebSocket-Version` is 13, else 426 and the version that is spoken;
// 3. `Sec-WebSocket-Key` is 16 bytes in Base64, in the one form that they have;
// 4. no extension and no subprotocol is agreed on, whatever is offered.

/// Checks a client's handshake and answers it.
enum WebSocketHandshake {
    /// The headers of `101 Switching Protocols`.
    ///
    /// - Throws: 400 or 426.
    static func accept(_ head: RequestHead) throws(HTTPFailure) -> [HeaderField] {
        let upgrade = [
            HeaderField("Upgrade", "websocket"), HeaderField("Sec-WebSocket-Version", "13"),
        ]
        guard head.wantsWebSocket else {
            throw HTTPFailure(
                .upgradeRequired, "websocket", field: "upgrade", "this is a WebSocket",
                headers: upgrade)
        }
        guard head.method == "GET", head.minorVersion == 1 else {
            throw .handshake("upgrade", "a WebSocket is opened by GET over HTTP/1.1")
        }
        guard head.tokens("upgrade").contains("websocket") else {
            throw .handshake("upgrade", "Upgrade has no websocket")
        }
        guard head.tokens("connection").contains("upgrade") else {
            throw .handshake("connection", "Connection has no upgrade")
        }
        guard head["sec-websocket-version"] == "13" else {
            throw HTTPFailure(
                .upgradeRequired, "websocket-version", field: "sec-websocket-version",
                "version 13 is spoken here", headers: upgrade)
        }
        guard let key = head["sec-websocket-key"], isKey(key) else {
            throw .handshake("sec-websocket-key", "the key is not 16 bytes in Base64")
        }
        return [
            HeaderField("Upgrade", "websocket"), HeaderField("Connection", "Upgrade"),
            HeaderField("Sec-WebSocket-Accept", answer(to: key)),
        ]
    }

    /// 22 digits, the last of which has no bit beyond the 128th, and two equals signs.
    private static func isKey(_ key: String) -> Bool {
        key.wholeMatch(of: /[A-Za-z0-9+\/]{21}[AQgw]==/) != nil
    }

    /// Base64 of SHA-1 of the key and the constant of the protocol.
    static func answer(to key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        guard EVP_Digest(text, text.count, &digest, nil, EVP_sha1(), nil) == 1 else {
            preconditionFailure("SHA-1 of memory does not fail")
        }
        return base64(digest)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text[..<Int(count)], as: UTF8.self)
    }
}

extension HTTPFailure {
    fileprivate static func handshake(_ field: String, _ message: String) -> HTTPFailure {
        HTTPFailure(.badRequest, "websocket", field: field, message)
    }
}
