import Engine

/// Instruments, by `GET /api/v5/public/instruments` and by the channel `instruments`:
/// `{"data":[{"instId":…},…]}`.
///
/// 1. Spot and margin: `baseCcy`, `quoteCcy`. Derivatives: the pair in `uly`, else `instFamily`.
/// 2. `SWAP` has the suffix `-PERP`; `FUTURES` the date of `expTime`, ms; `OPTION` that, `stk` and
///    `optType`. What is settled in its base coin has `@` and that coin.
/// 3. A contract is `ctVal · ctMult` of `ctValCcy`: of the quote currency where `ctType` is
///    `inverse`, of the base asset on all others, options included, whose price is in that asset.
/// 4. The tick is `tickSz`, the lot `lotSz`. The smallest order is a size, not a notional.
enum OKXInstrumentList {
    static func isAnswer(to url: Bytes) -> Bool {
        ByteText.find("/public/instruments", in: url) != nil
    }

    static func read(_ message: Bytes, into instruments: InstrumentTable) throws(WireError) {
        try JSONScanner.validate(message)
        var scanner = JSONScanner(message)
        var cursor = try scanner.object()
        var isList = false
        while let key = try scanner.nextKey(&cursor) {
            guard ByteText.equal(key, "data"), scanner.peek() == 0x5b else {
                _ = try scanner.skipValue()
                continue
            }
            isList = true
            var isFirst = true
            try scanner.array()
            while try scanner.hasElement(&isFirst) {
                var entry = OKXListing(message)
                try entry.read(&scanner)
                // One odd entry does not spoil the list: its symbol is named by its letters.
                try? entry.store(instruments)
            }
        }
        guard isList else { throw .unknownMessage }
    }
}
