import ArgumentParser
import Engine
import Foundation
import Server

/// One line of an order file. Unknown keys and values of another type are errors: an order is
/// never answered as another one than was asked.
struct OrderFields: Decodable {
    private var texts: [String: String] = [:]
    private var fees: [(venue: String, bps: String)] = []

    private static let keys: Set<String> = [
        "at_seq", "at_time", "at_ts_ns", "symbol", "side", "notional", "fees", "venue",
    ]

    /// Any key of an object.
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        for key in object.allKeys {
            guard OrderFields.keys.contains(key.stringValue) else {
                throw Failure("unknown field '\(key.stringValue)'")
            }
            if key.stringValue == "fees" {
                try readFees(try object.nestedContainer(keyedBy: Key.self, forKey: key))
            } else if let text = try OrderFields.text(object, key) {
                texts[key.stringValue] = text
            }
        }
    }

    private mutating func readFees(_ table: KeyedDecodingContainer<Key>) throws {
        for venue in table.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
            guard let bps = try OrderFields.text(table, venue) else {
                throw Failure("fees: null is not a number of bps")
            }
            fees.append((venue.stringValue, bps))
        }
    }

    /// A text or a number, as text; nil for null. Numbers keep their digits.
    private static func text(
        _ object: KeyedDecodingContainer<Key>, _ key: Key
    ) throws -> String? {
        if try object.decodeNil(forKey: key) { return nil }
        if let text = try? object.decode(String.self, forKey: key) { return text }
        guard (try? object.decode(Bool.self, forKey: key)) == nil,
            let number = try? object.decode(Foundation.Decimal.self, forKey: key)
        else { throw Failure("\(key.stringValue): neither text nor number") }
        return "\(number)"
    }

    func order() throws -> Order {
        guard let symbol = texts["symbol"], let side = texts["side"],
            let notional = texts["notional"]
        else { throw ValidationError("symbol, side and notional are needed") }
        return try OrderText.order(
            symbol: symbol, side: side, notional: notional,
            fees: try fees.map { try OrderText.fee($0.venue, $0.bps) }, venue: texts["venue"])
    }

    /// The moment that was asked for; the end of the log when none was.
    func moment() throws -> Moment {
        let given = ["at_seq", "at_time", "at_ts_ns"].filter { texts[$0] != nil }
        guard let field = given.first, let text = texts[field] else { return .end }
        guard given.count == 1 else {
            throw ValidationError("\(given.joined(separator: " and ")): give one of them")
        }
        if field == "at_seq" {
            guard let sequence = UInt64(text) else {
                throw ValidationError("at_seq: '\(text)' is not a sequence")
            }
            return .sequence(sequence)
        }
        guard let time = TimeText.nanos(text) else {
            throw ValidationError("\(field): '\(text)' is not a time (ISO 8601 or unix)")
        }
        return .time(time)
    }

    /// What is wrong with a line, in words.
    static func reason(_ error: any Error) -> String {
        if let error = error as? ValidationError { return error.message }
        if let error = error as? FieldError { return error.description }
        if let failure = Failure(error) { return failure.description }
        guard case DecodingError.dataCorrupted = error else { return "a value of another type" }
        return "not a JSON object"
    }
}
