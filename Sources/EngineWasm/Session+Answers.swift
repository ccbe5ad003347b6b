import Engine

extension Session {
    /// Puts the outputs since the last call into the answer, one record each, then their bytes.
    ///
    /// ```
    /// record  40 bytes, little-endian
    ///  0  u32 kind: 1 frame, 2 rollup, 3 resync    4  i32 symbol; −1 where there is none
    ///  8  u32 window, bps                         12  u32 book of a resync
    /// 16  u64 sequence                            24  i64 time, ns
    /// 32  u32 first byte, from the answer's start 36  u32 bytes
    /// ```
    ///
    /// - Returns: how many there are.
    mutating func takeOutputs() -> Int {
        let count = outputs.outputs.count
        let start = count * Session.recordBytes
        answer.clear()
        for output in outputs.outputs {
            answer.append(UInt64(output.kind.rawValue), width: 4)
            answer.append(UInt64(truncatingIfNeeded: output.symbol), width: 4)
            answer.append(UInt64(output.windowBps), width: 4)
            answer.append(UInt64(output.book.rawValue), width: 4)
            answer.append(output.sequence, width: 8)
            answer.append(UInt64(bitPattern: output.time), width: 8)
            answer.append(UInt64(start + output.range.lowerBound), width: 4)
            answer.append(UInt64(output.range.count), width: 4)
        }
        answer.append(outputs.bytes)
        outputs.clear()
        return count
    }

    static var recordBytes: Int { 40 }

    /// Puts the state as JSON into the answer, with at most `levels` levels a side.
    mutating func state(levels: Int) {
        var bytes: [UInt8] = []
        StateEncoder.append(engine, levels: levels, to: &bytes)
        put(bytes)
    }

    /// Puts the answer to the order `text` (see `OrderText`) into the answer.
    mutating func execute(_ text: UnsafeBufferPointer<UInt8>) throws(Status) {
        answer.clear()
        let order = try OrderText.order(Array(text))
        var bytes: [UInt8] = []
        do throws(OrderError) {
            try engine.execute(order, to: &bytes)
        } catch {
            throw Status(error)
        }
        put(bytes)
    }

    /// Puts the name of the consolidated instrument `index` into the answer.
    mutating func symbol(_ index: Int) throws(Status) {
        answer.clear()
        let symbols = engine.symbols
        guard symbols.indices.contains(index) else { throw .outside }
        put(symbols[index])
    }

    /// Writes the 32 hex digits of the state's digest to `target`.
    func writeDigest(to target: UnsafeMutablePointer<UInt8>) {
        var bytes: [UInt8] = []
        engine.digest.appendHex(to: &bytes)
        for index in bytes.indices { target[index] = bytes[index] }
    }

    private mutating func put(_ bytes: [UInt8]) {
        answer.clear()
        answer.append(bytes)
    }
}
