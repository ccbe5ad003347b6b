/// An instrument with what the fold knows of it beside its books.
struct InstrumentState {
    var definition: InstrumentDefinition
    /// Newest trade id; −1 before the first. Older and equal ids are duplicates.
    var lastTradeID: Int64 = -1
    /// Trades that were new.
    var trades: UInt64 = 0
    /// Trades whose id had been seen.
    var duplicateTrades: UInt64 = 0
    /// Slots of its books, by ascending connection id.
    var books: [Int] = []
}

/// A connection of a venue.
struct Connection {
    var venue: Venue
    var name: [UInt8]
    var state: ConnectionState
}
