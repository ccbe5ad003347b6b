import Engine

/// The book of one pair: the venue's levels down to the subscribed depth, and its checksum.
final class KrakenBook: VenueBook {
    let instrument: Instrument
    let stream: StreamBook
    let mirror: MirrorBook
    let checksum = KrakenChecksum()
    /// Levels a side that the venue acknowledged; nil where no answer was seen.
    private(set) var subscribedDepth: Int?

    /// Depths that can be subscribed.
    static let depths = [10, 25, 100, 500, 1_000]
    /// What is subscribed of a live feed: the window of 50 bps needs more levels than the others
    /// give.
    static var liveDepth: Int { 1_000 }

    init(stream: StreamBook) {
        guard let mirror = stream.mirror else { preconditionFailure("a book without its levels") }
        instrument = stream.instrument
        self.stream = stream
        self.mirror = mirror
    }

    /// Takes the depth of an acknowledgement or a channel's name.
    func subscribe(depth: Int64) throws(WireError) {
        guard let depth = Int(exactly: depth), KrakenBook.depths.contains(depth) else {
            throw .outOfRange
        }
        subscribedDepth = depth
        mirror.depth = depth
    }

    /// The connection is gone, and with it what was subscribed.
    func forgetDepth() {
        subscribedDepth = nil
        mirror.depth = 0
    }

    /// Makes room for a snapshot: one that is larger than what was acknowledged, or came without
    /// an acknowledgement, is of the next depth that can be subscribed.
    func fit(_ levels: Int) {
        guard levels > mirror.depth || mirror.depth == 0 else { return }
        mirror.depth = KrakenBook.depths.first { $0 >= levels } ?? levels
    }
}
