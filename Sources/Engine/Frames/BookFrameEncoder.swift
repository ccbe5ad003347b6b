/// The order-book monitor's frame of one venue of a consolidated symbol at a clock tick (S1.1): one
/// JSON object. What a book that is not live would say is null.
enum BookFrameEncoder {
    /// Appends the frame of the book in `slot`; −1 where the venue has none yet. Without `levels`
    /// it has no sides.
    static func append(
        _ engine: borrowing Engine, symbol: [UInt8], member: TableMember, slot: Int, levels: Int?,
        digest: Digest, to bytes: inout [UInt8]
    ) {
        bytes.append(0x7b)
        JSONText.key("ts", isFirst: true, to: &bytes)
        StateEncoder.time(engine.time, to: &bytes)
        JSONText.key("symbol", to: &bytes)
        JSONText.string(symbol, to: &bytes)
        JSONText.key("venue", to: &bytes)
        JSONText.string(member.venue.id, to: &bytes)
        if slot >= 0 {
            appendBook(engine, slot, levels: levels, to: &bytes)
        } else {
            JSONText.key("validity", to: &bytes)
            JSONText.string("empty", to: &bytes)
            JSONText.key("stale", to: &bytes)
            JSONText.bool(true, to: &bytes)
        }
        JSONText.key("seq", to: &bytes)
        DecimalText.append(engine.sequence, to: &bytes)
        JSONText.key("digest", to: &bytes)
        bytes.append(0x22)
        digest.appendHex(to: &bytes)
        bytes.append(0x22)
        bytes.append(0x7d)
    }

    private static func appendBook(
        _ engine: borrowing Engine, _ slot: Int, levels: Int?, to bytes: inout [UInt8]
    ) {
        let key = engine.books[slot].key
        let definition = engine.instruments[Int(key.instrument)].definition
        JSONText.key("instrument", to: &bytes)
        JSONText.string(definition.canonicalID, to: &bytes)
        JSONText.key("validity", to: &bytes)
        bytes.append(0x22)
        engine.books[slot].validity.append(to: &bytes)
        bytes.append(0x22)
        JSONText.key("stale", to: &bytes)
        let limit = engine.configuration.staleAfterNanos
        JSONText.bool(
            !engine.books[slot].isUsable(now: engine.time, staleAfter: limit), to: &bytes)
        JSONText.key("mid", to: &bytes)
        let decimals = max(2, definition.tickDecimals + 1)
        JSONText.number(mid(engine, slot, decimals), decimals: decimals, to: &bytes)
        StateEncoder.metricFields(slot, engine, definition, isFirst: false, to: &bytes)
        guard let levels else { return }
        let shown = engine.books[slot].validity == .live ? levels : 0
        JSONText.key("bids", to: &bytes)
        StateEncoder.append(engine.books[slot].book.bids, definition, levels: shown, to: &bytes)
        JSONText.key("asks", to: &bytes)
        StateEncoder.append(engine.books[slot].book.asks, definition, levels: shown, to: &bytes)
    }

    /// The book's own mid, while it is live and has both sides.
    private static func mid(_ engine: borrowing Engine, _ slot: Int, _ decimals: Int) -> Int128? {
        let sample = engine.sample(of: slot)
        guard sample.isLive, sample.midTwice != 0,
            let scale = PowersOfTen.int128(Int(sample.priceExponent))
        else { return nil }
        return Rounding.halfEven(Int128(sample.midTwice), over: 2 * scale, decimals: decimals)
    }
}

extension Engine {
    /// Venues of a consolidated symbol, in table order; nil where there is no such symbol.
    public func venues(of symbol: [UInt8]) -> [Venue]? {
        tables.first { $0.isShown && $0.name == symbol }.map { $0.members.map { $0.venue } }
    }

    /// Appends the order-book frame of `venue` of a consolidated symbol in the state of now, with
    /// at most `levels` levels a side, or without the sides. `digest` is that of now.
    ///
    /// - Returns: false where there is no such symbol, or it does not know the venue.
    public func appendBookFrame(
        of symbol: [UInt8], venue: Venue, levels: Int?, digest: Digest, to bytes: inout [UInt8]
    ) -> Bool {
        guard let table = tables.first(where: { $0.isShown && $0.name == symbol }),
            let member = table.members.first(where: { $0.venue == venue })
        else { return false }
        BookFrameEncoder.append(
            self, symbol: symbol, member: member, slot: primaryBook(of: member.instrument),
            levels: levels, digest: digest, to: &bytes)
        return true
    }
}
