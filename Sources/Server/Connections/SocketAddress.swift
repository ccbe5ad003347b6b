import Foundation

/// A `ws`, `wss`, `http` or `https` address, taken apart.
public struct SocketAddress: Equatable, Sendable {
    /// Whether it is spoken to over TLS.
    public var isSecure: Bool
    /// Host name or address.
    public var host: String
    /// Port.
    public var port: Int
    /// Path and query, with the slash in front.
    public var path: String

    /// The address of `url`; nil when it is none of these.
    public init?(_ url: String) {
        guard let separator = url.range(of: "://") else { return nil }
        switch url[..<separator.lowerBound] {
        case "ws", "http": isSecure = false
        case "wss", "https": isSecure = true
        default: return nil
        }
        // Nothing that a request could not carry as it is.
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let rest = url[separator.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@"), !authority.contains("[") else { return nil }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return nil }
        host = String(name)
        if parts.count == 2 {
            guard let number = Int(parts[1]), (1...65_535).contains(number) else { return nil }
            port = number
        } else {
            port = isSecure ? 443 : 80
        }
        let tail = rest[end...]
        path = tail.isEmpty ? "/" : tail.first == "/" ? String(tail) : "/" + tail
    }

    /// The name that the certificate has to be for; nil for an address, which has none in TLS.
    var serverName: String? {
        host.allSatisfy { $0.isNumber || $0 == "." } ? nil : host
    }

    /// Host and port, as budgets and the `Host` field name them.
    public var authority: String {
        port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
    }
}
