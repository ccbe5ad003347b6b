/// The state at one moment as JSON: what `/api/at` and `replay-tool at` give
/// (`docs/METRICS.md` 3 and 5 define the numbers).
public enum StateEncoder {
    /// Appends the state of `engine` with at most `levels` levels a side of each book.
    public static func append(_ engine: borrowing Engine, levels: Int, to bytes: inout [UInt8]) {
        bytes.append(0x7b)
        JSONText.key("ts", isFirst: true, to: &bytes)
        time(engine.time, to: &bytes)
        JSONText.key("seq", to: &bytes)
        DecimalText.append(engine.sequence, to: &bytes)
        JSONText.key("digest", to: &bytes)
        bytes.append(0x22)
        engine.digest.appendHex(to: &bytes)
        bytes.append(0x22)
        JSONText.key("source", to: &bytes)
        JSONText.string(engine.source.word, to: &bytes)
        JSONText.key("symbols", to: &bytes)
        bytes.append(0x5b)
        var scratch = MetricScratch()
        var isFirst = true
        for index in engine.tables.indices where engine.tables[index].isShown {
            if !isFirst { bytes.append(0x2c) }
            isFirst = false
            scratch.clear()
            engine.measure(table: index, now: engine.time, &scratch)
            append(table: index, scratch, engine, to: &bytes)
        }
        bytes.append(0x5d)
        JSONText.key("books", to: &bytes)
        bytes.append(0x5b)
        for (position, slot) in engine.bookOrder.enumerated() {
            if position > 0 { bytes.append(0x2c) }
            append(book: slot, engine, levels: levels, to: &bytes)
        }
        Text.append("]}", to: &bytes)
    }

    private static func append(
        table index: Int, _ scratch: MetricScratch, _ engine: borrowing Engine,
        to bytes: inout [UInt8]
    ) {
        let table = engine.tables[index]
        bytes.append(0x7b)
        JSONText.key("symbol", isFirst: true, to: &bytes)
        JSONText.string(table.name, to: &bytes)
        JSONText.key("mixed", to: &bytes)
        JSONText.bool(table.isMixed, to: &bytes)
        JSONText.key("mid", to: &bytes)
        let first = scratch.frames[0]
        JSONText.number(first.mid, decimals: first.midDecimals, to: &bytes)
        JSONText.key("spread_bps", to: &bytes)
        JSONText.number(first.spread, decimals: 1, to: &bytes)
        JSONText.key("windows", to: &bytes)
        bytes.append(0x5b)
        for (position, frame) in scratch.frames.enumerated() {
            if position > 0 { bytes.append(0x2c) }
            append(frame, window: position, table, scratch, engine, to: &bytes)
        }
        Text.append("]}", to: &bytes)
    }

    private static func append(
        _ frame: FrameValues, window: Int, _ table: ConsolidatedTable, _ scratch: MetricScratch,
        _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        bytes.append(0x7b)
        JSONText.key("window_bps", isFirst: true, to: &bytes)
        JSONText.small(Int64(frame.windowBps), decimals: 0, to: &bytes)
        JSONText.key("hhi", to: &bytes)
        JSONText.small(frame.hhi, decimals: 4, to: &bytes)
        JSONText.key("imbalance", to: &bytes)
        JSONText.small(frame.imbalance, decimals: 4, to: &bytes)
        JSONText.key("venues", to: &bytes)
        bytes.append(0x5b)
        let exponent = engine.notionalExponent(table, scratch.consolidation)
        for (member, position) in frame.venues.enumerated() {
            if member > 0 { bytes.append(0x2c) }
            let venue = scratch.venues[position]
            let depth = scratch.depths[member * engine.configuration.windowsBps.count + window]
            bytes.append(0x7b)
            JSONText.key("venue", isFirst: true, to: &bytes)
            JSONText.string(venue.venue.id, to: &bytes)
            JSONText.key("share", to: &bytes)
            JSONText.small(venue.share, decimals: 3, to: &bytes)
            JSONText.key("bid_depth", to: &bytes)
            ExecutionEncoder.rounded(depth.bids, exponent, 2, to: &bytes)
            JSONText.key("ask_depth", to: &bytes)
            ExecutionEncoder.rounded(depth.asks, exponent, 2, to: &bytes)
            JSONText.key("stale", to: &bytes)
            JSONText.bool(venue.isStale, to: &bytes)
            bytes.append(0x7d)
        }
        Text.append("]}", to: &bytes)
    }

    static func time(_ time: Int64, to bytes: inout [UInt8]) {
        if time == Timestamp.none { return Text.append("null", to: &bytes) }
        bytes.append(0x22)
        Timestamp.appendISO(time, to: &bytes)
        bytes.append(0x22)
    }
}

extension StateEncoder {
    private static func append(
        book slot: Int, _ engine: borrowing Engine, levels: Int, to bytes: inout [UInt8]
    ) {
        let key = engine.books[slot].key
        let definition = engine.instruments[Int(key.instrument)].definition
        bytes.append(0x7b)
        JSONText.key("ts", isFirst: true, to: &bytes)
        time(engine.books[slot].lastReceived, to: &bytes)
        JSONText.key("venue", to: &bytes)
        JSONText.string(definition.venue.id, to: &bytes)
        JSONText.key("symbol", to: &bytes)
        JSONText.string(definition.venueSymbol, to: &bytes)
        JSONText.key("bids", to: &bytes)
        append(engine.books[slot].book.bids, definition, levels: levels, to: &bytes)
        JSONText.key("asks", to: &bytes)
        append(engine.books[slot].book.asks, definition, levels: levels, to: &bytes)
        JSONText.key("server_ts", to: &bytes)
        time(engine.books[slot].lastSource, to: &bytes)
        JSONText.key("instrument", to: &bytes)
        JSONText.string(definition.canonicalID, to: &bytes)
        JSONText.key("connection", to: &bytes)
        JSONText.string(engine.connectionName(key.connection), to: &bytes)
        JSONText.key("validity", to: &bytes)
        bytes.append(0x22)
        engine.books[slot].validity.append(to: &bytes)
        bytes.append(0x22)
        appendFreshness(slot, engine, to: &bytes)
        appendHorizons(slot, engine, definition, to: &bytes)
        appendMetrics(slot, engine, definition, to: &bytes)
        appendCounters(engine.books[slot].counters, to: &bytes)
        bytes.append(0x7d)
    }

    static func append(
        _ side: borrowing BookSide, _ definition: InstrumentDefinition, levels: Int,
        to bytes: inout [UInt8]
    ) {
        bytes.append(0x5b)
        var left = levels
        let exponent = Int(definition.sizeExponent)
        side.visit { level in
            guard left > 0 else { return false }
            if left < levels { bytes.append(0x2c) }
            left -= 1
            bytes.append(0x5b)
            JSONText.small(level.price, decimals: Int(definition.priceExponent), to: &bytes)
            bytes.append(0x2c)
            ExecutionEncoder.rounded(Int128(level.size), exponent, min(6, exponent), to: &bytes)
            bytes.append(0x5d)
            return true
        }
        bytes.append(0x5d)
    }

    private static func appendFreshness(
        _ slot: Int, _ engine: borrowing Engine, to bytes: inout [UInt8]
    ) {
        let limit = engine.configuration.staleAfterNanos
        JSONText.key("usable", to: &bytes)
        JSONText.bool(
            engine.books[slot].isUsable(now: engine.time, staleAfter: limit), to: &bytes)
        JSONText.key("stale", to: &bytes)
        JSONText.bool(engine.books[slot].isStale(now: engine.time, staleAfter: limit), to: &bytes)
        JSONText.key("latency_ms", to: &bytes)
        let latency = engine.books[slot].latency(now: engine.time).map(Milliseconds.rounded)
        JSONText.number(latency, decimals: 0, to: &bytes)
    }

    private static func appendHorizons(
        _ slot: Int, _ engine: borrowing Engine, _ definition: InstrumentDefinition,
        to bytes: inout [UInt8]
    ) {
        let decimals = Int(definition.priceExponent)
        JSONText.key("bid_horizon", to: &bytes)
        let bid = engine.books[slot].bidHorizon
        JSONText.number(bid == 0 ? nil : bid, decimals: decimals, to: &bytes)
        JSONText.key("ask_horizon", to: &bytes)
        let ask = engine.books[slot].askHorizon
        JSONText.number(ask == 0 ? nil : ask, decimals: decimals, to: &bytes)
        JSONText.key("bid_levels", to: &bytes)
        DecimalText.append(Int64(engine.books[slot].book.bids.count), to: &bytes)
        JSONText.key("ask_levels", to: &bytes)
        DecimalText.append(Int64(engine.books[slot].book.asks.count), to: &bytes)
    }

    private static func appendMetrics(
        _ slot: Int, _ engine: borrowing Engine, _ definition: InstrumentDefinition,
        to bytes: inout [UInt8]
    ) {
        JSONText.key("metrics", to: &bytes)
        bytes.append(0x7b)
        metricFields(slot, engine, definition, isFirst: true, to: &bytes)
        bytes.append(0x7d)
    }

    /// Appends the order-book metrics of one book (S1.1), key by key.
    static func metricFields(
        _ slot: Int, _ engine: borrowing Engine, _ definition: InstrumentDefinition,
        isFirst: Bool, to bytes: inout [UInt8]
    ) {
        let isLive = engine.books[slot].validity == .live
        let metrics = BookMetrics(
            engine.books[slot].book, depth: Int(engine.configuration.metricDepth))
        func ratio(_ name: StaticString, _ value: Int64, isFirst: Bool = false) {
            JSONText.key(name, isFirst: isFirst, to: &bytes)
            JSONText.number(isLive ? value : nil, decimals: 4, to: &bytes)
        }
        ratio("imbalance", metrics.imbalance, isFirst: isFirst)
        ratio("weighted_imbalance", metrics.weightedImbalance)
        JSONText.key("spread_bps", to: &bytes)
        JSONText.number(engine.ownSpread(slot), decimals: 1, to: &bytes)
        ratio("vtob_ratio", metrics.topOfBookRatio)
        let exponent = Int(definition.sizeExponent)
        for (name, size) in [
            ("bid_depth" as StaticString, metrics.bidSize), ("ask_depth", metrics.askSize),
        ] {
            JSONText.key(name, to: &bytes)
            if isLive {
                ExecutionEncoder.rounded(size, exponent, min(6, exponent), to: &bytes)
            } else {
                Text.append("null", to: &bytes)
            }
        }
        appendVelocities(slot, engine, definition, to: &bytes)
    }

    private static func appendVelocities(
        _ slot: Int, _ engine: borrowing Engine, _ definition: InstrumentDefinition,
        to bytes: inout [UInt8]
    ) {
        let now = engine.sample(of: slot)
        var earlier: TickSample?
        for sample in engine.books[slot].samples
        where sample.time <= engine.time &- Timestamp.second {
            earlier = sample
        }
        let decimals = max(2, definition.tickDecimals + 1)
        JSONText.key("mid_velocity", to: &bytes)
        let mid = earlier.flatMap { Velocity.mid(now, since: $0, decimals: decimals) }
        JSONText.number(mid, decimals: decimals, to: &bytes)
        JSONText.key("imbalance_velocity", to: &bytes)
        let imbalance = earlier.flatMap { Velocity.imbalance(now, since: $0) }
        JSONText.number(imbalance, decimals: 4, to: &bytes)
    }

    private static func appendCounters(_ counters: BookCounters, to bytes: inout [UInt8]) {
        JSONText.key("counters", to: &bytes)
        bytes.append(0x7b)
        JSONText.key("updates", isFirst: true, to: &bytes)
        DecimalText.append(counters.updates, to: &bytes)
        JSONText.key("levels", to: &bytes)
        DecimalText.append(counters.levels, to: &bytes)
        JSONText.key("snapshots", to: &bytes)
        DecimalText.append(counters.snapshots, to: &bytes)
        JSONText.key("gaps", to: &bytes)
        DecimalText.append(counters.gaps, to: &bytes)
        JSONText.key("checksums_passed", to: &bytes)
        DecimalText.append(counters.checksumsPassed, to: &bytes)
        JSONText.key("checksums_failed", to: &bytes)
        DecimalText.append(counters.checksumsFailed, to: &bytes)
        JSONText.key("ignored", to: &bytes)
        DecimalText.append(counters.ignored, to: &bytes)
        bytes.append(0x7d)
    }
}
