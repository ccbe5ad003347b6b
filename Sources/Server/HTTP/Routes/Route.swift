/// A parameter of a route; `/openapi.json` says the same.
struct Parameter: Sendable {
    /// What its value is.
    enum Kind: String, Sendable {
        case symbol
        case window
        case sequence
        case time
        case number
        case speed
        case venue
        case decimal
    }

    var name: String
    var kind: Kind
    var isRequired = false
    var summary: String

    /// The symbol of a request; the default one without it.
    static let symbol = Parameter(name: "symbol", kind: .symbol, summary: "Consolidated symbol.")
}

/// A route: the router, the document and the limits are made from this one description.
struct Route: Sendable {
    /// Which of the limits for time and rate hold.
    enum Cost: Sendable {
        case order
        case history
        case other
    }

    var method = "GET"
    var path: String
    var summary: String
    var cost = Cost.other
    var parameters: [Parameter] = []
    /// Name of the body's schema in the document.
    var body: String?
    /// Content type of the answer.
    var answers = "application/json"
    /// Statuses beside 200 (or 101) that say something of their own.
    var statuses: [Int] = []
    /// Whether it opens a WebSocket.
    var isWebSocket = false
    /// Answers a request.
    var handler: @Sendable (RouteRequest) async throws -> Answer
}

/// A request at its route.
struct RouteRequest: Sendable {
    var head: RequestHead
    var query: Query
    var body: [UInt8]
}
