import Engine

/// Columns of a per-level CSV, named by its first line.
enum BinanceCSVColumn: Int, CaseIterable {
    case receivedMicros, received, stream, eventType, eventTime, transactionTime, symbol
    case firstID, lastID, previousID, isAsk, price, size, pair, tradeID, isBuyerMaker, tradeKind
    case requested, snapshotID, streamType, market

    var name: StaticString {
        switch self {
        case .receivedMicros: "TimestampOfReceiveUS"
        case .received: "TimestampOfReceive"
        case .stream: "Stream"
        case .eventType: "EventType"
        case .eventTime: "EventTime"
        case .transactionTime: "TransactionTime"
        case .symbol: "Symbol"
        case .firstID: "FirstUpdateId"
        case .lastID: "FinalUpdateId"
        case .previousID: "FinalUpdateIdInLastStream"
        case .isAsk: "IsAsk"
        case .price: "Price"
        case .size: "Quantity"
        case .pair: "PSUnknownField"
        case .tradeID: "TradeId"
        case .isBuyerMaker: "IsBuyerMarketMaker"
        case .tradeKind: "XUnknownParameter"
        case .requested: "TimestampOfRequest"
        case .snapshotID: "LastUpdateId"
        case .streamType: "StreamType"
        case .market: "Market"
        }
    }
}

/// Where each column stands.
struct BinanceCSVHeader {
    private var places = [Int](repeating: -1, count: BinanceCSVColumn.allCases.count)
    private(set) var count = 0

    init(_ line: Bytes) {
        count = CSVRow.columns(in: line)
        for column in BinanceCSVColumn.allCases {
            for place in 0..<count {
                if let name = CSVRow.column(place, in: line), ByteText.equal(name, column.name) {
                    places[column.rawValue] = place
                }
            }
        }
    }

    func has(_ column: BinanceCSVColumn) -> Bool { places[column.rawValue] >= 0 }

    /// The text of a column; empty where the file has no such column.
    func text(_ column: BinanceCSVColumn, _ row: Bytes) -> Bytes {
        let place = places[column.rawValue]
        guard place >= 0, let text = CSVRow.column(place, in: row) else {
            return ByteText.slice(row, 0, 0)
        }
        return text
    }

    /// Whether two rows agree in `columns`.
    func agree(_ a: Bytes, _ b: Bytes, _ columns: [BinanceCSVColumn]) -> Bool {
        columns.allSatisfy { ByteText.equal(text($0, a), text($0, b)) }
    }

    /// The receive time of a row: microseconds where the file has them.
    func receivedAt(_ row: Bytes) throws(WireError) -> Int64 {
        try ReceiveTime.nanos(text(has(.receivedMicros) ? .receivedMicros : .received, row))
    }

    /// What a row is part of.
    func kind(_ row: Bytes) -> BinanceCSVKind? {
        let type = text(.streamType, row)
        if ByteText.equal(type, "DIFFERENCE_DEPTH_STREAM") { return .delta }
        if ByteText.equal(type, "TRADE_STREAM") { return .trade }
        if ByteText.equal(type, "DEPTH_SNAPSHOT") { return .snapshot }
        if ByteText.equal(type, "FINAL_DEPTH_SNAPSHOT") { return .finalBook }
        guard type.isEmpty else { return nil }
        let event = text(.eventType, row)
        if ByteText.equal(event, "depthUpdate") { return .delta }
        if ByteText.equal(event, "trade") { return .trade }
        return event.isEmpty && has(.snapshotID) ? .snapshot : nil
    }

    /// The venue where columns tell it: a `Market`, futures ids, or what only futures send.
    func venue(_ row: Bytes, market: Bytes) -> Venue {
        let market = has(.market) ? text(.market, row) : market
        if ByteText.equal(market, "SPOT") { return .binance }
        if ByteText.equal(market, "USD_M_FUTURES") { return .binanceUSDM }
        if ByteText.equal(market, "COIN_M_FUTURES") { return .binanceCoinM }
        if has(.pair) || ByteText.find("USD_", in: text(.symbol, row)) != nil {
            return .binanceCoinM
        }
        return has(.previousID) || has(.tradeKind) ? .binanceUSDM : .binance
    }
}

/// Messages that rows stand for.
enum BinanceCSVKind {
    /// A delta.
    case delta
    /// A trade; one row.
    case trade
    /// A REST depth.
    case snapshot
    /// The book at the end of the day before: each row with the ids of the delta that set it last.
    case finalBook

    /// Columns in which the rows of one message are equal.
    var key: [BinanceCSVColumn] {
        switch self {
        case .delta: BinanceCSVKind.deltaKey
        case .snapshot: BinanceCSVKind.snapshotKey
        case .finalBook: BinanceCSVKind.finalKey
        case .trade: []
        }
    }

    private static let deltaKey: [BinanceCSVColumn] = [
        .receivedMicros, .received, .stream, .symbol, .firstID, .lastID, .previousID, .streamType,
        .market,
    ]
    private static let snapshotKey: [BinanceCSVColumn] = [
        .receivedMicros, .received, .requested, .symbol, .snapshotID, .streamType, .market,
    ]
    private static let finalKey: [BinanceCSVColumn] = [
        .receivedMicros, .received, .stream, .symbol, .streamType, .market,
    ]
}
