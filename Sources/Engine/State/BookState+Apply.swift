/// What applying a book event led to.
enum BookChange {
    /// Applied or ignored by the rules.
    case ordinary
    /// The book became invalid by the fold's own rules: the venue must send it anew.
    case resyncNeeded
}

extension BookState {
    /// Replaces the book by a snapshot.
    mutating func apply(
        snapshot header: EventHeader, bids: UnsafeBufferPointer<PriceLevel>,
        asks: UnsafeBufferPointer<PriceLevel>, sequence: UInt64, limits: CrossingLimits
    ) -> BookChange {
        let flags = EventFlags(rawValue: header.flags)
        guard bounds.allow(bids), bounds.allow(asks), bids.count <= Limits.levelsPerSideMax,
            asks.count <= Limits.levelsPerSideMax
        else { return invalidate(.overflow) }
        empty()
        book.bids.expect(bids)
        book.asks.expect(asks)
        book.set(bids: bids, asks: asks, sequence: sequence)
        isLoaded = true
        validity = flags.contains(.needsBridge) ? .syncing : .live
        bidHorizon = flags.contains(.bidsCut) ? worst(bids, isBid: true) : 0
        askHorizon = flags.contains(.asksCut) ? worst(asks, isBid: false) : 0
        counters.snapshots &+= 1
        noteApplied(header)
        if header.last >= 0 { lastVenueSequence = header.last }
        if !noteChecksum(flags) { return invalidate(.checksum) }
        return noteCrossing(now: header.time, limits)
    }

    /// Sets levels of the book, when it is in sync.
    @inline(__always)
    mutating func apply(
        delta header: EventHeader, bids: UnsafeBufferPointer<PriceLevel>,
        asks: UnsafeBufferPointer<PriceLevel>, sequence: UInt64, limits: CrossingLimits
    ) -> BookChange {
        guard validity == .live || (validity == .syncing && isLoaded) else {
            counters.ignored &+= 1
            return .ordinary
        }
        if header.last >= 0, lastVenueSequence >= 0 {
            let isOld = header.last < lastVenueSequence
            // One message may hold several events of a book: they share number and receive time.
            let isRepeated =
                header.last == lastVenueSequence && validity == .live
                && header.receivedAt != lastReceived
            if isOld || isRepeated {
                counters.ignored &+= 1
                return .ordinary
            }
        }
        guard book.bids.admits(bids, bounds), book.asks.admits(asks, bounds),
            book.fits(bids: bids, asks: asks)
        else {
            return invalidate(.overflow)
        }
        book.set(bids: bids, asks: asks, sequence: sequence)
        validity = .live
        counters.updates &+= 1
        counters.levels &+= UInt64(header.levelCount)
        if header.last >= 0 { lastVenueSequence = header.last }
        noteApplied(header)
        if !noteChecksum(EventFlags(rawValue: header.flags)) { return invalidate(.checksum) }
        return noteCrossing(now: header.time, limits)
    }

    /// Takes over a state that the adapter found by the venue's rules.
    mutating func apply(status: BookValidity) {
        switch status {
        case .empty: empty()
        case .syncing:
            validity = .syncing
            isLoaded = false
        case .live: if isLoaded { validity = .live }
        case .invalid(let reason):
            if reason == .gap { counters.gaps &+= 1 }
            if reason == .checksum { counters.checksumsFailed &+= 1 }
            _ = invalidate(reason)
        }
    }

    /// Rescales the levels after a definition with finer exponents; a level that does not fit makes
    /// the book invalid.
    mutating func rescale(
        to definition: InstrumentDefinition, priceFactor: Int64, sizeFactor: Int64
    ) -> BookChange {
        bounds = LevelBounds(
            priceExponent: definition.priceExponent, sizeExponent: definition.sizeExponent)
        let bids = scaled(book.bids, priceFactor, sizeFactor)
        let asks = scaled(book.asks, priceFactor, sizeFactor)
        let bidLimit = bidHorizon.multipliedReportingOverflow(by: priceFactor)
        let askLimit = askHorizon.multipliedReportingOverflow(by: priceFactor)
        guard let bids, let asks, !bidLimit.overflow, !askLimit.overflow else {
            book.clear()
            return invalidate(.overflow)
        }
        book.clear()
        for level in bids { book.bids.load(level) }
        for level in asks { book.asks.load(level) }
        bidHorizon = bidLimit.partialValue
        askHorizon = askLimit.partialValue
        return .ordinary
    }

    private func scaled(
        _ side: borrowing BookSide, _ priceFactor: Int64, _ sizeFactor: Int64
    ) -> [KeptLevel]? {
        var result: [KeptLevel] = []
        result.reserveCapacity(side.count)
        var fits = true
        side.visit { level in
            let price = level.price.multipliedReportingOverflow(by: priceFactor)
            let size = level.size.multipliedReportingOverflow(by: sizeFactor)
            let scaled = PriceLevel(price: price.partialValue, size: size.partialValue)
            fits = fits && !price.overflow && !size.overflow
            fits = fits && bounds.allow(price: scaled.price, size: scaled.size)
            result.append(
                KeptLevel(price: scaled.price, size: scaled.size, insertedAt: level.insertedAt))
            return fits
        }
        return fits ? result : nil
    }

    private mutating func noteApplied(_ header: EventHeader) {
        lastReceived = header.receivedAt
        if header.source != Timestamp.none { lastSource = header.source }
    }

    private mutating func noteChecksum(_ flags: EventFlags) -> Bool {
        if flags.contains(.checksumPassed) { counters.checksumsPassed &+= 1 }
        guard flags.contains(.checksumFailed) else { return true }
        counters.checksumsFailed &+= 1
        return false
    }

    private mutating func noteCrossing(now: Int64, _ limits: CrossingLimits) -> BookChange {
        guard book.isCrossed else {
            crossedSince = Timestamp.none
            crossedEvents = 0
            return .ordinary
        }
        if crossedSince == Timestamp.none { crossedSince = now }
        crossedEvents &+= 1
        guard now &- crossedSince > limits.nanosMax || crossedEvents > limits.eventsMax else {
            return .ordinary
        }
        return invalidate(.crossed)
    }

    private mutating func invalidate(_ reason: InvalidReason) -> BookChange {
        validity = .invalid(reason)
        isLoaded = false
        crossedSince = Timestamp.none
        crossedEvents = 0
        return .resyncNeeded
    }

    private func worst(_ levels: UnsafeBufferPointer<PriceLevel>, isBid: Bool) -> Int64 {
        var worst: Int64 = 0
        for level in levels where level.size != 0 {
            if worst == 0 || (isBid ? level.price < worst : level.price > worst) {
                worst = level.price
            }
        }
        return worst
    }
}

/// How long a book may be crossed in itself.
struct CrossingLimits {
    var nanosMax: Int64
    var eventsMax: UInt32
}
