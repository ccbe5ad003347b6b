/// Where the book of one product stands: nothing is known, or every message since the snapshot
/// was applied.
final class CoinbaseBook {
    let slot: Int
    var isLive = false
    var tradeIDs = TradeIDs()

    init(slot: Int) { self.slot = slot }
}
