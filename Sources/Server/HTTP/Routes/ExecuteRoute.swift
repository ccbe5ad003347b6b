import Engine
import HTTPTypes

/// `POST /api/execute`: prices an order against the book as it is, routed and naive.
enum ExecuteRoute {
    static func route(_ services: FrontServices) -> Route {
        Route(
            method: "POST", path: "/api/execute",
            summary: "Prices an order against the present book: smart routing and naive.",
            cost: .order, body: "Order", statuses: [400, 404, 409, 413, 415, 429, 503]
        ) { request in
            let order = try ExecuteRoute.order(request.body)
            let answer = try await services.ask { engine -> Result<[UInt8], OrderError> in
                var bytes: [UInt8] = []
                do throws(OrderError) {
                    try engine.execute(order, to: &bytes)
                    return .success(bytes)
                } catch {
                    return .failure(error)
                }
            }
            switch answer {
            case .success(let bytes): return Answer(json: bytes)
            case .failure(let error): throw HTTPFailure(error, order)
            }
        }
    }

    /// The order that a body means.
    static func order(_ body: [UInt8]) throws(HTTPFailure) -> Order {
        var texts: [String: String] = [:]
        var fees: [VenueFee] = []
        for member in try BodyFields.members(body) {
            switch (member.key, member.value) {
            case ("symbol", .string(let text)), ("side", .string(let text)),
                ("venue", .string(let text)), ("notional_usd", .number(let text)):
                texts[member.key] = text
            case ("fee_bps", .object(let table)): fees = try ExecuteRoute.fees(table)
            case ("notional_usd", _): throw .field(member.key, "type", "a number")
            case ("fee_bps", _): throw .field(member.key, "type", "an object of venues and bps")
            case ("symbol", _), ("side", _), ("venue", _):
                throw .field(member.key, "type", "a string")
            default:
                throw .field(
                    member.key, "unknown",
                    "the fields are symbol, side, notional_usd, fee_bps, venue")
            }
        }
        for field in ["symbol", "side", "notional_usd"] where texts[field] == nil {
            throw .field(field, "missing", "it is needed")
        }
        do throws(FieldError) {
            return try OrderText.order(
                symbol: texts["symbol"] ?? "", side: texts["side"] ?? "",
                notional: texts["notional_usd"] ?? "", fees: fees, venue: texts["venue"])
        } catch {
            throw HTTPFailure(error)
        }
    }

    private static func fees(_ table: [JSONMember]) throws(HTTPFailure) -> [VenueFee] {
        var fees: [VenueFee] = []
        for member in table {
            guard case .number(let text) = member.value else {
                throw .field("fee_bps", "type", "'\(member.key)' has no number of bps")
            }
            do throws(FieldError) {
                fees.append(try OrderText.fee(member.key, text))
            } catch {
                throw HTTPFailure(error)
            }
        }
        return fees
    }
}

extension HTTPFailure {
    /// A field of an order, by its name in the API.
    init(_ error: FieldError) {
        let names = ["notional": "notional_usd", "fees": "fee_bps"]
        self = .field(names[error.field] ?? error.field, "value", error.message)
    }

    /// Why an order has no answer.
    init(_ error: OrderError, _ order: Order) {
        self.init(OrderText.explain(error, order))
        switch error {
        case .unknownSymbol: (status, rule) = (.notFound, "unknown")
        case .venueNotUsable: (status, rule) = (.conflict, "not-usable")
        case .notRoutable: (status, rule) = (.conflict, "not-routable")
        case .badNotional, .badFee, .overflow: break
        }
    }
}
