import Engine

/// Where the book of one product stands: nothing is known, or every message since the snapshot
/// was applied.
final class CoinbaseBook: VenueBook {
    let instrument: Instrument
    var isLive = false
    /// When the first delta came that found no snapshot.
    private var waitingSince = Timestamp.none
    /// Times that a new connection was asked for since the last snapshot.
    private var askedCount = 0

    /// Longest wait for a snapshot (V.3).
    private static var waitNanosMax: Int64 { 10 * Timestamp.second }
    /// New connections that one book may cost the others when none brings its snapshot.
    private static var askedMax: Int { 3 }
    var tradeIDs = TradeIDs()

    init(instrument: Instrument) { self.instrument = instrument }

    /// A snapshot was applied.
    func begin() {
        isLive = true
        waitingSince = Timestamp.none
        askedCount = 0
    }

    /// The book is not right any more.
    func end() {
        isLive = false
        waitingSince = Timestamp.none
    }

    /// Its snapshot can never be applied: no connection brings a better one.
    func giveUp() { askedCount = CoinbaseBook.askedMax }

    /// A delta found no snapshot. True when it has been waited for long enough.
    func waits(at receivedAt: Int64) -> Bool {
        guard waitingSince != Timestamp.none else {
            waitingSince = receivedAt
            return false
        }
        let (age, overflow) = receivedAt.subtractingReportingOverflow(waitingSince)
        guard age > CoinbaseBook.waitNanosMax, !overflow, askedCount < CoinbaseBook.askedMax
        else { return false }
        waitingSince = Timestamp.none
        askedCount += 1
        return true
    }
}
