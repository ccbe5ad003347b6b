internal import Venues

/// What may go wrong between a simulated venue and the live core.
enum FaultKind: Int, CaseIterable {
    /// One message: it never arrives, twice, behind the next one, behind some later ones, late
    /// with all behind it, without its end, with a byte that is no text, with a bit that is
    /// another one, with another sequence number, with another checksum.
    case drop, duplicate, reorder, late, delay, truncate, garble, corrupt, wrongSequence
    case wrongChecksum
    /// The line: cut; closed by the venue with a code; silent for a while and then all at once;
    /// half-open; the venue is gone; the next attempt to connect hangs.
    case cut, closed, stall, halfOpen, outage, hang
    /// The next answer to a request: a former one, late, none, an error, too many requests, a
    /// ban, without its end.
    case oldAnswer, lateAnswer, noAnswer, errorAnswer, limited, banned, cutAnswer
    /// The machine: its calendar is stepped; the process dies and begins again on its journal.
    case clockStep, kill

    /// Whether something that the venue said is missing, or out of its order.
    var isLoss: Bool {
        switch self {
        case .drop, .reorder, .late, .truncate, .garble, .corrupt: true
        default: false
        }
    }

    /// Whether what the venue uses to show a loss says something else.
    var isLie: Bool { self == .wrongSequence || self == .wrongChecksum }

    /// Whether it is about an answer to a request.
    var isAnswer: Bool {
        (FaultKind.oldAnswer.rawValue...FaultKind.cutAnswer.rawValue).contains(rawValue)
    }

    /// Whether it strikes one message.
    var isMessage: Bool { rawValue <= FaultKind.wrongChecksum.rawValue }

    /// What may happen to a feed. Left out is what no client can see (`docs/VENUES.md`, Known
    /// limits): a digit that became another one where there is no checksum; a message that is
    /// missing where there is no sequence, beyond the ten levels of the checksum.
    static func kinds(_ feed: SimulatedFeed, hasLosses: Bool) -> [FaultKind] {
        allCases.filter { kind in
            switch kind {
            case .drop, .reorder, .late: feed != .krakenSpot || hasLosses
            case .corrupt: feed == .krakenSpot && hasLosses
            case .wrongChecksum: feed == .krakenSpot
            case .wrongSequence: feed != .krakenSpot
            case .clockStep, .kill: false
            default: !kind.isAnswer || feed.needsRequestedSnapshot
            }
        }
    }
}
