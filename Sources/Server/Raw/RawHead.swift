import Engine

/// The head of a log in a raw capture: its first two events, encoded as the log has them.
enum RawHead {
    /// The head of a run of `options` that begins at `time`.
    static func encode(_ options: LiveOptions, at time: Int64) -> [UInt8] {
        var block = EventBlock()
        block.firstSequence = 1
        block.append(.sessionStart(SessionStart(source: options.source)), receivedAt: time)
        block.append(.configuration(options.engine), receivedAt: time)
        _ = block.stamp(from: 0, lastTime: 0)
        var encoder = BlockEncoder()
        encoder.encode(block)
        return encoder.output.bytes
    }

    /// Source, configuration and time of an encoded head.
    static func decode(
        _ bytes: [UInt8]
    ) throws(CodecError) -> (SessionSource, EngineConfiguration, Int64) {
        var decoder = BlockDecoder()
        var block = EventBlock()
        try bytes.withUnsafeBufferPointer { buffer throws(CodecError) in
            try decoder.decode(buffer, into: &block)
        }
        guard block.count == 2, case .sessionStart(let start) = try block.event(at: 0).body,
            case .configuration(let configuration) = try block.event(at: 1).body
        else { throw .invalid(.block) }
        return (start.source, configuration, block.headers[0].receivedAt)
    }
}
