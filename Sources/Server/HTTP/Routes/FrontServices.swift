import Engine
import HTTPTypes
import Journal

/// What the routes work with.
final class FrontServices: Sendable {
    let configuration: HTTPConfiguration
    let live: any LiveAccess
    /// Folder of the journal; every request opens its own reader.
    let directory: String
    let hub: Hub
    let reads: HeavyReads
    let counters = RequestCounters()
    let connections: ConnectionTable
    let controls: FrontControls

    init(
        _ configuration: HTTPConfiguration, live: any LiveAccess, directory: String, hub: Hub,
        connections: ConnectionTable, controls: FrontControls = FrontControls()
    ) {
        self.controls = controls
        self.configuration = configuration
        self.live = live
        self.directory = directory
        self.hub = hub
        self.connections = connections
        reads = HeavyReads(configuration.limits)
    }

    var limits: HTTPLimits { configuration.limits }

    /// The last event that is known to be accepted: the status is a copy that may lag.
    var acceptedSequence: UInt64 { max(live.status.acceptedSequence, hub.lastSequence) }

    /// The symbol that was asked for, or the default.
    func symbol(_ query: Query) throws(HTTPFailure) -> [UInt8] {
        let name = query["symbol"] ?? configuration.defaultSymbol
        guard name == configuration.defaultSymbol || live.status.symbols.contains(name) else {
            throw HTTPFailure(
                .notFound, "unknown", field: "symbol",
                "the symbols are \(live.status.symbols.joined(separator: ", "))")
        }
        return Array(name.utf8)
    }

    /// The venues that trade `symbol`, once one has named it.
    func venues(of symbol: [UInt8]) async throws -> [Venue] {
        guard let known = try await ask({ $0.venues(of: symbol) }) else {
            throw HTTPFailure(
                .serviceUnavailable, "empty", "no venue has named the symbol yet", retryAfter: 1)
        }
        return known
    }

    /// The venue that was asked for, which has to trade `symbol`.
    func venue(_ query: Query, of symbol: [UInt8]) async throws -> Venue {
        let known = try await venues(of: symbol)
        let name = Array((query["venue"] ?? "").utf8)
        guard let venue = Venue(id: name), known.contains(venue) else {
            throw HTTPFailure(
                .notFound, "unknown", field: "venue",
                "the venues are \(known.map { "\($0.id)" }.joined(separator: ", "))")
        }
        return venue
    }

    /// Reads the log on a thread of its own, within the limits for that.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (LogReader) throws -> Result
    ) async throws -> Result {
        try await checkUnsent()
        let (directory, live) = (directory, live)
        do {
            return try await reads.run { isCancelled in
                let reader = LogReader(directory: directory)
                reader.horizon = { live.horizon }
                reader.isCancelled = isCancelled
                return try body(reader)
            }
        } catch let error as LogError {
            throw HTTPFailure(error)
        } catch let error as JournalError {
            throw HTTPFailure(.journal(error))
        } catch let error as CodecError {
            throw HTTPFailure(.codec(error, segment: "", sequence: 0))
        }
    }

    /// While clients leave too much lying, no more is read for them.
    private func checkUnsent() async throws {
        guard await connections.unsentBytes() <= limits.unsentBytes else {
            throw HTTPFailure(
                .tooManyRequests, "unsent", "too much waits to be taken", retryAfter: 5)
        }
    }

    /// Asks the live core.
    func ask<Result: Sendable>(
        _ body: @escaping @Sendable (borrowing Engine) -> Result
    ) async throws -> Result {
        do { return try await live.ask(body) } catch let error as LiveAccessError {
            switch error {
            case .paused(let reason):
                throw HTTPFailure(.serviceUnavailable, "paused", reason, retryAfter: 1)
            case .stopped:
                throw HTTPFailure(.serviceUnavailable, "stopped", "the core has ended")
            }
        }
    }
}

extension HTTPFailure {
    /// Why the log gave no answer.
    init(_ error: LogError) {
        switch error {
        case .empty:
            self.init(.serviceUnavailable, "empty", "the log holds no event yet", retryAfter: 1)
        case .interrupted:
            self.init(.serviceUnavailable, "time", "the answer took too long", retryAfter: 1)
        case .sequenceOutside(_, let oldest, let newest):
            self.init(.notFound, "outside", "the log holds \(oldest) to \(newest)")
        case .timeBefore(_, let oldest):
            self.init(.notFound, "outside", "the log begins at \(TimeText.iso(oldest))")
        case .journal(.truncated(let oldest)):
            self.init(.gone, "truncated", "the oldest event that is left is \(oldest)")
        case .journal(.beyondEnd(let last)):
            self.init(.notFound, "outside", "the last event is \(last)")
        case .otherEngine(let version):
            self.init(
                .conflict, "engine-version", "the log was written by engine version \(version)")
        case .journal, .codec:
            // Which file, and where, is for the operator: `replay-tool verify` says it.
            self.init(.internalServerError, "journal", "the log cannot be read")
        }
    }
}
