import Engine
import Foundation
import TestSupport

@testable import Venues

/// What the line between a simulated venue and an adapter may do, beside the plan of faults.
struct LineFaults {
    var perMille: [FaultPlan.Fault: Int] = [:]
    /// One byte is no ASCII any more: a flipped digit is invisible to every feed without checksum.
    var garbledPerMille = 0
    var disconnectsPerMille = 0
    var staleSnapshotsPerMille = 0
}

/// A venue's simulator, a faulty line, the real adapter, and the engine behind it.
final class FaultyLine {
    /// What the checks of a run found.
    struct Result {
        var live = 0
        var flagged = 0
        var wrong: [String] = []
    }

    static let batchNanos: Int64 = 250_000_000
    private var simulator: any VenueSimulator
    private let instruments = InstrumentTable()
    private let adapter: any VenueAdapter
    private var engine = Engine()
    private var outputs = OutputBuffer(wantsFrames: false)
    private var plan: FaultPlan
    private var random: SeededRandom
    private let faults: LineFaults
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
        let endpoint = VenueEndpoint(feed.venue, isExchangeFeed: feed == .coinbaseExchange)
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
            time += FaultyLine.batchNanos
            if isConnected {
                deliver(simulator.advance(to: time), isFaultless: isCheck)
                if !isCheck, chance(faults.disconnectsPerMille) { disconnect() }
            } else {
                _ = simulator.advance(to: time)
                if connectAfter == 0 { connect() } else { connectAfter -= 1 }
            }
            answer()
            if isCheck { check() }
        }
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
        connectAfter = Int(random.next() % 3)
        change(.down)
    }

    private func change(_ state: ConnectionState) {
        var block = EventBlock()
        adapter.connectionChanged(state, receivedAt: time, into: &block)
        fold(&block)
    }

    private func deliver(_ messages: [SimulatedMessage], isFaultless: Bool) {
        let arrived = isFaultless ? messages : plan.apply(messages)
        for message in arrived where isConnected {
            var bytes = message.bytes
            if !isFaultless, !bytes.isEmpty, chance(faults.garbledPerMille) {
                bytes[Int(random.next() % UInt64(bytes.count))] |= 0x80
            }
            receive(bytes, url: nil)
        }
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
            case .send: break
            case .reconnect: if isConnected { disconnect() }
            case .get(_, let symbol):
                let name = String(decoding: symbol, as: UTF8.self)
                let old = chance(faults.staleSnapshotsPerMille) ? oldBodies[name] : nil
                guard let body = old ?? simulator.snapshot(symbol: name) else { continue }
                requests.append((name, body, Int(random.next() % 3)))
            }
        }
    }

    /// Answers the requests that are due.
    private func answer() {
        let all = requests
        requests.removeAll()
        for request in all {
            guard isConnected else { return }
            if request.after == 0 {
                receive(request.body, url: Array("?symbol=\(request.symbol)&limit=1000".utf8))
            } else {
                requests.append((request.symbol, request.body, request.after - 1))
            }
        }
    }

    /// Compares each live book with the venue's own.
    private func check() {
        if engine.refusedEvents > 0 { result.wrong.append("the fold refused an event") }
        for symbol in simulator.symbols {
            guard let body = simulator.snapshot(symbol: symbol) else { continue }
            oldBodies[symbol] = body
            let id = Array(symbol.utf8).withUnsafeBufferPointer {
                instruments.instrument(adapter.venue, symbol: $0)
            }
            let key = BookKey(instrument: id ?? 0, connection: 0)
            guard id != nil, let book = engine.bookSummary(key), book.validity == .live else {
                result.flagged += 1
                continue
            }
            result.live += 1
            for (side, name) in [(Side.bid, "bids"), (.ask, "asks")] {
                var levels: [PriceLevel] = []
                engine.bestLevels(of: key, side, count: 20, to: &levels)
                let truth = FaultyLine.top(name, of: body, book)
                if levels != truth { result.wrong.append("\(symbol) \(name) at \(time)") }
            }
        }
    }

    private static func top(_ name: String, of body: [UInt8], _ book: BookSummary) -> [PriceLevel] {
        let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        let levels = object?[name] as? [[Any]] ?? []
        return levels.prefix(20).map { level in
            PriceLevel(
                price: mantissa(level[0], book.priceExponent),
                size: mantissa(level[1], book.sizeExponent))
        }
    }

    private static func mantissa(_ text: Any, _ exponent: UInt8) -> Int64 {
        (try? DecimalText.parse(Array("\(text)".utf8)))?.mantissa(at: exponent) ?? -1
    }
}
