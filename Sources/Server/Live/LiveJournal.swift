public import Journal
import NIOSSL

/// How a live journal is kept.
public struct LiveJournal: Sendable {
    /// What the writer is told.
    public var configuration = JournalConfiguration()

    /// The defaults.
    public init() {}
}

/// Whose certificates venues may show.
public struct TrustedRoots: Sendable {
    let value: NIOSSLTrustRoots

    /// Those of the system.
    public static let system = TrustedRoots(value: .default)
}
