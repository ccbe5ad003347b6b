import HTTPTypes
import Synchronization

/// Counts requests by route and class of status: fixed sets, never a client's words.
final class RequestCounters: Sendable {
    struct Key: Hashable, Comparable {
        var route: String
        var status: String

        static func < (a: Key, b: Key) -> Bool { (a.route, a.status) < (b.route, b.status) }
    }

    private let counts = Mutex<[Key: UInt64]>([:])

    /// Counts one of `route`, which stands in the table, or `none`.
    func add(_ route: String?, _ status: HTTPResponse.Status) {
        let key = Key(route: route ?? "none", status: "\(status.code / 100)xx")
        counts.withLock { $0[key, default: 0] += 1 }
    }

    /// All counts, in order.
    var all: [(key: Key, count: UInt64)] {
        counts.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}
