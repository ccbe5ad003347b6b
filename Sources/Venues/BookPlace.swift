import Engine

/// What a book's event says beside its levels.
struct BookPlace {
    /// The venue's time.
    var time: Int64
    /// First sequence number of the venue; −1 where there is none.
    var first: Int64 = -1
    /// Last one.
    var last: Int64 = -1
    var flags: EventFlags = []
}
