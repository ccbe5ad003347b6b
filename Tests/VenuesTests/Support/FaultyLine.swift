import TestSupport

@testable import Engine
@testable import Venues

/// A venue's simulator, a faulty line, the real adapter, and the engine behind it.
final class FaultyLine {
    static let batchNanos: Int64 = 250_000_000
    private var simulator: any VenueSimulator
    private let instruments = InstrumentTable()
    private let adapter: any VenueAdapter
    private let market: VenueMarket
    private var engine = Engine()
    private var outputs = OutputBuffer(wantsFrames: false)
    private var plan: FaultPlan
    private var random: SeededRandom
    private var faults: LineFaults
    /// Nothing arrives: since when, for how many batches more, and whether the line is cut then.
    private struct Silence {
        let since: Int64
        var batches: Int
        let isHalfOpen: Bool
        let bodies: [String: [UInt8]]
    }
    private var silence: Silence?
    private var held: [SimulatedMessage] = []
    private var late: [(message: SimulatedMessage, after: Int)] = []
    private var time = SimulatedSession.defaultStart
    private var lastTime: Int64 = 0
    private var isConnected = false
    private var connectAfter = 0
    private var requests: [(symbol: String, body: [UInt8], after: Int)] = []
    private var oldBodies: [String: [UInt8]] = [:]
    private(set) var result = Result()

    init(_ feed: SimulatedFeed, seed: UInt64, _ faults: LineFaults) {
        self.faults = faults
        simulator = feed.simulator(seed: seed, start: time, assets: [.btc, .sol], dislocations: [])
        let endpoint = Array(simulator.address.utf8).withUnsafeBufferPointer {
            VenueEndpoint(url: $0)!
        }
        market = endpoint.market
        adapter = VenueRegistry.adapter(
            endpoint, connection: 0, name: [], instruments: instruments)!
        plan = FaultPlan(seed: seed, perMille: faults.perMille)
        random = SeededRandom(seed: seed)
    }

    /// Lets `seconds` of virtual time go by and compares every book at the end of each. The last
    /// quarter of a second is faultless: a venue cannot tell a loss before its next message.
    func run(seconds: Int) {
        for batch in 1...(seconds * 4) {
            let isCheck = batch % 4 == 0
            if batch % 4 == 1 { beginSilence() }
            time += FaultyLine.batchNanos
            tick()
            if isConnected {
                let messages = simulator.advance(to: time)
                if silence == nil {
                    deliver(messages, isFaultless: isCheck)
                } else {
                    keepSilent(messages, isFaultless: isCheck)
                }
                if !isCheck, chance(faults.disconnectsPerMille) { disconnect() }
            } else {
                _ = simulator.advance(to: time)
                if connectAfter == 0 { connect() } else { connectAfter -= 1 }
            }
            answer()
            if isCheck { check() }
        }
    }

    /// Lets time go by without faults until every book is live; the seconds that it took.
    func recover(secondsMax: Int) -> Int? {
        faults = LineFaults(levelsCompared: faults.levelsCompared)
        plan = FaultPlan(seed: 0, perMille: [:])
        for second in 0...secondsMax {
            if simulator.symbols.allSatisfy({ isLive($0) }), silence == nil { return second }
            run(seconds: 1)
        }
        return nil
    }

    private func isLive(_ symbol: String) -> Bool {
        key(symbol).flatMap { engine.bookSummary($0) }?.validity == .live
    }

    /// A silence begins with a second: what the books are then was compared.
    private func beginSilence() {
        guard isConnected, silence == nil, !oldBodies.isEmpty else { return }
        let isHalfOpen = chance(faults.halfOpenPerMille)
        guard isHalfOpen || chance(faults.stallsPerMille) else { return }
        let batches = 1 + Int(random.next() % UInt64(LineFaults.silentBatchesMax))
        silence = Silence(
            since: time, batches: batches, isHalfOpen: isHalfOpen, bodies: oldBodies)
        if isHalfOpen { result.halfOpen += 1 } else { result.stalls += 1 }
    }

    private func keepSilent(_ messages: [SimulatedMessage], isFaultless: Bool) {
        guard let silent = silence else { return }
        if !silent.isHalfOpen { held += messages }
        silence?.batches -= 1
        guard silent.batches == 1 else { return }
        silence = nil
        let arrived = held
        held = []
        if silent.isHalfOpen { disconnect() } else { deliver(arrived, isFaultless: isFaultless) }
    }

    /// The fold's own time goes on, whether or not something arrives.
    private func tick() {
        var block = EventBlock()
        block.appendClockTick(time: time)
        fold(&block)
    }

    private func chance(_ perMille: Int) -> Bool {
        Int(random.next() % 1_000) < perMille
    }

    private func connect() {
        isConnected = true
        change(.up)
        deliver(simulator.connect(at: time), isFaultless: false)
    }

    private func disconnect() {
        isConnected = false
        simulator.disconnect()
        requests.removeAll()
        silence = nil
        held = []
        late = []
        connectAfter = Int(random.next() % 3)
        change(.down)
    }

    private func change(_ state: ConnectionState) {
        var block = EventBlock()
        adapter.connectionChanged(state, receivedAt: time, into: &block)
        fold(&block)
    }

    private func deliver(_ messages: [SimulatedMessage], isFaultless: Bool) {
        let overtaken = late
        late = overtaken.filter { $0.after > 0 }.map { ($0.message, $0.after - 1) }
        let arrived =
            overtaken.filter { $0.after == 0 }.map(\.message)
            + (isFaultless ? messages : plan.apply(messages))
        for message in arrived where isConnected {
            if !isFaultless, chance(faults.latePerMille) {
                late.append((message, Int(random.next() % 4)))
                result.late += 1
                continue
            }
            receive(isFaultless ? message.bytes : garbled(message.bytes), url: nil)
        }
    }

    private func garbled(_ bytes: [UInt8]) -> [UInt8] {
        if faults.lieAboutChecksumPerMille > 0, chance(faults.lieAboutChecksumPerMille) {
            let lie = LineFaults.withWrongChecksum(bytes, random.next())
            if lie != bytes { result.checksumLies += 1 }
            return lie
        }
        guard !bytes.isEmpty, chance(faults.garbledPerMille) else { return bytes }
        var bytes = bytes
        bytes[Int(random.next() % UInt64(bytes.count))] |= 0x80
        return bytes
    }

    private func receive(_ bytes: [UInt8], url: [UInt8]?) {
        var block = EventBlock()
        bytes.withUnsafeBufferPointer { message in
            (url ?? []).withUnsafeBufferPointer { query in
                _ = adapter.receive(
                    message, origin: url == nil ? .socket : .rest(query), receivedAt: time,
                    into: &block)
            }
        }
        fold(&block)
        obey()
    }

    private func fold(_ block: inout EventBlock) {
        block.firstSequence = engine.sequence + 1
        lastTime = block.stamp(from: 0, lastTime: lastTime)
        outputs.clear()
        engine.apply(block, into: &outputs)
    }

    private func obey() {
        var commands: [AdapterCommand] = []
        adapter.drainCommands { commands.append($0) }
        for command in commands {
            switch command {
            case .send(let message): send([message])
            case .resubscribe(_, let messages): send(messages)
            case .reconnect: if isConnected { disconnect() }
            case .get(_, let symbol):
                let name = String(decoding: symbol, as: UTF8.self)
                let old = chance(faults.staleSnapshotsPerMille) ? oldBodies[name] : nil
                guard let body = old ?? simulator.snapshot(symbol: name) else { continue }
                requests.append((name, body, Int(random.next() % 3)))
            }
        }
    }

    private func send(_ messages: [[UInt8]]) {
        for message in messages where isConnected {
            deliver(simulator.receive(message), isFaultless: false)
        }
    }

    /// Answers the requests that are due.
    private func answer() {
        let all = requests
        requests.removeAll()
        for request in all {
            guard isConnected else { return }
            if request.after == 0 {
                let path = "/api/v3/depth?symbol=\(request.symbol)&limit=1000"
                receive(garbled(request.body), url: Array(path.utf8))
            } else {
                requests.append((request.symbol, request.body, request.after - 1))
            }
        }
    }

    private func key(_ symbol: String) -> BookKey? {
        let id = Array(symbol.utf8).withUnsafeBufferPointer {
            instruments.instrument(adapter.venue, market: market, symbol: $0)
        }
        return id.map { BookKey(instrument: $0, connection: 0) }
    }

    /// Compares each live book with the venue's own; while nothing arrives, with the one of the
    /// moment when that began, and when that is too long ago, looks that the book is stale.
    private func check() {
        if engine.refusedEvents > 0 { result.wrong.append("the fold refused an event") }
        for symbol in simulator.symbols {
            guard let body = simulator.snapshot(symbol: symbol) else { continue }
            oldBodies[symbol] = body
            guard let key = key(symbol), let slot = engine.slot(of: key),
                let book = engine.bookSummary(key), book.validity == .live
            else {
                result.flagged += 1
                continue
            }
            if let silence, time - silence.since > engine.configuration.staleAfterNanos {
                result.stale += 1
                if !isStale(slot) { result.wrong.append("\(symbol) is not stale at \(time)") }
                continue
            }
            if silence == nil { result.live += 1 } else { result.old += 1 }
            compare(key, book, with: silence.flatMap { $0.bodies[symbol] } ?? body)
        }
    }

    private func isStale(_ slot: Int) -> Bool {
        engine.books[slot].isStale(
            now: engine.time, staleAfter: engine.configuration.staleAfterNanos)
    }

    private func compare(_ key: BookKey, _ book: BookSummary, with body: [UInt8]) {
        for (side, name) in [(Side.bid, "bids"), (.ask, "asks")] {
            var levels: [PriceLevel] = []
            let count = faults.levelsCompared
            engine.bestLevels(of: key, side, count: count, to: &levels)
            let truth = Array(FaultyLine.top(name, of: body, book).prefix(count))
            if levels != truth {
                let symbol = String(decoding: book.venueSymbol, as: UTF8.self)
                result.wrong.append("\(symbol) \(name) at \(time)")
            }
        }
    }

    /// The first 20 levels of `"bids":[["price","size",…],…]`, or of `"b":` as Bybit writes it.
    private static func top(_ name: String, of body: [UInt8], _ book: BookSummary) -> [PriceLevel] {
        let heads = [name, String(name.prefix(1))].map { Array("\"\($0)\":[".utf8) }
        let start = heads.lazy.compactMap { head in
            body.indices.first { body[$0...].starts(with: head) }.map { $0 + head.count }
        }.first
        guard var at = start else { return [] }
        var levels: [PriceLevel] = []
        while levels.count < 20, body[at] == 0x5b, let end = body[at...].firstIndex(of: 0x5d) {
            let parts = body[at..<end].split(separator: 0x22, omittingEmptySubsequences: false)
            levels.append(
                PriceLevel(
                    price: FaultyLine.mantissa(Array(parts[1]), book.priceExponent),
                    size: FaultyLine.mantissa(Array(parts[3]), book.sizeExponent)))
            at = body[end + 1] == 0x2c ? end + 2 : end + 1
        }
        return levels
    }
}
