import Engine

/// Makes the messages of channels from what the fold concluded at a clock tick; live and in a
/// replay alike, so that the bytes are the same.
enum StreamMaker {
    /// Hands out the messages of `channels` for the last event, where that was a tick: `outputs`
    /// are what the fold said since the tick before, `engine` is the state behind it.
    static func make(
        _ outputs: borrowing OutputBuffer, _ engine: borrowing Engine,
        _ channels: some Collection<StreamChannel>, _ body: (StreamFrame) -> Void
    ) {
        guard let tick = outputs.outputs.last(where: { $0.kind == .frame }),
            tick.sequence == engine.sequence, !channels.isEmpty
        else { return }
        let symbols = engine.symbols
        for output in outputs.outputs where output.kind == .frame {
            let channel = channels.first {
                $0.topic == .frames(windowBps: output.windowBps)
                    && $0.symbol == symbols[output.symbol]
            }
            guard let channel else { continue }
            body(frame(channel, output, .text, outputs.bytes(of: output)))
        }
        // Made once for all of them; asked for by those alone that say it.
        var digest: Digest?
        for channel in channels where channel.topic.isMade {
            var bytes: [UInt8] = []
            guard append(channel, outputs, engine, &digest, to: &bytes) else { continue }
            let isBinary = if case .depth = channel.topic { true } else { false }
            body(frame(channel, tick, isBinary ? .binary : .text, bytes[...]))
        }
    }

    /// Appends the message of a made channel; false where the state has none.
    private static func append(
        _ channel: StreamChannel, _ outputs: borrowing OutputBuffer, _ engine: borrowing Engine,
        _ digest: inout Digest?, to bytes: inout [UInt8]
    ) -> Bool {
        switch channel.topic {
        case .frames: return false
        case .depth(let step, let levels):
            // Behind a place that retention has passed, the first tick does not know all trades.
            guard outputs.hasAllTrades else { return false }
            return engine.appendDepth(
                of: channel.symbol, step: step, levels: levels, trades: outputs.trades, to: &bytes)
        case .book(let venue, let levels):
            let now = digest ?? engine.digest
            digest = now
            return engine.appendBookFrame(
                of: channel.symbol, venue: venue, levels: levels, digest: now, to: &bytes)
        }
    }

    private static func frame(
        _ channel: StreamChannel, _ tick: Output, _ opcode: WebSocketOpcode,
        _ payload: ArraySlice<UInt8>
    ) -> StreamFrame {
        StreamFrame(
            channel: channel, sequence: tick.sequence, time: tick.time,
            bytes: WebSocketFrames.encode(opcode, payload))
    }
}
