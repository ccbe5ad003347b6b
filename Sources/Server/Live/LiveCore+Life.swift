public import Engine
public import Journal
public import Venues

/// What a live run needs to know.
public struct LiveOptions: Sendable {
    /// Where the messages come from.
    public var source = SessionSource.simulated
    /// What the fold is told.
    public var engine = EngineConfiguration()
    /// The feeds.
    public var services: [VenueService] = []
    /// Base assets that are recorded of every feed, as in `BTC`.
    public var bases = ["BTC", "ETH", "SOL"]
    /// Seed of all jitter.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}
}

/// Why a live run cannot begin.
public enum LiveError: Error, CustomStringConvertible {
    /// The log was recorded from other sources.
    case otherSource(SessionSource)
    /// There is no adapter, or no connection left, for a feed.
    case noAdapter(String)
    /// A raw capture is wanted of a journal that holds events already.
    case oldJournal(String)

    /// One line.
    public var description: String {
        switch self {
        case .otherSource(let source):
            "journal: it holds a session of another source (\(source)); name another folder"
        case .oldJournal(let raw): "raw: \(raw) cannot hold what a journal has already"
        case .noAdapter(let name): "exchanges: \(name) cannot be recorded"
        }
    }
}

extension LiveCore {
    /// Begins the log of `writer`, or goes on with it as `log` reads it, at `now`. A raw capture
    /// begins with its log.
    ///
    /// - Throws: `LiveError`, `LogError`, `JournalError`.
    static func start(
        _ options: LiveOptions, writer: JournalWriter, log: LogReader, limits: VenueLimits,
        driver: any LiveDriver, at now: Instant, raw: RawWriter? = nil
    ) throws -> LiveCore {
        try start(
            options, writer: writer, after: writer.lastSequence > 0 ? try log.end() : nil,
            limits: limits, driver: driver, at: now, raw: raw)
    }

    /// As above; `end` is what a reader found at the end of the journal, nil where it is empty.
    private static func start(
        _ options: LiveOptions, writer: JournalWriter, after end: consuming LogEnd?,
        limits: VenueLimits, driver: any LiveDriver, at now: Instant, raw: RawWriter?
    ) throws -> LiveCore {
        let slot = CoreSlot()
        let known = end?.names ?? LogNames()
        if let source = known.source, source != options.source {
            throw LiveError.otherSource(source)
        }
        let instruments = InstrumentTable(
            resuming: known.definitions, connections: known.connectionCount)
        let links = try options.services.map {
            try link($0, options, instruments, known, limits)
        }
        var policy = SequencerPolicy()
        policy.wantsTrades = true
        let sequencer: Sequencer
        if let end = end {
            sequencer = Sequencer(writer: writer, after: end, policy: policy) {
                slot.core?.publish($0)
            }
        } else {
            sequencer = Sequencer(writer: writer, policy: policy) { slot.core?.publish($0) }
        }
        let core = LiveCore(
            sequencer: sequencer, instruments: instruments, links: links, limits: limits,
            seed: options.seed, driver: driver)
        slot.core = core
        sequencer.beforeWriting = { () throws(JournalError) in try slot.core?.raw?.flush() }
        if let raw {
            precondition(known.source == nil, "a raw capture begins with its log")
            raw.append(.begin(head: RawHead.encode(options, at: now.wall)))
            for link in links {
                for line in link.lines {
                    raw.append(
                        .line(
                            line.id, service: Array(link.service.name.utf8),
                            name: line.name))
                }
            }
            core.raw = raw
        }
        if known.source == nil {
            try sequencer.begin(
                source: options.source, configuration: options.engine, at: now.wall)
        } else {
            try sequencer.resume(
                source: options.source, configuration: options.engine, at: now.wall)
        }
        return core
    }

    private static func link(
        _ service: VenueService, _ options: LiveOptions, _ instruments: InstrumentTable,
        _ known: LogNames, _ limits: VenueLimits
    ) throws -> VenueLink {
        let lines = try (1...2).map { number in
            let name = Array("\(service.name)#\(number)".utf8)
            let venue = service.endpoint.venue
            let id = known.connection(venue, name) ?? instruments.nextConnection()
            guard let id,
                let adapter = VenueRegistry.adapter(
                    service.endpoint, connection: id, name: name, instruments: instruments)
            else { throw LiveError.noAdapter(service.name) }
            return VenueLine(adapter: adapter, name: name)
        }
        return VenueLink(service: service, bases: options.bases, lines: lines, limits: limits)
    }

    /// Ends the run: sockets are closed, everything is journaled, and the journal is sealed (F.16).
    public func stop(_ now: Instant) throws(JournalError) {
        isStopping = true
        for link in links {
            link.attemptAt = nil
            for line in link.lines where line.state != .down {
                driver.close(line.socket)
                try drop(link, line, isPlanned: true, now)
            }
        }
        try flush(now)
        try raw?.close()
        try sequencer.close()
    }
}

/// The core, once there is one: what the sequencer's outputs go to.
private final class CoreSlot {
    weak var core: LiveCore?
}

/// Names and numbers that a log has given already.
struct LogNames {
    var source: SessionSource?
    var definitions: [InstrumentDefinition] = []
    var connections: [(id: UInt16, venue: Venue, name: [UInt8])] = []

    var connectionCount: Int { connections.map { Int($0.id) + 1 }.max() ?? 0 }

    func connection(_ venue: Venue, _ name: [UInt8]) -> UInt16? {
        connections.first { $0.venue == venue && $0.name == name }?.id
    }
}

extension LogEnd {
    /// What the log has named.
    var names: LogNames {
        LogNames(
            source: engine.source, definitions: engine.definitions,
            connections: engine.knownConnections)
    }
}
