import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What a request brings to middleware and routes.
struct FrontContext: RequestContext {
    /// Where it comes from.
    struct Source: RequestContextSource {
        var logger: Logger
        var request: FrontRequest
        var session: SessionSlot
    }

    var coreContext: CoreRequestContextStorage
    let request: FrontRequest
    let session: SessionSlot

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        request = source.request
        session = source.session
    }
}

/// Where a route leaves the WebSocket that follows its answer.
final class SessionSlot: Sendable {
    private let session = Mutex<(@Sendable () -> any WebSocketSession)?>(nil)

    var value: (@Sendable () -> any WebSocketSession)? {
        get { session.withLock { $0 } }
        set { session.withLock { $0 = newValue } }
    }
}

/// The routes behind their middleware.
final class FrontRouter: Answering {
    private let responder: RouterResponder<FrontContext>
    private let services: FrontServices
    private let costs: [String: Route.Cost]
    private let logger: Logger

    init(_ services: FrontServices, boundary: Boundary, logger: Logger) {
        self.services = services
        self.logger = logger
        let routes = RouteTable.all(services)
        costs = Dictionary(uniqueKeysWithValues: routes.map { ($0.path, $0.cost) })
        let router = Router(context: FrontContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(
            middleware: RefusalMiddleware(
                routes: Set(costs.keys), counters: services.counters))
        router.add(middleware: BoundaryMiddleware(boundary: boundary))
        router.add(middleware: RateMiddleware(limits: services.limits, costs: costs))
        router.add(middleware: PathMiddleware(routes: routes))
        for route in routes {
            let method = HTTPRequest.Method(rawValue: route.method) ?? .get
            router.on(RouterPath(route.path), method: method) { request, context in
                try await FrontRouter.run(route, context)
            }
        }
        responder = router.buildResponder()
    }

    private static func run(_ route: Route, _ context: FrontContext) async throws -> Response {
        let request = context.request
        let query = try Query(request.head.query, route.parameters)
        let answer = try await route.handler(
            RouteRequest(head: request.head, query: query, body: request.body))
        context.session.value = answer.session
        return Response(answer)
    }

    func timeLimitMillis(_ head: RequestHead) -> Int64 {
        switch costs[String(head.path)] {
        case .order: services.limits.executeMillis
        case .history: services.limits.historyMillis
        case .other, nil: services.limits.otherMillis
        }
    }

    func count(_ head: RequestHead?, _ status: HTTPResponse.Status) {
        let path = head.map { String($0.path) }
        services.counters.add(path.flatMap { costs[$0] == nil ? nil : $0 }, status)
    }

    func answer(_ request: FrontRequest) async -> Answer {
        let slot = SessionSlot()
        let context = FrontContext(
            source: FrontContext.Source(logger: logger, request: request, session: slot))
        do {
            let response = try await responder.respond(
                to: try Request(request.head), context: context)
            return try await Answer(response, session: slot.value)
        } catch {
            // Every refusal became a response already: this is ours.
            logger.error("an answer failed", metadata: ["error": "\(error)"])
            return Answer(
                HTTPFailure(.internalServerError, "internal", "this should not have happened"))
        }
    }
}

extension Request {
    /// The request as the router sees it; bodies are complete and travel in the context.
    init(_ head: RequestHead) throws {
        guard let method = HTTPRequest.Method(rawValue: head.method) else {
            throw HTTPFailure(.badRequest, "method", "no method")
        }
        var fields = HTTPFields()
        for field in head.headers {
            if let name = HTTPField.Name(field.name) {
                fields.append(HTTPField(name: name, value: field.value))
            }
        }
        self.init(
            head: HTTPRequest(
                method: method, scheme: "http", authority: head.host, path: head.target,
                headerFields: fields), body: RequestBody(buffer: ByteBuffer()))
    }
}

extension Response {
    /// An answer as the router passes it on.
    init(_ answer: Answer) {
        var fields = HTTPFields()
        for field in answer.headers {
            if let name = HTTPField.Name(field.name) {
                fields.append(HTTPField(name: name, value: field.value))
            }
        }
        if answer.closes { fields[.connection] = "close" }
        self.init(
            status: answer.status, headers: fields, body: ResponseBody(byteBuffer: answer.body))
    }
}

extension Answer {
    /// A response of the router, its body in one piece.
    init(_ response: Response, session: (@Sendable () -> any WebSocketSession)?) async throws {
        status = response.status
        for field in response.headers {
            switch field.name {
            case .contentLength: length = Int(field.value)
            case .connection where session == nil: closes = field.value == "close"
            default: headers.append(HeaderField(field.name.rawName, field.value))
            }
        }
        let collected = BodyCollector.Box()
        try await response.body.write(BodyCollector(box: collected))
        body = collected.buffer
        self.session = session
    }
}

/// Takes the body of a response; one buffer stays one and is not copied.
private struct BodyCollector: ResponseBodyWriter {
    final class Box {
        var buffer = ByteBuffer()
    }

    let box: Box

    mutating func write(_ buffer: ByteBuffer) async throws {
        var buffer = buffer
        if box.buffer.readableBytes == 0 {
            box.buffer = buffer
        } else {
            box.buffer.writeBuffer(&buffer)
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
