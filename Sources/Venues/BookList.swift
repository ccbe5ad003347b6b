import Engine

/// A book of one connection, as far as an adapter knows it.
protocol VenueBook: AnyObject {
    var instrument: Instrument { get }
}

/// The books of one connection, found by the venue's symbol.
final class BookList<Book: VenueBook> {
    private(set) var all: [Book] = []
    private let index = SymbolIndex()
    private let venue: Venue
    private let market: VenueMarket

    init(venue: Venue, market: VenueMarket = .only) {
        self.venue = venue
        self.market = market
    }

    @inline(__always) func find(_ symbol: Bytes) -> Book? {
        guard let position = index.position(venue, market, symbol) else { return nil }
        return all[position]
    }

    /// Adds the book of a symbol that has none.
    func insert(_ book: Book) throws(WireError) {
        guard all.count < Limits.booksMax else { throw .undefinable }
        index.insert(book.instrument)
        var books = all
        all = []
        books.append(book)
        all = books
    }
}
