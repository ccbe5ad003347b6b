import Foundation
import Testing

@testable import Server

/// Who may ask: every combination of what browsers send (T.14).
@Suite struct HTTPBoundaryTests {
    private static let hosts = [
        "127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT", "tape.example",
        "127.0.0.1", "127.0.0.1:1", "evil.example", "evil.example:PORT",
    ]
    private static let origins = [
        nil, "SELF", "http://app.example", "null", "http://evil.example", "https://127.0.0.1:PORT",
        "http://localhost:1",
    ]
    private static let sites = [nil, "same-origin", "same-site", "none", "cross-site"]
    private static let types = [
        "application/json", "application/json; charset=utf-8", nil, "text/plain",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    ]

    private static func configuration() -> HTTPConfiguration {
        var configuration = TestServer.open
        configuration.allowedHosts = ["tape.example"]
        configuration.allowedOrigins = ["http://app.example"]
        return configuration
    }

    /// What the page says, word by word: host, then site and origin, then the type.
    private static func wanted(
        _ host: String, _ origin: String?, _ site: String?, _ type: String??
    ) -> Int? {
        let goodHosts = [
            "127.0.0.1:PORT", "localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT", "tape.example",
        ]
        if !goodHosts.contains(host) { return 421 }
        if site == "cross-site" { return 403 }
        if let origin, origin != "SELF", origin != "http://app.example" { return 403 }
        if case .some(let type) = type {
            if type == nil || !type!.hasPrefix("application/json") { return 415 }
        }
        return nil
    }

    @Test func `orders pass from our own pages and from programs alone`() async throws {
        try await TestServer.with(Self.configuration()) { server in
            let body = #"{"symbol":"BTC-USD","side":"buy","notional_usd":1000}"#
            var (count, passed) = (0, 0)
            for host in Self.hosts {
                let client = try server.connect()
                for origin in Self.origins {
                    for site in Self.sites {
                        for type in Self.types {
                            var lines = ["POST /api/execute HTTP/1.1", "Host: \(host)"]
                            if let origin {
                                lines.append(
                                    "Origin: \(origin == "SELF" ? "http://" + host : origin)")
                            }
                            if let site { lines.append("Sec-Fetch-Site: \(site)") }
                            if let type { lines.append("Content-Type: \(type)") }
                            lines.append("Content-Length: \(body.utf8.count)")
                            let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
                            client.send(
                                text.replacingOccurrences(of: "PORT", with: "\(server.port)"))
                            let response = try #require(try client.response())
                            let wanted = Self.wanted(host, origin, site, type) ?? 200
                            #expect(response.status == wanted, "\(lines)")
                            let readable = response["access-control-allow-origin"]
                            let isListed = origin == "http://app.example" && wanted == 200
                            #expect(readable == (isListed ? "http://app.example" : nil), "\(lines)")
                            count += 1
                            passed += wanted == 200 ? 1 : 0
                        }
                    }
                }
            }
            print("boundary: \(count) combinations of orders, \(passed) pass")
            #expect(count >= 128 && passed > 0)
        }
    }

    @Test func `WebSockets open from our own pages and from programs alone`() async throws {
        try await TestServer.with(Self.configuration()) { server in
            var (count, passed) = (0, 0)
            for host in Self.hosts {
                for origin in Self.origins {
                    for site in Self.sites {
                        let client = try server.connect()
                        var text = SocketClient.handshake(server.port, "/ws/stream")
                            .replacingOccurrences(
                                of: "Host: 127.0.0.1:\(server.port)", with: "Host: \(host)")
                        var more = ""
                        if let origin {
                            more += "Origin: \(origin == "SELF" ? "http://" + host : origin)\r\n"
                        }
                        if let site { more += "Sec-Fetch-Site: \(site)\r\n" }
                        text = String(text.dropLast()) + more + "\r\n"
                        client.send(text.replacingOccurrences(of: "PORT", with: "\(server.port)"))
                        let wanted = Self.wanted(host, origin, site, nil) ?? 101
                        #expect(
                            try client.response()?.status == wanted,
                            "\(host) \(origin ?? "-") \(site ?? "-")")
                        count += 1
                        passed += wanted == 101 ? 1 : 0
                    }
                }
            }
            print("boundary: \(count) combinations of WebSockets, \(passed) pass")
        }
    }

    @Test func `reading needs the right host alone, and a listed page may ask before`() async throws
    {
        try await TestServer.with(Self.configuration()) { server in
            let client = try server.connect()
            let foreign = ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"]
            let plain = try client.ask("GET", "/health", headers: foreign)
            #expect(plain.status == 200 && plain["access-control-allow-origin"] == nil)
            let listed = try client.ask("GET", "/health", headers: ["Origin: http://app.example"])
            #expect(listed["access-control-allow-origin"] == "http://app.example")
            #expect(listed["vary"] == "Origin" && listed["access-control-allow-credentials"] == nil)
            let before = try client.ask(
                "OPTIONS", "/api/execute", headers: ["Origin: http://app.example"])
            #expect(
                before.status == 204 && before["access-control-allow-methods"] == "GET, HEAD, POST")
            #expect(try client.ask("OPTIONS", "/api/execute", headers: foreign).status == 405)
            let coded = try client.ask(
                "POST", "/api/execute", headers: ["Content-Encoding: gzip"], body: "{}")
            #expect(coded.status == 415 && coded.refusal == "content-encoding content-encoding")
        }
    }

    @Test func `a token is needed where there is one, and it is never shown`() async throws {
        let secret = String(repeating: "s3cret-", count: 6)
        var configuration = TestServer.open
        configuration.token = try BearerToken(Array((secret + "\n").utf8))
        #expect("\(configuration.token!)" == "<redacted>")
        #expect(!"\(configuration)".contains("s3cret"))
        try await TestServer.with(configuration) { server in
            let client = try server.connect()
            for (header, status) in [
                ("X-A: 1", 401), ("Authorization: Bearer \(secret)x", 401),
                ("Authorization: Bearer", 401), ("Authorization: Basic \(secret)", 401),
                ("Authorization: \(secret)", 401),
                ("Authorization: Bearer \(secret.dropLast())", 401),
                ("Authorization: Bearer \(secret)", 200), ("Authorization: bearer \(secret)", 200),
            ] {
                for target in ["/health", "/metrics", "/api/status"] {
                    let response = try client.ask("GET", target, headers: [header])
                    #expect(response.status == status, "\(header)")
                    if status == 401 { #expect(response["www-authenticate"] == "Bearer") }
                    #expect(!response.text.contains("s3cret"))
                }
            }
            let socket = try SocketClient(port: server.port)
            #expect(socket.response?.status == 401)
            let open = try SocketClient(
                port: server.port, headers: ["Authorization: Bearer \(secret)"])
            #expect(open.isOpen)
        }
    }

    @Test func `an address that others reach needs a token or a plain word`() throws {
        var configuration = HTTPConfiguration()
        try configuration.check()
        for address in ["0.0.0.0", "192.168.1.7", "::", "tape.example", "127.0.0.1.evil.example"] {
            configuration.address = address
            #expect(throws: HTTPConfigurationError.self) { try configuration.check() }
        }
        configuration.allowsRemoteUnauthenticated = true
        try configuration.check()
        configuration.allowsRemoteUnauthenticated = false
        configuration.token = try BearerToken(Array(repeating: 0x61, count: 32))
        try configuration.check()
        configuration.allowedOrigins = ["*"]
        #expect(throws: HTTPConfigurationError.self) { try configuration.check() }
        for length in [0, 31, 4_097] {
            #expect(throws: HTTPConfigurationError.self) {
                _ = try BearerToken(Array(repeating: 0x61, count: length))
            }
        }
    }

    @Test func `a program from elsewhere without token is refused what changes something`() throws {
        var head = RequestHead()
        try head.take(line: Array("POST /api/execute HTTP/1.1".utf8))
        try head.take(header: Array("Host: 127.0.0.1:80".utf8))
        try head.take(header: Array("Content-Type: application/json".utf8))
        try head.settle(HTTPLimits())
        var configuration = HTTPConfiguration()
        try Boundary(configuration, port: 80).check(head, client: "127.0.0.1")
        #expect(throws: HTTPFailure.self) {
            try Boundary(configuration, port: 80).check(head, client: "192.168.1.9")
        }
        configuration.allowsRemoteUnauthenticated = true
        try Boundary(configuration, port: 80).check(head, client: "192.168.1.9")
    }

    @Test func `a token file is private, regular and of its owner`() throws {
        let folder = TestServer.temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/token"
        try Data(repeating: 0x61, count: 40).write(to: URL(fileURLWithPath: file))
        var taken = 0
        for mode in 0..<0o1000 as Range<UInt32> {
            chmod(file, mode)
            let isPrivate = mode & 0o077 == 0
            // Whoever is root reads a file without any right to.
            let isReadable = mode & 0o400 != 0 || geteuid() == 0
            let token = try? BearerToken(file: file)
            #expect((token != nil) == (isPrivate && isReadable), "\(String(mode, radix: 8))")
            taken += token == nil ? 0 : 1
        }
        chmod(file, 0o600)
        let link = folder + "/link"
        symlink(file, link)
        for path in [link, folder, folder + "/none"] {
            #expect(throws: HTTPConfigurationError.self) { _ = try BearerToken(file: path) }
        }
        print("token file: 512 modes, \(taken) taken; link, folder and nothing refused")
    }
}
