/// The fold: state and event in, state and outputs out.
///
/// It holds no clock, file, socket, task or random source, and iterates in no hash order, so the
/// server, the command line, the backtest and the browser reach the same bits from the same log.
/// Not copyable: the books own their memory.
public struct Engine: ~Copyable {
    /// Every tunable that changes a result; from the configuration event.
    public internal(set) var configuration = EngineConfiguration()
    /// Where the messages of the session come from.
    public internal(set) var source = SessionSource.recording
    /// Sequence of the last applied event; 0 before the first.
    public internal(set) var sequence: UInt64 = 0
    /// Time of the last applied event, ns.
    public internal(set) var time: Int64 = 0
    /// Events that could not be applied to any state; they changed nothing.
    public internal(set) var refusedEvents: UInt64 = 0

    var books = BookTable()
    /// Slots by ascending book key: the order of everything that is encoded.
    var bookOrder: [Int] = []
    var instruments: [InstrumentState] = []
    var connections: [Connection?] = []
    var tables: [ConsolidatedTable] = []
    /// Windows from the narrowest to the widest, as indexes into the configuration.
    var windowOrder: [Int] = []
    private var scratch = MetricScratch()
    private var stateBytes = ByteWriter()

    /// The state before the first event.
    public init() { orderWindows() }

    /// Applies all events of `block` from index `start` on.
    ///
    /// - Complexity: proportional to the events and their levels; allocates nothing in the
    ///   steady state.
    public mutating func apply(
        _ block: borrowing EventBlock, from start: Int = 0, into outputs: inout OutputBuffer
    ) {
        apply(block, range: start..<block.count, into: &outputs)
    }

    /// The digest of the state as it is now.
    public var digest: Digest {
        var writer = ByteWriter()
        return digest(using: &writer)
    }

    /// Applies the events of `block` at the indexes of `range`.
    public mutating func apply(
        _ block: borrowing EventBlock, range: Range<Int>, into outputs: inout OutputBuffer
    ) {
        var index = range.lowerBound
        while index < range.upperBound {
            apply(block, at: index, into: &outputs)
            index &+= 1
        }
    }

    private mutating func apply(
        _ block: borrowing EventBlock, at index: Int, into outputs: inout OutputBuffer
    ) {
        let header = block.headers[index]
        let number = block.sequence(at: index)
        precondition(number == sequence &+ 1, "sequences are dense")
        precondition(header.time >= time, "times never decrease")
        sequence = number
        time = header.time
        // Nearly all events are deltas.
        if header.kind == EventKind.bookDelta.rawValue {
            return applyBook(block, header, .bookDelta, into: &outputs)
        }
        guard let kind = EventKind(rawValue: header.kind) else {
            preconditionFailure("a block holds an unknown kind")
        }
        switch kind {
        case .bookDelta, .bookSnapshot: applyBook(block, header, kind, into: &outputs)
        case .trade: applyTrade(block, header, into: &outputs)
        case .clockTick: applyClockTick(into: &outputs)
        case .sessionStart, .configuration, .instrumentDefinition, .venueStatus:
            applyRare(block, index, into: &outputs)
        case .liquidation, .funding, .openInterest, .markPrice, .predictionTick, .onChainEvent,
            .clockStep, .clockGap, .rejectedMessage, .lateEvent:
            break
        }
    }

    private mutating func applyBook(
        _ block: borrowing EventBlock, _ header: EventHeader, _ kind: EventKind,
        into outputs: inout OutputBuffer
    ) {
        let key = BookKey(rawValue: block.books[Int(header.book)])
        let slot = bookSlot(key)
        guard slot >= 0 else {
            refusedEvents &+= 1
            return
        }
        let start = Int(header.levelStart)
        let middle = start &+ Int(header.bidCount)
        let end = middle &+ Int(header.askCount)
        let limits = CrossingLimits(
            nanosMax: configuration.crossedNanosMax, eventsMax: configuration.crossedEventsMax)
        let number = sequence
        let change = block.levels.withUnsafeBufferPointer { levels in
            let bids = UnsafeBufferPointer(rebasing: levels[start..<middle])
            let asks = UnsafeBufferPointer(rebasing: levels[middle..<end])
            if kind == .bookDelta {
                return books[slot].apply(
                    delta: header, bids: bids, asks: asks, sequence: number, limits: limits)
            }
            return books[slot].apply(
                snapshot: header, bids: bids, asks: asks, sequence: number, limits: limits)
        }
        if change == .resyncNeeded { requestResync(key, into: &outputs) }
    }

    func requestResync(_ key: BookKey, into outputs: inout OutputBuffer) {
        outputs.outputs.append(
            Output(
                kind: .resyncRequested, symbol: -1, windowBps: 0, sequence: sequence, time: time,
                book: key, range: 0..<0))
    }

    private mutating func applyTrade(
        _ block: borrowing EventBlock, _ header: EventHeader, into outputs: inout OutputBuffer
    ) {
        let key = BookKey(rawValue: block.books[Int(header.book)])
        let instrument = Int(key.instrument)
        guard instrument < instruments.count else {
            refusedEvents &+= 1
            return
        }
        if header.first >= 0 {
            guard header.first > instruments[instrument].lastTradeID else {
                instruments[instrument].duplicateTrades &+= 1
                return
            }
            instruments[instrument].lastTradeID = header.first
        }
        instruments[instrument].trades &+= 1
        guard outputs.wantsTrades else { return }
        let level = block.levels[Int(header.levelStart)]
        let definition = instruments[instrument].definition
        outputs.collect(
            ShownTrade(
                key: key, takerSide: EventFlags(rawValue: header.flags).takerSide,
                price: level.price, size: level.size, priceExponent: definition.priceExponent,
                sizeExponent: definition.sizeExponent))
    }

    private mutating func applyRare(
        _ block: borrowing EventBlock, _ index: Int, into outputs: inout OutputBuffer
    ) {
        guard let event = try? block.event(at: index) else {
            refusedEvents &+= 1
            return
        }
        switch event.body {
        case .sessionStart(let start):
            source = start.source
            outputs.forgetTrades()
        case .configuration(let new): configure(new)
        case .instrumentDefinition(let definition):
            if !define(definition, into: &outputs) { refusedEvents &+= 1 }
        case .venueStatus(let status): if !apply(status) { refusedEvents &+= 1 }
        default: break
        }
    }

    private mutating func applyClockTick(into outputs: inout OutputBuffer) {
        outputs.closeTrades()
        sampleBooks()
        // The scratch memory is taken out while the state is read, and put back.
        var work = MetricScratch()
        swap(&work, &scratch)
        work.clear()
        for index in tables.indices where tables[index].isShown {
            let first = work.frames.count
            measure(table: index, now: time, &work)
            rollUp(index, work.frames[first], work.venues, into: &outputs)
        }
        if outputs.wantsFrames { emitFrames(work, into: &outputs) }
        swap(&work, &scratch)
    }

    /// Notes what each book is like, for velocities.
    private mutating func sampleBooks() {
        for slot in 0..<books.count {
            let sample = self.sample(of: slot)
            books[slot].keep(sample)
        }
    }

    private mutating func rollUp(
        _ table: Int, _ values: FrameValues, _ venues: [VenueValues],
        into outputs: inout OutputBuffer
    ) {
        if tables[table].rollup.isClosed(by: time) {
            let start = outputs.bytes.count
            RollupEncoder.append(tables[table].rollup, to: &outputs.bytes)
            outputs.outputs.append(
                Output(
                    kind: .rollup, symbol: table, windowBps: configuration.windowsBps[0],
                    sequence: sequence,
                    time: tables[table].rollup.second * Timestamp.second,
                    book: BookKey(rawValue: 0), range: start..<outputs.bytes.count))
            tables[table].rollup.close()
        }
        tables[table].rollup.take(
            values, venues: venues[values.venues], time: time, sequence: sequence)
    }

    private mutating func emitFrames(
        _ work: MetricScratch, into outputs: inout OutputBuffer
    ) {
        var writer = ByteWriter()
        swap(&writer, &stateBytes)
        let digest = self.digest(using: &writer)
        swap(&writer, &stateBytes)
        for values in work.frames {
            let start = outputs.bytes.count
            FrameEncoder.append(
                values, venues: work.venues[values.venues], symbol: tables[values.table].name,
                time: time, sequence: sequence, digest: digest, to: &outputs.bytes)
            outputs.outputs.append(
                Output(
                    kind: .frame, symbol: values.table, windowBps: values.windowBps,
                    sequence: sequence, time: time, book: BookKey(rawValue: 0),
                    range: start..<outputs.bytes.count))
        }
    }
}
