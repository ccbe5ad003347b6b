public import Journal
import NIOSSL

/// How a live journal is kept.
public struct LiveJournal: Sendable {
    /// What the writer is told.
    public var configuration = JournalConfiguration()
    /// How much of it is kept; the default: everything.
    public var retention = RetentionPolicy()

    /// The defaults.
    public init() {}
}

/// Whose certificates venues may show.
public struct TrustedRoots: Sendable {
    let value: NIOSSLTrustRoots

    /// Those of the system.
    public static let system = TrustedRoots(value: .default)
}
