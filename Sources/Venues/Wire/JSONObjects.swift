/// Where an object that is read stands, and which keys were seen in it.
///
/// Two words of bits remember a hash of every key. A hit may be a coincidence, so the object is
/// then scanned again from its start: no list of keys is kept, and no duplicate goes unseen. What
/// is scanned again is bounded by eight times the object (and 128 KiB).
struct ObjectCursor {
    let start: Int
    var isFirst = true
    var keys = 0
    /// Bytes that were scanned again so far.
    var rescanned = 0
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(start: Int) { self.start = start }

    /// Notes the hash of a key; true when it was there before. Single ASCII letters, which are
    /// the keys of most messages, never coincide with one another.
    @inline(__always) mutating func note(_ key: Bytes) -> Bool {
        keys &+= 1
        let hash = key.count == 1 ? UInt64(key[0]) & 127 : ByteText.hashOfEnds(key) >> 57
        let bit: UInt64 = 1 &<< hash
        let highBit = bit & (0 &- hash >> 6)
        let lowBit = bit ^ highBit
        defer {
            low |= lowBit
            high |= highBit
        }
        return low & lowBit | high & highBit != 0
    }
}

extension JSONScanner {
    /// Opens an object that is read key by key.
    @inline(__always) mutating func object() throws(WireError) -> ObjectCursor {
        try open(0x7b)
        return ObjectCursor(start: position)
    }

    /// Takes the next key and its colon; nil closes the object.
    @inline(__always)
    mutating func nextKey(_ cursor: inout ObjectCursor) throws(WireError) -> Bytes? {
        if take(0x7d) {
            close()
            return nil
        }
        if cursor.isFirst { cursor.isFirst = false } else { try expect(0x2c) }
        let keyStart = position
        let key: Bytes
        if let letter = letterKey() { key = letter } else { key = try longKey() }
        if cursor.note(key) {
            let size = keyStart &- cursor.start
            cursor.rescanned &+= size
            guard cursor.rescanned <= size &* 8 &+ 131_072 else { throw .tooLarge }
            if hasKey(key, from: cursor.start, before: keyStart) { throw .duplicateKey }
        }
        guard cursor.keys <= WireLimits.keysMax else { throw .tooLarge }
        return key
    }

    /// Takes `"x":`, the shape of most keys; nil, and nothing taken, for any other.
    @inline(__always) private mutating func letterKey() -> Bytes? {
        guard position &+ 3 < end, text[position] == 0x22, text[position &+ 2] == 0x22,
            text[position &+ 3] == 0x3a
        else { return nil }
        let letter = text[position &+ 1]
        guard letter > 0x22, letter < 0x7f, letter != 0x5c else { return nil }
        let start = position &+ 1
        position &+= 4
        return ByteText.slice(text, start, start &+ 1)
    }

    private mutating func longKey() throws(WireError) -> Bytes {
        let key = try string()
        guard key.isPlain else { throw .escapedKey }
        try expect(0x3a)
        return key.bytes
    }

    /// Whether `key` stands among the keys of the open object before `before`.
    private func hasKey(_ key: Bytes, from start: Int, before: Int) -> Bool {
        var scanner = self
        scanner.position = start
        while true {
            scanner.skipSpace()
            if scanner.position >= before { return false }
            // The bytes were read once already, so none of these can fail; were that wrong, the
            // message is better refused.
            guard let earlier = try? scanner.string() else { return true }
            if ByteText.equal(earlier.bytes, key) { return true }
            guard scanner.take(0x3a), (try? scanner.skipValue()) != nil else { return true }
            _ = scanner.take(0x2c)
        }
    }
}
