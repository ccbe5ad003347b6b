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
            json.key("window_bps")
            json.number(channel.windowBps)
            json.key("tick_hz")
            json.number(tickHz)
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
