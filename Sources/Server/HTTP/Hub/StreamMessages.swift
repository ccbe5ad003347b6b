import Engine

/// What a stream says beside frames.
enum StreamMessages {
    /// The first message: what comes, from which source, and where the log stands.
    static func hello(
        _ channel: StreamChannel, source: SessionSource, tickHz: UInt32, sequence: UInt64
    ) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("type")
            json.string("hello")
            json.key("source")
            json.string("\(source.word)")
            json.key("symbol")
            json.string(channel.symbol)
            append(channel.topic, &json)
            json.key("tick_hz")
            json.number(tickHz)
            json.key("seq")
            json.number(sequence)
        }
        return json.bytes
    }

    private static func append(_ topic: StreamTopic, _ json: inout JSONBytes) {
        switch topic {
        case .frames(let window):
            json.key("window_bps")
            json.number(window)
        case .depth(let step, let levels):
            json.key("step")
            var text: [UInt8] = []
            DecimalText.append(step, to: &text)
            json.raw(text)
            json.key("levels")
            json.number(levels)
        case .book(let venue, let levels):
            json.key("venue")
            json.string("\(venue.id)")
            json.key("levels")
            json.number(levels)
        }
    }

    /// The player was moved: what follows begins behind the event `sequence`.
    static func moved(_ sequence: UInt64) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("type")
            json.string("moved")
            json.key("seq")
            json.number(sequence)
        }
        return json.bytes
    }

    /// What was asked for is gone; the log begins at `oldest`, and so does what follows.
    static func truncated(_ oldest: UInt64) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("type")
            json.string("truncated")
            json.key("oldest")
            json.number(oldest)
        }
        return json.bytes
    }
}
