/// Which trades of a book were recorded, by the venue's ids, which only grow.
///
/// 1. An id up to the last one was seen before.
/// 2. An id more than 10^12 above the last one (or above 0, where none is known) is recorded and
///    not taken as the last: one absurd id must not make a duplicate of every trade behind it.
/// 3. A connection begins without a last id. What was last before it is kept to fill the hole that
///    a reconnect left.
struct TradeIDs {
    private var last: Int64 = -1
    private var lastBefore: Int64 = -1

    private static var jumpMax: Int64 { 1_000_000_000_000 }

    /// Whether a trade was recorded already.
    func isSeen(_ id: Int64) -> Bool { id <= last }

    /// Whether a trade, the first of a connection, is the last one of the connection before.
    func isRepeated(_ id: Int64) -> Bool { last < 0 && id == lastBefore }

    /// Whether a trade from before the subscription is one that is missing behind a known trade.
    func fillsHole(_ id: Int64) -> Bool {
        let known = max(last, lastBefore)
        return known >= 0 && id > known
    }

    /// Notes a trade that was recorded.
    mutating func note(_ id: Int64) {
        if id > last, id - max(last, 0) <= TradeIDs.jumpMax { last = id }
    }

    /// The connection is gone.
    mutating func reset() {
        if last >= 0 { lastBefore = last }
        last = -1
    }
}
