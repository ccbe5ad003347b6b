import Engine
import Journal
import Logging
import MemoryJournal
import NIOCore
import TestSupport
import Venues

@testable import Server

/// The live core in virtual time: simulated venues behind sockets that may break, a modelled disk,
/// and a clock that goes as fast as the machine can.
final class VirtualWorld: LiveDriver {
    /// A venue of the world: its market, and the copies of it that open sockets talk to.
    struct VirtualVenue {
        var service: VenueService
        var market: any VenueSimulator
        var sockets: [SocketID: any VenueSimulator] = [:]
        var plan: FaultPlan
        /// No socket opens and none says anything.
        var isDown = false
        /// No further socket opens.
        var isFull = false
    }

    static let stepNanos: Int64 = 50_000_000
    private(set) var storage: MemoryStorage
    /// Where the raw capture goes; nil: there is none.
    let rawStorage: MemoryStorage?
    private(set) var core: LiveCore!
    var venues: [VirtualVenue]
    private(set) var time = SimulatedSession.defaultStart
    /// Frames as they were published: one JSON a frame.
    private(set) var frames: [[UInt8]] = []
    private(set) var framesAt: [Int64] = []
    private(set) var opened = 0
    private(set) var closedByCore = 0
    /// How often the core wanted to be woken at once, again.
    private(set) var spins = 0
    /// Done in each step, before the core is woken.
    var inEachStep: () throws -> Void = {}
    private(set) var requests = 0
    private(set) var sent: [(socket: SocketID, message: [UInt8])] = []
    private(set) var pings = 0
    private(set) var kept = VenueLimits()
    /// What the venue answers to a request instead of 200.
    var refusal: (VenueRequest) -> AnswerHead? = { _ in nil }
    /// How far our calendar is ahead of the venues', ns; never made less.
    var wallAhead: Int64 = 0
    /// Cuts of open sockets, per thousand steps.
    var cutsPerMille = 0
    private var due: [(at: Int64, what: () -> Void)] = []
    private var inbox = Inbox()
    private var backlog: LiveBacklog
    private var random: SeededRandom
    private let engine: EngineConfiguration
    private let options: LiveOptions
    private let journal: JournalConfiguration

    init(
        _ feeds: [(SimulatedFeed, VenueService)], seed: UInt64,
        faults: [FaultPlan.Fault: Int] = [:], storage: MemoryStorage = MemoryStorage(),
        engine: EngineConfiguration = EngineConfiguration(), rawStorage: MemoryStorage? = nil,
        journal: JournalConfiguration = .batch
    ) throws {
        self.journal = journal
        self.storage = storage
        self.rawStorage = rawStorage
        self.engine = engine
        random = SeededRandom(seed: seed)
        backlog = LiveBacklog(inbox, SharedClock(notBefore: 0), Self.logger)
        let start = time
        venues = feeds.map { feed, service in
            VirtualVenue(
                service: service, market: feed.simulator(seed: seed, start: start),
                plan: FaultPlan(seed: seed, perMille: faults))
        }
        var options = LiveOptions()
        options.engine = engine
        options.services = feeds.map(\.1)
        options.seed = seed
        self.options = options
        try boot()
    }

    /// The process dies and begins again on what it left behind.
    func reboot() throws {
        storage = MemoryStorage(storage.disk.afterKill())
        try boot()
    }

    /// Starts the core on the disk as it is.
    private func boot() throws {
        let writer = try JournalWriter(
            storage: storage, configuration: journal, canonicalBytes: LogCodec.canonicalBytes)
        let log = LogReader(journal: JournalReader(storage: storage))
        due = []
        inbox = Inbox()
        backlog = LiveBacklog(inbox, SharedClock(notBefore: 0), Self.logger)
        for index in venues.indices { venues[index].sockets = [:] }
        let isNew = writer.lastSequence == 0
        let raw =
            try isNew
            ? rawStorage.map {
                RawWriter(
                    writer: try JournalWriter(
                        storage: $0, configuration: .batch, canonicalBytes: RawLog.canonicalBytes))
            } : nil
        core = try LiveCore.start(
            options, writer: writer, log: log, limits: kept, driver: self, at: now, raw: raw)
    }

    private static let logger = Logger(label: "world") { _ in SwiftLogNoOpLogHandler() }

    var now: Instant { Instant(wall: time + wallAhead, steady: time) }

    /// Lets virtual time go by; `check` is called at each whole second.
    func run(seconds: Int, check: () -> Void = {}) throws {
        for step in 1...(seconds * 20) {
            time += Self.stepNanos
            // A loss shows with the venue's next message: the last quarter of a second has none.
            let isQuiet = step % 20 == 0 || step % 20 > 15
            for index in venues.indices { advance(&venues[index], isQuiet: isQuiet) }
            deliver()
            try backlog.hand(to: core, waitingAtMost: 0)
            try inEachStep()
            try core.wake(now)
            if core.nextWake(wallOffset: wallAhead) <= time { spins += 1 }
            if step % 20 == 0 { check() }
        }
    }

    private func advance(_ venue: inout VirtualVenue, isQuiet: Bool) {
        _ = venue.market.advance(to: time)
        // In a fixed order: the dictionary has none.
        let sockets = venue.sockets.keys.sorted {
            ($0.line, $0.generation) < ($1.line, $1.generation)
        }
        for socket in sockets {
            let messages = venue.sockets[socket]?.advance(to: time) ?? []
            guard !venue.isDown else { continue }
            hand(isQuiet ? messages : venue.plan.apply(messages), to: socket)
            guard !isQuiet, cutsPerMille > 0, Int(random.next() % 1_000) < cutsPerMille else {
                continue
            }
            venue.sockets[socket] = nil
            arrive(.closed(socket, .lost))
        }
    }

    private func hand(_ messages: [SimulatedMessage], to socket: SocketID) {
        for message in messages { arrive(.message(socket, ByteBuffer(bytes: message.bytes))) }
    }

    /// Something comes, which the core is to be told.
    private func arrive(_ item: InboxItem) { inbox.push(item, at: now) }

    private func later(_ nanos: Int64, _ what: @escaping () -> Void) {
        due.append((time + nanos, what))
    }

    /// Whether something has come that the core has not taken.
    var isBehind: Bool { backlog.isBehind }

    private func deliver() {
        var index = 0
        while index < due.count {
            if due[index].at <= time { due.remove(at: index).what() } else { index += 1 }
        }
    }

    private func venue(_ service: VenueService) -> Int {
        venues.firstIndex { $0.service.name == service.name }!
    }

    private func venue(of socket: SocketID) -> Int? {
        venues.firstIndex { $0.sockets[socket] != nil }
    }

    // What the core asks for.

    func open(_ socket: SocketID, _ service: VenueService) {
        opened += 1
        later(30_000_000) { [self] in
            let index = venue(service)
            guard !venues[index].isDown, !venues[index].isFull else {
                return arrive(.closed(socket, .refused))
            }
            var copy = venues[index].market
            let greeting = copy.open(at: time)
            venues[index].sockets[socket] = copy
            arrive(.opened(socket))
            hand(venues[index].plan.apply(greeting), to: socket)
        }
    }

    func send(_ socket: SocketID, _ message: [UInt8]) {
        sent.append((socket, message))
        guard let index = venue(of: socket) else { return }
        let answers = venues[index].sockets[socket]?.receive(message) ?? []
        hand(venues[index].plan.apply(answers), to: socket)
    }

    func ping(_ socket: SocketID) {
        pings += 1
        guard let index = venue(of: socket), !venues[index].isDown else { return }
        arrive(.heard(socket))
    }

    func close(_ socket: SocketID) {
        for index in venues.indices where venues[index].sockets[socket] != nil {
            venues[index].sockets[socket] = nil
            closedByCore += 1
        }
    }

    func get(_ request: VenueRequest, _ service: VenueService) {
        requests += 1
        let index = venue(service)
        let symbol = String(decoding: request.symbol, as: UTF8.self)
        if let refusal = refusal(request) {
            return later(40_000_000) { [self] in
                arrive(.answered(request.id, refusal, ByteBuffer()))
            }
        }
        guard !venues[index].isDown, let body = venues[index].market.snapshot(symbol: symbol)
        else { return }
        later(40_000_000) { [self] in
            arrive(.answered(request.id, AnswerHead(status: 200), ByteBuffer(bytes: body)))
        }
    }

    func publish(_ outputs: borrowing OutputBuffer, _ engine: borrowing Engine) {
        for output in outputs.outputs where output.kind == .frame {
            frames.append(Array(outputs.bytes(of: output)))
            framesAt.append(output.time)
        }
    }

    func keep(_ limits: VenueLimits) { kept = limits }
}
