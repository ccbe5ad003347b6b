internal import Engine
internal import Journal
internal import Server
internal import TestSupport
internal import Venues

/// The live core in virtual time against simulated venues, with faults on the way; every book is
/// compared at every clock tick, every frame with a second fold over the journal on disk.
///
/// ```
/// simulators ──► faults ──► queue by receive time ──► LiveCore ──► journal on disk
///      │                                                  │            │
///      └── truth of each message ──► BookCheck ◄── publish ┴─► FrameCheck ┘
/// ```
final class SoakWorld {
    /// Something on its way.
    enum Item {
        case opened(SocketID, SoakVenue)
        case message(SocketID, SoakVenue, SoakMessage)
        case closed(SocketID, SoakVenue, SocketEnd)
        case heard(SocketID)
        case request(VenueRequest, SoakVenue)
        case answered(VenueRequest, AnswerHead, [UInt8])
    }

    static let stepNanos: Int64 = 10_000_000
    /// How often the journal is read back.
    private static let followNanos: Int64 = 60_000_000_000

    let seed: UInt64
    let venues: [SoakVenue]
    var queue = EventQueue<Item>()
    var counts = Counts()
    /// What happens now, exactly; the venues' markets are at the end of the step.
    var now: Int64
    private(set) var time = SimulatedSession.defaultStart
    private var core: LiveCore?
    var books: BookCheck
    let frames: FrameCheck
    private let storage: any Storage
    private var options = LiveOptions()
    var limits = VenueLimits()
    private var random: SeededRandom
    private var nextKill: Int64
    private var nextClockStep: Int64
    /// The venue of each line, by its number.
    var lines: [UInt16: SoakVenue] = [:]

    /// A world of `seed` that keeps its journal in `storage`. With `isControl` it is one in which
    /// wrong books and a wrong frame have to be found: losses on Kraken, compared beyond the ten
    /// levels that show them, and a published frame with one byte changed.
    init(seed: UInt64, storage: any Storage, isControl: Bool = false) throws {
        self.seed = seed
        self.storage = storage
        let start = time
        now = start
        // On Kraken a loss shows within the ten levels of the checksum only.
        let hasLosses = isControl || seed % 2 == 0
        books = BookCheck { $0 == .krakenSpot && hasLosses && !isControl ? 10 : .max }
        let feeds: [(SimulatedFeed, String)] = [
            (.binanceSpot, "binance"), (.binanceUSDM, "binance-usdm"),
            (.coinbaseAdvanced, "coinbase"), (.krakenSpot, "kraken"), (.okxSpot, "okx"),
            (.bybitSpot, "bybit"),
        ]
        venues = feeds.map { feed, name in
            guard let service = VenueService.all.first(where: { $0.name == name }) else {
                preconditionFailure("no service \(name)")
            }
            return SoakVenue(feed, service, seed: seed, start: start, hasLosses: hasLosses)
        }
        options.services = venues.map(\.service)
        options.seed = seed
        frames = FrameCheck(storage: storage, damaged: isControl ? 1_000 : nil)
        random = SeededRandom(seed: seed &+ 0x50a4)
        nextKill = start
        nextClockStep = start
        nextKill += wait(1_200)
        nextClockStep += wait(1_500)
        try boot()
    }

    private var instant: Instant { Instant(wall: now, steady: now) }

    /// A wait of at least 30 s and `seconds` on average, ns.
    private func wait(_ seconds: Int64) -> Int64 {
        (30 + Int64(random.next() % UInt64(2 * seconds))) * 1_000_000_000
    }

    /// Starts the core on the journal as it is.
    private func boot() throws {
        core = try LiveCore.start(
            options, storage: storage, configuration: .batch, limits: limits, driver: self,
            at: instant)
    }

    /// Lets `seconds` go by.
    func run(seconds: Int) throws {
        let end = time + Int64(seconds) * 1_000_000_000
        var followAt = time + Self.followNanos
        while time < end {
            time += Self.stepNanos
            for venue in venues { step(venue) }
            try deliver()
            now = time
            try strikeMachine()
            try core?.wake(instant)
            if time >= followAt {
                followAt += Self.followNanos
                follow()
            }
        }
        counts.seconds += seconds
        follow()
    }

    /// Ends the run and looks at the journal's end.
    func finish() throws {
        try core?.stop(instant)
        follow()
        counts.events = frames.sequence
        if frames.refused > 0 { counts.complain("the fold refused \(frames.refused) events") }
        core = nil
    }

    private func follow() {
        frames.follow(accepted: core?.acceptedSequence ?? 0)
        counts.framesEqual = frames.equal
        counts.framesDifferent = frames.different
        if let problem = frames.problem { counts.complain("at \(time): \(problem)") }
    }

    private func step(_ venue: SoakVenue) {
        if let kind = venue.faults.due(time) { strike(kind, venue) }
        venue.advance(to: time) { hand($1, to: $0, venue) }
    }

    private func deliver() throws {
        while let next = queue.next, next <= time, let (at, item) = queue.take() {
            now = max(now, at)
            try perform(item)
        }
    }

    private func perform(_ item: Item) throws {
        switch item {
        case .opened(let id, let venue):
            guard time >= venue.downUntil else {
                return try core?.closed(id, .refused, instant) ?? ()
            }
            let (socket, greeting) = venue.open(id, at: time)
            try core?.opened(id, instant)
            hand(greeting, to: socket, venue)
        case .message(let id, let venue, let message):
            guard let socket = venue.socket(id) else { return }
            counts.messages += 1
            try message.bytes.withUnsafeBufferPointer { try core?.received(id, $0, instant) }
            // Behind it: a tick before this message saw what came before.
            guard let (index, truth) = message.book else { return }
            socket.told[index].arrive(
                truth, sentAt: message.sentAt, isDamaged: message.isDamaged, at: now)
        case .closed(let id, let venue, let end):
            // Before the line is down a tick may fall that still sees its books.
            try core?.closed(id, end, instant)
            venue.close(id)
        case .heard(let id): core?.heard(id, instant)
        case .request(let request, let venue): answer(request, venue)
        case .answered(let request, let head, let body):
            try body.withUnsafeBufferPointer { try core?.answered(request.id, head, $0, instant) }
        }
    }

    /// The calendar is stepped, or the process dies and begins again: now and then.
    private func strikeMachine() throws {
        if time >= nextClockStep {
            nextClockStep += wait(1_500)
            let hours = Int64(random.next() % 49) - 24
            note(.clockStep)
            try core?.noteClockStep((hours * 3_600 + 1) * 1_000_000_000, instant)
        }
        guard time >= nextKill else { return }
        nextKill += wait(1_200)
        note(.kill)
        core = nil
        queue.removeAll()
        for venue in venues { for socket in venue.sockets { venue.close(socket.id) } }
        try boot()
    }

    func note(_ kind: FaultKind) { counts.faults[kind.rawValue] += 1 }
}
