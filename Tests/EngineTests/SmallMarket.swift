@testable import Engine

/// A market with a few levels, written by hand in text: for examples that a reader can follow.
struct SmallMarket: ~Copyable {
    var engine = Engine()
    private var outputs = OutputBuffer(wantsFrames: true)
    private var sequence: UInt64 = 1
    private var time: Int64 = 1_767_571_200_000_000_000
    private var exponents: [(UInt8, UInt8)] = []

    init(configuration: EngineConfiguration = EngineConfiguration()) {
        outputs.wantsTrades = true
        add { $0.append(.configuration(configuration), receivedAt: $1) }
    }

    private mutating func add(_ body: (inout EventBlock, Int64) -> Void) {
        var block = EventBlock()
        block.firstSequence = sequence
        body(&block, time)
        _ = block.stamp(from: 0, lastTime: engine.time)
        engine.apply(block, into: &outputs)
        sequence += UInt64(block.count)
    }

    /// Defines the next instrument, BTC-USD at `venue`.
    mutating func define(
        _ venue: Venue, price: UInt8 = 2, size: UInt8 = 2,
        change: (inout InstrumentDefinition) -> Void = { _ in }
    ) {
        var definition = InstrumentDefinition(
            instrument: UInt16(exponents.count), venue: venue, venueSymbol: Array("X".utf8),
            base: Array("BTC".utf8), quote: Array("USD".utf8), priceExponent: price,
            sizeExponent: size)
        change(&definition)
        exponents.append((price, size))
        add { $0.append(.instrumentDefinition(definition), receivedAt: $1) }
    }

    /// Replaces the book of instrument `index` by `[[price, size]]` in text.
    mutating func book(
        _ index: Int, bids: [(String, String)], asks: [(String, String)],
        kind: EventKind = .bookSnapshot
    ) {
        let (price, size) = exponents[index]
        func levels(_ side: [(String, String)]) -> [PriceLevel] {
            side.map {
                PriceLevel(price: mantissa($0.0, price), size: mantissa($0.1, size))
            }
        }
        let (bidLevels, askLevels) = (levels(bids), levels(asks))
        add { block, time in
            bidLevels.withUnsafeBufferPointer { bids in
                askLevels.withUnsafeBufferPointer { asks in
                    let key = BookKey(instrument: UInt16(index), connection: 0)
                    block.appendBook(
                        kind, BookEventFields(key: key, receivedAt: time), bids: bids, asks: asks)
                }
            }
        }
    }

    /// The adapter says what state the book of instrument `index` is in.
    mutating func status(_ index: Int, _ validity: BookValidity) {
        add { block, time in
            let key = BookKey(instrument: UInt16(index), connection: 0)
            block.append(.venueStatus(VenueStatus(.book(key, validity))), receivedAt: time)
        }
    }

    /// Lets the clock tick at the next half second and gives the frames.
    mutating func tick() -> [String] {
        outputs.clear()
        time += 500_000_000
        add { $0.appendClockTick(time: $1) }
        return outputs.outputs.filter { $0.kind == .frame }.map {
            String(decoding: outputs.bytes(of: $0), as: UTF8.self)
        }
    }

    /// A trade of instrument `index`, in its mantissas of now.
    mutating func trade(_ index: Int, price: Int64, size: Int64) {
        add { block, time in
            block.appendTrade(
                key: BookKey(instrument: UInt16(index), connection: 0), takerSide: .buy,
                receivedAt: time, sourceTime: Timestamp.none, tradeID: -1, price: price, size: size)
        }
    }

    /// Refines the digits of instrument `index`.
    mutating func refine(_ index: Int, price: UInt8, size: UInt8) {
        var definition = engine.definitions[index]
        definition.priceExponent = price
        definition.sizeExponent = size
        exponents[index] = (price, size)
        add { $0.append(.instrumentDefinition(definition), receivedAt: $1) }
    }

    /// The trades between the last two clock ticks.
    var trades: [ShownTrade] { outputs.trades }

    /// Moves the clock without an event.
    mutating func wait(_ nanos: Int64) { time += nanos }

    /// The answer to an order as text, or the error's name.
    func execute(_ order: Order) -> String {
        var bytes: [UInt8] = []
        do throws(OrderError) {
            try engine.execute(order, to: &bytes)
        } catch {
            return "\(error)"
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The mantissa of a number in text.
func mantissa(_ text: String, _ exponent: UInt8) -> Int64 {
    guard let value = try? DecimalText.parse(Array(text.utf8)),
        let mantissa = value.mantissa(at: exponent)
    else { preconditionFailure("\(text) is not a number of \(exponent) decimals") }
    return mantissa
}

/// The text behind `"key":` up to the next comma or bracket.
func field(_ key: String, in json: String) -> String {
    guard let range = json.firstRange(of: "\"\(key)\":") else { return "missing" }
    let rest = json[range.upperBound...]
    if rest.first == "[" { return String(rest.prefix { $0 != "]" }) + "]" }
    return String(rest.prefix { !",}]".contains($0) })
}

/// An order of BTC-USD.
func order(
    _ notional: String, buys: Bool = true, fees: [(Venue, String)] = [], naive: Venue? = nil
) -> Order {
    var order = Order(
        symbol: Array("BTC-USD".utf8), isBuy: buys,
        notional: (try? DecimalText.parse(Array(notional.utf8))) ?? .zero)
    order.fees = fees.map { VenueFee(venue: $0.0, fee: mantissa($0.1, 4)) }
    order.naiveVenue = naive
    return order
}
