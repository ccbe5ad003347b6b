import Engine

/// What an export answers: 0, or why it did nothing. The numbers are part of the page's contract
/// and are never reused.
///
/// ```
///   0        done
///   1 …   9  the caller: see below
///  10 … 199  the bytes of a block (`CodecError`), see `init(_: CodecError)`
/// 200 … 219  an order that gets no answer, 200 + `OrderError`
/// 220 … 229  an argument of an order, 220 + `OrderField`
/// ```
struct Status: Error, Equatable {
    let code: Int32

    static var done: Status { Status(code: 0) }
    /// The next event of the block is not the one behind the last applied event.
    static var gap: Status { Status(code: 1) }
    /// The block begins before the time of the last applied event.
    static var timeGoesBack: Status { Status(code: 2) }
    /// A checkpoint was not handed over completely.
    static var noCheckpoint: Status { Status(code: 3) }
    /// The checkpoint was written by another version of the fold.
    static var otherEngine: Status { Status(code: 4) }
    /// An index outside of what there is.
    static var outside: Status { Status(code: 5) }
    /// More parts of a checkpoint than a session keeps.
    static var tooMany: Status { Status(code: 6) }

    init(code: Int32) { self.code = code }

    init(_ error: CodecError) {
        switch error {
        case .truncated: code = 10
        case .overlongVarint: code = 11
        case .trailingBytes: code = 12
        case .unknownVersion: code = 13
        case .invalid(let field): code = 100 + Int32(field.rawValue)
        case .tooLarge(let field): code = 150 + Int32(field.rawValue)
        }
    }

    init(_ error: OrderError) { code = 200 + Int32(error.rawValue) }

    init(_ field: OrderField) { code = 220 + Int32(field.rawValue) }
}

/// Names the argument of an order that was not understood.
enum OrderField: UInt8 {
    /// A key that is not known, or a line without `=`.
    case key = 1
    /// Missing.
    case symbol = 2
    /// Neither buy nor sell.
    case side = 3
    /// Not a number.
    case notional = 4
    /// Not a venue.
    case venue = 5
    /// Not `venue=bps,venue=bps`.
    case fees = 6
}
