import HTTPTypes

/// `POST /api/faults`: a simulated venue gets a fault; with simulated venues only.
enum FaultRoute {
    static func route(
        _ addFault: @escaping @Sendable (VenueFault) async throws -> Bool
    ) -> Route {
        Route(
            method: "POST", path: "/api/faults",
            summary: "Gives a simulated venue a fault; times count from now.",
            body: "Fault", statuses: [400, 404, 413, 415, 429]
        ) { request in
            let fields = try BodyFields(request.body, ["venue_fault"])
            let text = try fields.string("venue_fault") ?? ""
            let fault: VenueFault
            do throws(VenueFault.Malformed) { fault = try VenueFault(text) } catch {
                throw HTTPFailure.field("venue_fault", "form", error.description)
            }
            guard try await addFault(fault) else {
                throw HTTPFailure(
                    .notFound, "unknown", field: "venue_fault",
                    "'\(fault.feed)' is not among the simulated feeds")
            }
            var json = JSONBytes()
            json.object { json in
                json.key("venue_fault")
                json.string(text)
            }
            return Answer(json: json.bytes)
        }
    }
}
