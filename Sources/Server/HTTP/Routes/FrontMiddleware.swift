import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Makes responses of refusals, and counts.
struct RefusalMiddleware: RouterMiddleware {
    typealias Context = FrontContext

    let routes: Set<String>
    let counters: RequestCounters

    func handle(
        _ request: Request, context: FrontContext,
        next: (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        let response: Response
        do {
            response = try await next(request, context)
        } catch let failure as HTTPFailure {
            response = Response(Answer(failure))
        }
        let path = String(context.request.head.path)
        counters.add(routes.contains(path) ? path : nil, response.status)
        return response
    }
}

/// Lets nobody in who may not ask, before anything is looked at.
struct BoundaryMiddleware: RouterMiddleware {
    typealias Context = FrontContext

    let boundary: Boundary

    func handle(
        _ request: Request, context: FrontContext,
        next: (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        let head = context.request.head
        try boundary.check(head, client: context.request.client)
        guard let origin = boundary.readableBy(head) else {
            return try await next(request, context)
        }
        if head.method == "OPTIONS" { return preflight(origin) }
        var response = try await next(request, context)
        allow(origin, &response.headers)
        return response
    }

    /// Tells a page of a listed origin what it may send.
    private func preflight(_ origin: String) -> Response {
        var response = Response(status: .noContent)
        allow(origin, &response.headers)
        response.headers[.accessControlAllowMethods] = "GET, HEAD, POST"
        response.headers[.accessControlAllowHeaders] = "content-type, authorization"
        response.headers[.accessControlMaxAge] = "600"
        return response
    }

    private func allow(_ origin: String, _ headers: inout HTTPFields) {
        headers[.accessControlAllowOrigin] = origin
        headers[.vary] = headers[.vary].map { "\($0), Origin" } ?? "Origin"
    }
}

/// Holds every client to its rate.
struct RateMiddleware: RouterMiddleware {
    typealias Context = FrontContext

    private final class Tables: Sendable {
        let orders = Mutex(RateTable())
        let others = Mutex(RateTable())
    }

    private let limits: HTTPLimits
    private let costs: [String: Route.Cost]
    private let tables = Tables()

    init(limits: HTTPLimits, costs: [String: Route.Cost]) {
        self.limits = limits
        self.costs = costs
    }

    func handle(
        _ request: Request, context: FrontContext,
        next: (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        let client = context.request.client
        let now = Int64(clamping: NIODeadline.now().uptimeNanoseconds)
        let wait: Int64?
        if case .order = costs[String(context.request.head.path)] {
            wait = tables.orders.withLock { $0.take(client, limits.executeRate, now) }
        } else {
            wait = tables.others.withLock { $0.take(client, limits.otherRate, now) }
        }
        if let wait {
            let seconds = Int((wait + 999_999_999) / 1_000_000_000)
            throw HTTPFailure(
                .tooManyRequests, "rate", "too many requests", retryAfter: max(1, seconds))
        }
        return try await next(request, context)
    }
}

/// Lets through what stands in the table, letter by letter, and says what a path takes.
struct PathMiddleware: RouterMiddleware {
    typealias Context = FrontContext

    private let methods: [String: [String]]

    init(routes: [Route]) {
        var methods: [String: [String]] = [:]
        for route in routes {
            methods[route.path, default: []] +=
                route.method == "GET" ? ["GET", "HEAD"] : [route.method]
        }
        self.methods = methods
    }

    func handle(
        _ request: Request, context: FrontContext,
        next: (Request, FrontContext) async throws -> Response
    ) async throws -> Response {
        let head = context.request.head
        guard let known = methods[String(head.path)] else {
            throw HTTPFailure(.notFound, "path", "nothing is here; see /openapi.json")
        }
        guard known.contains(head.method) else {
            let list = known.joined(separator: ", ")
            throw HTTPFailure(
                .methodNotAllowed, "method", "this takes \(list)",
                headers: [HeaderField("Allow", list)])
        }
        return try await next(request, context)
    }
}
