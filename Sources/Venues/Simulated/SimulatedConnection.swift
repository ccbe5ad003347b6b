/// One line of a capture and when it was received.
struct SimulatedRecord: Sendable {
    let time: Int64
    let line: [UInt8]
}

/// What a recorder does with one simulated venue, and what it writes down about it.
///
/// ```
/// open:  connect ── send subscriptions ── answers ── messages …
///              └─ (venues with a requested snapshot) one request a symbol, answered 45 ms later
/// close: what is on the way is lost; silence until the next open, under the same name
/// ```
struct SimulatedConnection: Sendable {
    private enum Step: Sendable {
        case connect, subscribe, listen, disconnect
        case request(symbol: String)
    }

    private var simulator: any VenueSimulator
    private var agenda: [(time: Int64, step: Step)] = []
    private var records: [SimulatedRecord] = []

    private static var subscribeAfterNanos: Int64 { 60_000_000 }
    private static var listenAfterNanos: Int64 { 80_000_000 }
    private static var firstRequestAfterNanos: Int64 { 350_000_000 }
    private static var requestEveryNanos: Int64 { 130_000_000 }
    private static var requestNanos: Int64 { 45_217_000 }

    init(simulator: any VenueSimulator) { self.simulator = simulator }

    /// Plans to connect at `time`, after everything planned so far.
    mutating func open(at time: Int64) {
        agenda.append((time, .connect))
        if !simulator.subscribeMessages.isEmpty {
            agenda.append((time + Self.subscribeAfterNanos, .subscribe))
        }
        agenda.append((time + Self.listenAfterNanos, .listen))
        guard simulator.feed.needsRequestedSnapshot else { return }
        var requestTime = time + Self.firstRequestAfterNanos
        for symbol in simulator.symbols {
            agenda.append((requestTime, .request(symbol: symbol)))
            requestTime += Self.requestEveryNanos
        }
    }

    /// Plans to lose the connection at `time`; what was planned for later is forgotten.
    mutating func close(at time: Int64) {
        agenda.removeAll { $0.time >= time }
        agenda.append((time, .disconnect))
    }

    /// Moves venue and recorder on to `time`.
    mutating func advance(to time: Int64) {
        while let next = agenda.first, next.time <= time {
            agenda.removeFirst()
            receive(simulator.advance(to: next.time))
            perform(next.step, at: next.time)
        }
        receive(simulator.advance(to: time))
    }

    /// The records received until `time`, in order; they are forgotten here.
    mutating func takeRecords(until time: Int64) -> [SimulatedRecord] {
        let due = records.indices.filter { records[$0].time <= time }
            .sorted { (records[$0].time, $0) < (records[$1].time, $1) }
            .map { records[$0] }
        records.removeAll { $0.time <= time }
        return due
    }

    private mutating func perform(_ step: Step, at time: Int64) {
        switch step {
        case .connect:
            write("connect", at: time, address: simulator.address)
        case .subscribe:
            for message in simulator.subscribeMessages {
                write("send", at: time, address: simulator.address, data: message)
            }
        case .listen:
            receive(simulator.connect(at: time))
        case .disconnect:
            simulator.disconnect()
            records.removeAll { $0.time > time }
        case .request(let symbol):
            guard let body = simulator.snapshot(symbol: symbol) else { return }
            write(
                "http", at: time + Self.requestNanos,
                url: simulator.snapshotAddress(symbol: symbol), data: body)
        }
    }

    private mutating func receive(_ messages: [SimulatedMessage]) {
        for message in messages { write("recv", at: message.receivedAt, data: message.bytes) }
    }

    private mutating func write(
        _ type: StaticString, at time: Int64, address: String? = nil, url: String? = nil,
        data: [UInt8]? = nil
    ) {
        var text = SimulatedText("{\"t\":\"", capacity: 160 + (data?.count ?? 0) * 5 / 4)
        text.add(type)
        text.add("\",\"conn\":\"")
        text.add(simulator.feed.connectionName)
        text.add("\",\"ts\":")
        text.addSeconds(time)
        for (key, value) in [(",\"addr\":" as StaticString, address), (",\"url\":", url)] {
            guard let value else { continue }
            text.add(key)
            text.addQuoted(Array(value.utf8))
        }
        if let data {
            text.add(",\"data\":")
            text.addQuoted(data)
        }
        text.add("}")
        records.append(SimulatedRecord(time: time, line: text.bytes))
    }
}
