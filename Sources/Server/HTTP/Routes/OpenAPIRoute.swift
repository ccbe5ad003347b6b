/// `GET /openapi.json`: this interface, made from the table of routes.
enum OpenAPIRoute {
    static let path = "/openapi.json"

    static func route(_ others: [Route], version: String) -> Route {
        var route = Route(path: path, summary: "This document.") { _ in Answer(json: []) }
        let document = json(others + [route], version: version)
        route.handler = { _ in Answer(json: document) }
        return route
    }

    /// OpenAPI 3.1 of `routes`.
    static func json(_ routes: [Route], version: String) -> [UInt8] {
        var json = JSONBytes()
        json.object { json in
            json.key("openapi")
            json.string("3.1.0")
            json.key("info")
            json.object { json in
                json.key("title")
                json.string("Tapefold")
                json.key("version")
                json.string(version)
            }
            json.key("paths")
            json.object { json in
                for route in routes {
                    json.key(route.path)
                    json.object { json in
                        json.key(route.method.lowercased())
                        append(route, &json)
                    }
                }
            }
            json.key("components")
            json.object { json in
                json.key("schemas")
                json.raw(schemas.utf8)
            }
        }
        return json.bytes
    }

    private static func append(_ route: Route, _ json: inout JSONBytes) {
        json.object { json in
            json.key("summary")
            json.string(route.summary)
            if !route.parameters.isEmpty {
                json.key("parameters")
                json.array { json in
                    for parameter in route.parameters { append(parameter, &json) }
                }
            }
            if let body = route.body {
                json.key("requestBody")
                json.raw(
                    """
                    {"required":true,"content":{"application/json":{"schema":\
                    {"$ref":"#/components/schemas/\(body)"}}}}
                    """.utf8)
            }
            json.key("responses")
            json.object { json in appendAnswers(route, &json) }
        }
    }

    private static func append(_ parameter: Parameter, _ json: inout JSONBytes) {
        json.object { json in
            json.key("name")
            json.string(parameter.name)
            json.key("in")
            json.string("query")
            json.key("required")
            json.bool(parameter.isRequired)
            json.key("description")
            json.string(parameter.summary)
            json.key("schema")
            json.raw("{\"$ref\":\"#/components/schemas/\(parameter.kind.rawValue)\"}".utf8)
        }
    }

    private static func appendAnswers(_ route: Route, _ json: inout JSONBytes) {
        json.key(route.isWebSocket ? "101" : "200")
        json.object { json in
            json.key("description")
            json.string(route.isWebSocket ? "The WebSocket is open." : route.summary)
            if !route.isWebSocket {
                let type = route.answers.split(separator: ";").first.map(String.init) ?? ""
                json.key("content")
                json.raw("{\"\(type)\":{}}".utf8)
            }
        }
        for status in route.statuses {
            json.key("\(status)")
            json.raw(
                """
                {"description":"Refused.","content":{"application/json":{"schema":\
                {"$ref":"#/components/schemas/Error"}}}}
                """.utf8)
        }
    }

    private static let schemas = """
        {"symbol":{"type":"string","maxLength":160},\
        "window":{"type":"string","examples":["050bps"]},\
        "sequence":{"type":"integer","minimum":0},\
        "time":{"type":"string","description":"Unix seconds, milliseconds, or ISO 8601 with Z."},\
        "number":{"type":"integer","minimum":0},\
        "speed":{"type":"string","examples":["1","max"]},\
        "venue":{"type":"string","examples":["binance"]},\
        "decimal":{"type":"number","exclusiveMinimum":0},\
        "Order":{"type":"object","additionalProperties":false,\
        "required":["symbol","side","notional_usd"],"properties":{"symbol":{"type":"string"},\
        "side":{"enum":["buy","sell"]},\
        "notional_usd":{"type":"number","exclusiveMinimum":0,"maximum":1000000000},\
        "fee_bps":{"type":"object","additionalProperties":\
        {"type":"number","minimum":-100,"maximum":1000}},"venue":{"type":"string"}}},\
        "Fault":{"type":"object","additionalProperties":false,"required":["venue_fault"],\
        "properties":{"venue_fault":{"type":"string","examples":["binance=down@0s+10s"]}}},\
        "Play":{"type":"object","additionalProperties":false,"required":["action"],\
        "properties":{"action":{"enum":["play","pause","step","seek"]},\
        "speed":{"type":["string","number"]},"ticks":{"type":"integer","minimum":1},\
        "seq":{"type":"integer","minimum":1},"t":{"type":["string","number"]}}},\
        "Error":{"type":"object","required":["error"],"properties":{"error":{"type":"object",\
        "required":["field","rule","message"],"properties":{"field":{"type":["string","null"]},\
        "rule":{"type":"string"},"message":{"type":"string"}}}}}}
        """
}
