import Engine
import HTTPTypes
import NIOCore

/// `GET /metrics`: counts for Prometheus. Label values come from the configuration and the table
/// of routes, never from a client.
enum MetricsRoute {
    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/metrics", summary: "Counts for Prometheus.",
            answers: "text/plain; version=0.0.4; charset=utf-8"
        ) { _ in
            let totals = await services.connections.totals()
            var text = PrometheusText()
            appendLog(services, &text)
            appendFeeds(services.live.status, &text)
            appendStreams(services, totals, &text)
            appendRequests(services, totals, &text)
            return Answer(
                status: .ok,
                headers: [
                    HeaderField("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                ], body: .init(bytes: text.bytes))
        }
    }

    private static func appendLog(_ services: FrontServices, _ text: inout PrometheusText) {
        let status = services.live.status
        text.gauge("tapefold_accepted_seq", "Last event that was accepted.") {
            $0.sample(services.acceptedSequence)
        }
        text.gauge("tapefold_durable_seq", "Last event that is durable.") {
            $0.sample(status.durableSequence)
        }
        text.gauge("tapefold_journal_paused", "1 while the journal takes nothing.") {
            $0.sample(status.pause == nil ? 0 : 1)
        }
        text.counter("tapefold_refused_events_total", "Events that the fold refused.") {
            $0.sample(status.refusedEvents)
        }
    }

    private static func appendFeeds(_ status: LiveStatus, _ text: inout PrometheusText) {
        let feeds = status.feeds
        text.gauge("tapefold_feed_up", "1 while the connection of a feed is up.") {
            for feed in feeds { $0.sample(feed.connection == "up" ? 1 : 0, ["feed": feed.name]) }
        }
        text.gauge("tapefold_feed_banned", "1 while a venue has banned this address.") {
            for feed in feeds { $0.sample(feed.isBanned ? 1 : 0, ["feed": feed.name]) }
        }
        text.gauge("tapefold_feed_books_live", "Books of a feed that are live.") {
            for feed in feeds {
                $0.sample(feed.books.count { $0.validity == "live" }, ["feed": feed.name])
            }
        }
        text.gauge("tapefold_feed_clock_suspect", "1 while a venue's clock, or ours, is wrong.") {
            for feed in feeds { $0.sample(feed.isClockSuspect ? 1 : 0, ["feed": feed.name]) }
        }
        text.gauge("tapefold_feed_transport_seconds", "Mean time from a venue's stamp to us.") {
            for feed in feeds {
                guard let nanos = feed.transportNanos else { continue }
                $0.sample(Decimal(mantissa: nanos, exponent: 9), ["feed": feed.name])
            }
        }
        text.counter("tapefold_feed_messages_total", "Messages of a feed in this run.") {
            for feed in feeds { $0.sample(feed.messages, ["feed": feed.name]) }
        }
        text.counter("tapefold_feed_rejected_total", "Messages that could not be used.") {
            for feed in feeds { $0.sample(feed.rejected, ["feed": feed.name]) }
        }
        text.counter("tapefold_feed_connects_total", "Sockets that were opened to a feed.") {
            for feed in feeds { $0.sample(feed.connects, ["feed": feed.name]) }
        }
    }

    private static func appendStreams(
        _ services: FrontServices, _ totals: ConnectionTotals, _ text: inout PrometheusText
    ) {
        let hub = services.hub
        let counters = totals.counters
        text.gauge("tapefold_stream_clients", "Streams that are followed.") {
            $0.sample(hub.followerCount)
        }
        text.gauge("tapefold_stream_channels", "Channels that somebody follows.") {
            $0.sample(hub.channelCount)
        }
        text.gauge("tapefold_stream_replays", "Streams that read the log.") {
            $0.sample(services.reads.counts.replays)
        }
        text.counter("tapefold_stream_frames_encoded_total", "Frames made for streams, once each.")
        { $0.sample(hub.framesEncoded) }
        text.counter("tapefold_stream_frames_sent_total", "Frames sent to streams.") {
            $0.sample(counters.framesSent)
        }
        text.counter("tapefold_websocket_opened_total", "WebSockets that were opened.") {
            $0.sample(counters.webSockets)
        }
        text.counter("tapefold_websocket_closes_total", "Close frames of ours by code.") {
            for (code, count) in counters.closes.sorted(by: { $0.key < $1.key }) {
                $0.sample(count, ["code": "\(code)"])
            }
        }
        text.counter("tapefold_websocket_silent_total", "WebSockets cut for silence.") {
            $0.sample(counters.silent)
        }
    }

    private static func appendRequests(
        _ services: FrontServices, _ totals: ConnectionTotals, _ text: inout PrometheusText
    ) {
        let counters = totals.counters
        text.gauge("tapefold_connections", "Open connections.") { $0.sample(totals.connections) }
        text.gauge("tapefold_unsent_bytes", "Bytes that clients have not taken yet.") {
            $0.sample(totals.unsentBytes)
        }
        text.counter("tapefold_connections_accepted_total", "Connections that were accepted.") {
            $0.sample(counters.accepted)
        }
        text.counter("tapefold_connections_refused_total", "Connections beyond the limits.") {
            $0.sample(counters.refused)
        }
        text.counter("tapefold_connections_stuck_total", "Cut because nothing was taken.") {
            $0.sample(counters.stuck)
        }
        text.counter("tapefold_connections_timed_out_total", "Ended by a deadline.") {
            $0.sample(counters.timedOut)
        }
        text.gauge("tapefold_history_reads", "Readings of history that run or wait.") {
            $0.sample(services.reads.counts.readings)
        }
        text.counter("tapefold_http_requests_total", "Requests by route and class of status.") {
            for (key, count) in services.counters.all {
                $0.sample(count, ["route": key.route, "status": key.status])
            }
        }
    }
}

/// Writes the text format of Prometheus, version 0.0.4.
struct PrometheusText {
    private(set) var bytes: [UInt8] = []

    /// The samples of one metric.
    struct Samples {
        fileprivate let name: String
        fileprivate var text = ""

        /// A value; labels in the order of their names.
        mutating func sample(_ value: some BinaryInteger, _ labels: [String: String] = [:]) {
            sample("\(value)", labels)
        }

        /// A value with digits behind the point.
        mutating func sample(_ value: Decimal, _ labels: [String: String] = [:]) {
            var bytes: [UInt8] = []
            DecimalText.append(value, to: &bytes)
            sample(String(decoding: bytes, as: UTF8.self), labels)
        }

        private mutating func sample(_ value: String, _ labels: [String: String]) {
            text += name
            if !labels.isEmpty {
                let pairs = labels.sorted { $0.key < $1.key }.map {
                    "\($0.key)=\"\(PrometheusText.escaped($0.value))\""
                }
                text += "{\(pairs.joined(separator: ","))}"
            }
            text += " \(value)\n"
        }
    }

    /// A value that goes up and down.
    mutating func gauge(_ name: String, _ help: String, _ body: (inout Samples) -> Void) {
        append(name, "gauge", help, body)
    }

    /// A value that goes up alone; its name ends in `_total`.
    mutating func counter(_ name: String, _ help: String, _ body: (inout Samples) -> Void) {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total")
        append(name, "counter", help, body)
    }

    private mutating func append(
        _ name: String, _ type: String, _ help: String, _ body: (inout Samples) -> Void
    ) {
        var samples = Samples(name: name)
        body(&samples)
        let text = "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(samples.text)"
        bytes.append(contentsOf: text.utf8)
    }

    fileprivate static func escaped(_ value: String) -> String {
        var result = ""
        for character in value {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }
}
