import Engine
import Foundation
import Testing

@testable import Server

@Suite struct HTTPRouteTests {
    @Test func `every route is in the document and answers, and nothing else is there`()
        async throws
    {
        try await TestServer.with { server in
            let client = try server.connect()
            let document = try client.ask("GET", "/openapi.json").json
            let paths = document["paths"] as? [String: [String: Any]] ?? [:]
            #expect(
                Set(paths.keys) == [
                    "/ws/stream", "/ws/depth", "/ws/book", "/api/execute", "/api/replay",
                    "/api/metrics", "/api/at", "/api/status",
                    "/api/journal/segments", "/api/journal/blocks", "/api/journal/histogram",
                    "/health", "/metrics", "/openapi.json",
                ])
            for (path, methods) in paths {
                let known = methods.keys.first!.uppercased()
                #expect(methods.count == 1)
                let answer = try client.ask(known, path, body: known == "POST" ? "{}" : nil)
                #expect(![404, 405, 500].contains(answer.status), "\(path): \(answer.status)")
                let operation = methods.values.first as? [String: Any] ?? [:]
                let responses = operation["responses"] as? [String: Any] ?? [:]
                #expect(responses["\(answer.status)"] != nil, "\(path) answers \(answer.status)")
                let wrong = try client.ask("PUT", path, body: "{}")
                #expect(wrong.status == 405 && wrong.refusal == "- method", "\(path)")
                #expect(wrong["allow"] == (known == "GET" ? "GET, HEAD" : known))
                #expect(
                    try client.ask(known, path + "/x", body: known == "POST" ? "{}" : nil).status
                        == 404)
            }
            for path in ["/", "/api", "/api/", "/API/status", "/api//status", "/..", "/%2e%2e/etc"]
            {
                let response = try client.ask("GET", path)
                #expect(response.status == 404 && response.refusal == "- path", "\(path)")
            }
        }
    }

    @Test func `every response carries what browsers are to be told`() async throws {
        try await TestServer.with { server in
            for (method, target, host) in [
                ("GET", "/health", "127.0.0.1:\(server.port)"),
                ("GET", "/nothing", "127.0.0.1:\(server.port)"),
                ("GET", "/health", "evil.example"), ("BAD{", "/", "x"),
            ] {
                let client = try server.connect()
                client.send("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                let response = try #require(try client.response())
                for field in ResponseEncoder.always {
                    let values = response.headers.filter { $0.name == field.name.lowercased() }
                    #expect(values.map(\.value) == [field.value], "\(target) \(field.name)")
                }
                #expect(response["date"]?.hasSuffix(" GMT") == true)
            }
        }
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func `the status says what runs`() async throws {
        try await TestServer.with { server in
            let status = try server.connect().ask("GET", "/api/status").json
            #expect(status["mode"] as? String == "live")
            #expect(status["source"] as? String == "simulated")
            #expect(status["engine_version"] as? Int == Int(EngineConfiguration.currentVersion))
            #expect(status["tick_hz"] as? Int == 2)
            #expect(status["windows"] as? [Int] == [50, 10, 25, 100])
            let accepted = server.core.status.acceptedSequence
            #expect(status["accepted_seq"] as? UInt64 == accepted)
            #expect(status["durable_seq"] as? UInt64 == accepted)
            #expect(status["oldest_seq"] as? Int == 1)
            #expect(status["dashboard"] is NSNull)
            let instruments = status["instruments"] as? [[String: Any]] ?? []
            #expect(instruments.map { $0["symbol"] as? String } == ["BTC-USDT", "BTC-USD"])
            #expect(
                instruments.allSatisfy { $0["tick_size"] is NSNull && $0["decimals"] as? Int == 2 })
        }
    }

    @Test func `health is told part by part`() {
        func feed(_ connection: String, banned: Bool = false, _ books: [String]) -> LiveStatus.Feed
        {
            LiveStatus.Feed(
                name: "f", connection: connection, isHeldBack: false, isBanned: banned,
                messages: 0, rejected: 0, connects: 0,
                books: books.map { LiveStatus.Book(symbol: "B", validity: $0) })
        }
        var status = LiveStatus()
        #expect(Health(status).word == "not-ready" && !Health(status).isReady)
        status.acceptedSequence = 5
        #expect(Health(status).word == "ok")
        status.feeds = [feed("up", ["live"])]
        #expect(Health(status).word == "ok")
        status.feeds = [feed("up", ["live", "invalid(gap)"])]
        #expect(
            Health(status).parts.last?.problem == "1 of 2 books are not live, B is invalid(gap)")
        status.feeds = [feed("up", ["live"]), feed("down", [])]
        #expect(Health(status).word == "degraded" && Health(status).isReady)
        #expect(Health(status).parts.last?.problem == "connection is down")
        status.feeds = [feed("up", ["live"])]
        status.feeds[0].isClockSuspect = true
        #expect(Health(status).parts.last?.problem == "its clock, or ours, is wrong")
        status.feeds = [feed("down", banned: true, [])]
        #expect(Health(status).parts.map(\.problem).contains("banned by the venue"))
        #expect(Health(status).parts.last == Health.Part(name: "feeds", problem: "none is up"))
        status.pause = "no space"
        #expect(Health(status).parts[1].problem == "paused: no space")
        #expect(Health(status).isReady)
        status.shadow.problem = "another digest at 7"
        #expect(!Health(status).isReady && Health(status).word == "not-ready")
        #expect(Health(status).parts[2].problem == "another digest at 7")
    }

    @Test func `metrics are in the text format, each declared once before its samples`()
        async throws
    {
        try await TestServer.with { server in
            server.core.change {
                $0.feeds = [
                    LiveStatus.Feed(
                        name: "a\"b\\c", connection: "up", isHeldBack: false, isBanned: false,
                        messages: 7, rejected: 1, connects: 2, books: [],
                        isClockSuspect: true, transportNanos: 12_500_000)
                ]
            }
            let client = try server.connect()
            _ = try client.ask("GET", "/nothing/of/a/client's/choice")
            let response = try client.ask("GET", "/metrics")
            #expect(response["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            var (help, type): ([String], [String: String]) = ([], [:])
            var samples = 0
            for line in response.text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP ") {
                    #expect(!help.contains(String(words[2])), "declared twice")
                    help.append(String(words[2]))
                } else if line.hasPrefix("# TYPE ") {
                    #expect(help.last == String(words[2]))
                    type[String(words[2])] = String(words[3])
                } else {
                    let form =
                        /([a-z_]+)(\{([a-z]+="([^"\\\n]|\\["\\n])*",?)+\})? -?[0-9]+(\.[0-9]+)?/
                    let match = try #require(try form.wholeMatch(in: line), "\(line)")
                    #expect(help.last == String(match.1))
                    #expect((type[String(match.1)] == "counter") == match.1.hasSuffix("_total"))
                    samples += 1
                }
            }
            #expect(help.count > 20 && samples > 20)
            #expect(response.text.contains(#"tapefold_feed_messages_total{feed="a\"b\\c"} 7"#))
            #expect(response.text.contains(#"transport_seconds{feed="a\"b\\c"} 0.0125"#))
            #expect(response.text.contains(#"route="none",status="4xx"} 1"#))
            #expect(!response.text.contains("choice"))
            print("metrics: \(help.count) metrics, \(samples) samples")
        }
    }

    @Test func `HEAD says the same without the body`() async throws {
        try await TestServer.with { server in
            let client = try server.connect()
            let full = try client.ask("GET", "/api/journal/segments")
            let head = try client.ask("HEAD", "/api/journal/segments")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head["content-length"] == full["content-length"])
            #expect(try client.ask("GET", "/health").status == 200, "the connection goes on")
        }
    }
}
