/// All routes: the one place that knows them.
enum RouteTable {
    static func all(_ services: FrontServices) -> [Route] {
        var routes = [
            StreamRoute.route(services), DepthRoute.route(services), BookRoute.route(services),
            ExecuteRoute.route(services), ReplayRoute.route(services),
            BookMetricsRoute.route(services), AtRoute.route(services),
            StatusRoute.route(services),
            JournalRoutes.segments(services), JournalRoutes.blocks(services),
            HistogramRoute.route(services), HealthRoute.route(services),
            MetricsRoute.route(services),
        ]
        if let addFault = services.controls.addFault {
            routes.append(FaultRoute.route(addFault))
        }
        if let player = services.controls.player { routes += PlayRoute.routes(player) }
        return routes + [OpenAPIRoute.route(routes, version: services.configuration.version)]
    }
}
