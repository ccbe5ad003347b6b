/// Where the book of one product stands: nothing is known, or every message since the snapshot
/// was applied.
final class CoinbaseBook: VenueBook {
    let instrument: Instrument
    var isLive = false
    var tradeIDs = TradeIDs()

    init(instrument: Instrument) { self.instrument = instrument }
}
