import HTTPTypes

// Who may ask (`reliability.md` 4, S.1 to S.3):
// 1. Host names this server: a foreign name that leads here is a rebinding attack;
// 2. where a token is needed, it is there;
// 3. what changes something, or opens a WebSocket, comes from our own pages or from programs:
//    a foreign Origin, `null` and `Sec-Fetch-Site: cross-site` are refused;
// 4. a body is JSON by its own declaration, which a form of a foreign page cannot make.

/// Decides whether a request may be looked at.
struct Boundary: Sendable {
    private let hosts: Set<String>
    private let origins: Set<String>
    private let token: BearerToken?
    private let allowsRemoteUnauthenticated: Bool

    /// The boundary of a server on `port`.
    init(_ configuration: HTTPConfiguration, port: Int) {
        var hosts: Set<String> = []
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            hosts.insert("\(host):\(port)")
            if port == 80 { hosts.insert(host) }
        }
        for host in configuration.allowedHosts { hosts.insert(host.lowercased()) }
        self.hosts = hosts
        origins = Set(configuration.allowedOrigins.map { $0.lowercased() })
        token = configuration.token
        allowsRemoteUnauthenticated = configuration.allowsRemoteUnauthenticated
    }

    /// Lets the request pass or says why not. `client` is the address that it comes from.
    func check(_ head: RequestHead, client: String) throws(HTTPFailure) {
        guard hosts.contains(head.host.lowercased()) else {
            throw HTTPFailure(
                .misdirectedRequest, "host", field: "host", "this server has another name")
        }
        // A browser asks a listed page's question without its secrets first.
        let isPreflight = head.method == "OPTIONS" && readableBy(head) != nil
        if let token, !isPreflight, !token.isBrought(by: head["authorization"]) {
            throw HTTPFailure(
                .unauthorized, "token", field: "authorization", "a bearer token is needed",
                headers: [HeaderField("WWW-Authenticate", "Bearer")])
        }
        if isGuarded(head) { try checkOrigin(head, client: client) }
        try checkContent(head)
    }

    private func isGuarded(_ head: RequestHead) -> Bool {
        head.wantsWebSocket || !["GET", "HEAD", "OPTIONS"].contains(head.method)
    }

    private func checkOrigin(_ head: RequestHead, client: String) throws(HTTPFailure) {
        let site = head["sec-fetch-site"]?.lowercased()
        guard site != "cross-site" else {
            throw HTTPFailure(
                .forbidden, "fetch-site", field: "sec-fetch-site", "a page of another site asks")
        }
        if let origin = head["origin"]?.lowercased() {
            guard origin == "http://" + head.host.lowercased() || origins.contains(origin) else {
                throw HTTPFailure(
                    .forbidden, "origin", field: "origin", "a page of another origin asks")
            }
        } else if !HTTPConfiguration.isLoopback(client), token == nil,
            !allowsRemoteUnauthenticated
        {
            throw HTTPFailure(
                .forbidden, "origin", field: "origin", "from elsewhere a token is needed")
        }
    }

    private func checkContent(_ head: RequestHead) throws(HTTPFailure) {
        if let coding = head["content-encoding"], coding.lowercased() != "identity" {
            throw HTTPFailure(
                .unsupportedMediaType, "content-encoding", field: "content-encoding",
                "a body is sent as it is")
        }
        guard ["POST", "PUT", "PATCH"].contains(head.method) else { return }
        let type = (head["content-type"] ?? "").split(separator: ";", maxSplits: 1)
        let parameter = type.count > 1 ? type[1].filter { $0 != " " }.lowercased() : ""
        guard let name = type.first,
            HTTPText.trimmed(Array(name.utf8)).lowercased() == "application/json",
            ["", "charset=utf-8", "charset=\"utf-8\""].contains(parameter)
        else {
            throw HTTPFailure(
                .unsupportedMediaType, "content-type", field: "content-type",
                "a body is application/json")
        }
    }

    /// The origin that may read the answer though it is another one.
    func readableBy(_ head: RequestHead) -> String? {
        guard let origin = head["origin"], origins.contains(origin.lowercased()) else { return nil }
        return origin
    }
}
