import HTTPTypes

/// Why a request gets no answer: a status and the JSON that says it.
struct HTTPFailure: Error, Equatable, Sendable {
    /// The status.
    var status: HTTPResponse.Status
    /// The field or header that is to blame, where there is one.
    var field: String?
    /// The rule that was broken, one word that programs may compare.
    var rule: String
    /// The same for a person.
    var message: String
    /// Seconds after which the same may be asked again.
    var retryAfter: Int?
    /// Headers that the status asks for.
    var headers: [HeaderField] = []
    /// Whether the connection ends with it: what follows cannot be trusted to be a request.
    var closes = false

    /// A refusal of `status`.
    init(
        _ status: HTTPResponse.Status, _ rule: String, field: String? = nil, _ message: String,
        retryAfter: Int? = nil, headers: [HeaderField] = [], closes: Bool = false
    ) {
        self.status = status
        self.field = field
        self.rule = rule
        self.message = message
        self.retryAfter = retryAfter
        self.headers = headers
        self.closes = closes
    }

    /// A value of `field` that cannot be meant: 400.
    static func field(_ field: String, _ rule: String, _ message: String) -> HTTPFailure {
        HTTPFailure(.badRequest, rule, field: field, message)
    }

    /// `{"error":{"field":…,"rule":…,"message":…}}`
    var json: [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("error")
            json.object { json in
                json.key("field")
                if let field { json.string(field) } else { json.null() }
                json.key("rule")
                json.string(rule)
                json.key("message")
                json.string(message)
            }
        }
        return json.bytes
    }
}

/// A header as it goes out, or came in with its name in lower case.
struct HeaderField: Equatable, Sendable {
    /// The name.
    var name: String
    /// The value, without blanks around it.
    var value: String

    /// `name: value`.
    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
