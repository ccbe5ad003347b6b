import Foundation
import Testing

@testable import Server

/// Bytes that are no request, or could be read as two: one refusal, then the end.
@Suite struct HTTPSmugglingTests {
    private static let host = "Host: 127.0.0.1:PORT\r\n"
    private static let next = "GET /health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"
    private static let post =
        "POST /api/execute HTTP/1.1\r\n\(host)Content-Type: application/json\r\n"

    /// What is sent, and the status of the one answer.
    static let cases: [(bytes: String, status: Int)] = lines + hosts + headers + lengths + chunks

    private static let lines: [(String, Int)] =
        [
            "GET /health\r\n", "GET  /health HTTP/1.1\r\n", "GET /health  HTTP/1.1\r\n",
            " GET /health HTTP/1.1\r\n", "\r\nGET /health HTTP/1.1\r\n",
            "GET\t/health HTTP/1.1\r\n",
            "get /health HTTP/1.1\r\n", "G@T /health HTTP/1.1\r\n", "/health HTTP/1.1\r\n",
            "GET /health HTTP/1.1 \r\n", "GET /hea lth HTTP/1.1\r\n", "GET health HTTP/1.1\r\n",
            "GET /health http/1.1\r\n", "GET /health HTTP/0.9\r\n", "GET /health HTTP/1.2\r\n",
            "GET /health HTTP/1.1.1\r\n", "GET /health HTTP/11\r\n",
            "GET /health#part HTTP/1.1\r\n",
            "GET /he\u{7f}lth HTTP/1.1\r\n", "GET /he\u{0}lth HTTP/1.1\r\n",
            "GET /%zz HTTP/1.1\r\n",
            "GET /%4 HTTP/1.1\r\n", "GET * HTTP/1.1\r\n", "GET http://evil.example/ HTTP/1.1\r\n",
            "GET https://127.0.0.1:PORT/health HTTP/1.1\r\n", "CONNECT 127.0.0.1:PORT HTTP/1.1\r\n",
            "GET /h\u{e9}alth HTTP/1.1\r\n",
        ].map { ($0 + host + "\r\n" + next, 400) } + [
            ("GET /health HTTP/1.1\n" + host + "\r\n" + next, 400),
            ("GET /health HTTP/1.1\r" + host + "\r\n" + next, 400),
            ("GET /health HTTP/2.0\r\n" + host + "\r\n" + next, 505),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
            ("GET /" + String(repeating: "a", count: 9_000) + " HTTP/1.1\r\n" + host + "\r\n", 414),
        ]

    private static let hosts: [(String, Int)] = [
        "", "Host:\r\n", "Host: \r\n", host + host, host + "host: other\r\n", "Host: a b\r\n",
        "Host: a,b\r\n", "Host: a@b\r\n", "Host: a/b\r\n", "Host: a:b\r\n", "Host: a:123456\r\n",
        "Host: [::1\r\n",
    ].map { ("GET /health HTTP/1.1\r\n\($0)\r\n" + next, 400) }

    private static let headers: [(String, Int)] =
        [
            "X-A: 1\r\n folded\r\n", " X-A: 1\r\n", "X-A : 1\r\n", "X A: 1\r\n", ": 1\r\n",
            "X-A\r\n",
            "X-A: 1\n", "X-A: 1\rX-B: 2\r\n", "X-A: a\u{0}b\r\n", "X-A: a\u{b}b\r\n",
            "X-(A): 1\r\n",
            "X-\u{e9}: 1\r\n", "Connection: keep alive\r\n", "Connection: a(b\r\n",
            "Origin: http://a\r\nOrigin: http://b\r\n",
            "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n",
        ].map { ("GET /health HTTP/1.1\r\n" + host + $0 + "\r\n" + next, 400) } + [
            ("GET /health HTTP/1.1\r\n" + host + "Expect: magic\r\n\r\n" + next, 417)
        ]

    /// With a body that whoever is lenient would take.
    private static func withBody(_ headers: String) -> String {
        let chunked = "2\r\n{}\r\n0\r\n\r\n"
        let body = headers.contains("hunked") ? chunked : "{} "
        return "\(post)\(headers)\r\n\(body)\(next)"
    }

    private static let lengths: [(String, Int)] =
        [
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 3\r\nContent-Length: 4\r\n",
            "Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: 3, 3\r\n",
            "Content-Length: +3\r\n",
            "Content-Length: -3\r\n", "Content-Length: 0x3\r\n", "Content-Length: 3 3\r\n",
            "Content-Length:\r\n",
            "Content-Length: 3.0\r\n", "Content-Length: 18446744073709551619\r\n",
            "Content-Length: \u{b2}\r\n",
            "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, gzip\r\n",
            "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: \u{b}chunked\r\n",
            "Transfer-Encoding:\r\n", "Transfer-Encoding : chunked\r\n",
        ].map { (withBody($0), 400) } + [
            (post + "Content-Length: 16385\r\n\r\n" + next, 413),
            (
                "POST /api/execute HTTP/1.0\r\n" + host
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next, 400
            ),
            ("GET /health HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello" + next, 400),
            ("HEAD /health HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello" + next, 400),
            (
                "DELETE /health HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                    + next, 400
            ),
        ]

    private static let chunks: [(String, Int)] =
        [
            "2\r\n{}X\r\n0\r\n\r\n", "2\r\n{}\n0\r\n\r\n", "0x2\r\n{}\r\n0\r\n\r\n",
            "+2\r\n{}\r\n0\r\n\r\n",
            "-2\r\n{}\r\n0\r\n\r\n", "2;a=b\r\n{}\r\n0\r\n\r\n", "2 \r\n{}\r\n0\r\n\r\n",
            "\r\n{}\r\n0\r\n\r\n",
            "g\r\n{}\r\n0\r\n\r\n", "2\n{}\r\n0\r\n\r\n", "2\r\n{}\r\n0\r\nX: 1\r\n\r\n",
            "FFFFFFFFF\r\n{}\r\n0\r\n\r\n", "3\r\n{}\r\n0\r\n\r\n",
        ].map { (post + "Transfer-Encoding: chunked\r\n\r\n" + $0 + next, 400) } + [
            (post + "Transfer-Encoding: chunked\r\n\r\n4001\r\n", 413),
            (post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n", 413),
        ]

    @Test func `what is doubtful gets one refusal, and the connection ends`() async throws {
        try await TestServer.with { server in
            let allowed = Set([400, 413, 414, 417, 505])
            for (text, status) in Self.cases {
                #expect(allowed.contains(status))
                for piece in [Int.max, 1] {
                    let client = try server.connect()
                    // Latin-1, so that a byte is a byte.
                    let bytes = text.replacingOccurrences(of: "PORT", with: "\(server.port)")
                        .unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
                    if piece == 1, bytes.count < 2_000 {
                        for byte in bytes { client.send([byte]) }
                    } else {
                        client.send(bytes)
                    }
                    client.endInput()
                    let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
                    let statuses = answer.matches(of: /HTTP\/1\.1[ ]([0-9]{3})[ ]/).map {
                        Int($0.1)
                    }
                    #expect(statuses == [status], "\(text.debugDescription): \(statuses)")
                    #expect(answer.contains("Connection: close\r\n"))
                    // A route may say 400 too, of a request that was read.
                    let isStrict = answer.contains(#""rule":"strict-http""#)
                    #expect(isStrict == (status == 400), "\(text.debugDescription)")
                }
            }
            print("smuggling: \(Self.cases.count) cases, each whole and byte by byte")
            #expect(Self.cases.count >= 60)
        }
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\r\n\(host)\r\n",
        "GET /health HTTP/1.1\r\nHOST:127.0.0.1:PORT\r\n\r\n",
        "GET http://127.0.0.1:PORT/health HTTP/1.1\r\n\(host)\r\n",
        "GET /health HTTP/1.1\r\n\(host)X-A: \t padded \t\r\nX-B:\r\n\r\n",
        "GET /health HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n",
        "GET /health HTTP/1.0\r\n\(host)Connection: keep-alive\r\n\r\n",
        "\(post)Content-Length: 2\r\n\r\n{}",
        "\(post)Transfer-Encoding: Chunked\r\n\r\n1\r\n{\r\n01\r\n}\r\n0\r\n\r\n",
    ])
    func `what is sound is read as one request, whatever its pieces`(_ text: String) async throws {
        try await TestServer.with { server in
            let bytes = text.replacingOccurrences(of: "PORT", with: "\(server.port)")
            for piece in [1, 7, 10_000] {
                let client = try server.connect()
                let all = Array((bytes + bytes).utf8)
                for start in stride(from: 0, to: all.count, by: piece) {
                    client.send(Array(all[start..<min(all.count, start + piece)]))
                }
                for _ in 0..<2 {
                    let status = try client.response()?.status
                    #expect(status == (text.hasPrefix("POST") ? 400 : 200))
                }
                let after = try client.ask("GET", "/health")
                #expect(after.status == 200, "the connection goes on")
            }
        }
    }

    @Test func `a body that is asked for comes after 100 Continue`() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let body = #"{"symbol":"BTC-USD","side":"buy","notional_usd":1000}"#
            client.send(
                "POST /api/execute HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nContent-Type: "
                    + "application/json\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            )
            #expect(try client.response()?.status == 100)
            client.send(body)
            #expect(try client.response()?.status == 200)
        }
    }
}
