import Engine

/// What is known of one symbol of a connection beside its book: its ticker, merged, and its trades.
final class BybitState: VenueBook {
    let instrument: Instrument
    var ticker = BybitTicker()
    private var tradeIDs = TradeIDs()
    private var prefix: Int64 = -1

    /// What the digits that count may reach.
    private static var countLimit: Int64 { 10_000_000_000_000_000 }

    init(instrument: Instrument) { self.instrument = instrument }

    /// Notes the id of a trade that is about to be recorded; false when it was recorded before.
    /// Another prefix counts anew. Ids that are no numbers are −1, of which nothing is known.
    func isNew(_ id: Int64) -> Bool {
        guard id >= 0 else { return true }
        let (prefix, count) = id.quotientAndRemainder(dividingBy: BybitState.countLimit)
        if prefix != self.prefix {
            self.prefix = prefix
            tradeIDs.reset()
        }
        if tradeIDs.isSeen(count) { return false }
        tradeIDs.note(count)
        return true
    }

    /// The connection is gone.
    func end() {
        ticker = BybitTicker()
        tradeIDs.reset()
    }
}
