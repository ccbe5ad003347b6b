import Testing

@testable import Venues

/// T.15: whatever the line does, a book that calls itself live is the venue's book.
///
/// Two kinds of plan, because a lost message together with a wrong sequence number that hides just
/// this loss cannot be seen by anybody. What no protocol shows is left out for all feeds: a digit
/// that became another digit. Coinbase Exchange has no sequence: there a message that never came,
/// or came behind a later one, cannot be seen either, so its line only garbles, cuts, repeats,
/// stalls and disconnects. Kraken has no sequence either, but a checksum over ten levels a side
/// with every message: where its line loses messages or changes digits, those ten are compared.
///
/// A silent line is no fault that an adapter could see: up to the stall rule its books are those of
/// the moment when the silence began, and beyond it the fold calls them stale. What was held back
/// arrives at once then (`stalls`), or never, and the owner cuts the line (`halfOpen`).
@Suite("T.15: a live book is the venue's book")
struct FaultyLineTests {
    #if DEBUG
        static let seeds: UInt64 = 40
    #else
        static let seeds: UInt64 = 2_000
    #endif

    private func faults(_ feed: SimulatedFeed, _ seed: UInt64) -> LineFaults {
        var faults = LineFaults(disconnectsPerMille: 15)
        faults.stallsPerMille = 100
        faults.halfOpenPerMille = 80
        if feed == .coinbaseExchange {
            faults.perMille = [.duplicate: 20, .truncate: 4]
            faults.garbledPerMille = 4
            return faults
        }
        if feed == .krakenSpot { return checksumFaults(faults, seed) }
        faults.staleSnapshotsPerMille = 300
        if seed % 2 == 0 {
            faults.perMille = [.wrongSequence: 25, .duplicate: 20]
            if feed == .okxSpot { faults.lieAboutChecksumPerMille = 15 }
        } else {
            faults.latePerMille = 12
            faults.perMille = [.drop: 12, .duplicate: 20, .reorder: 20, .truncate: 8]
            faults.garbledPerMille = 8
        }
        return faults
    }

    /// A feed whose only guard is a checksum; it has more messages than the others.
    private func checksumFaults(_ basis: LineFaults, _ seed: UInt64) -> LineFaults {
        var faults = basis
        if seed % 2 == 0 {
            faults.lieAboutChecksumPerMille = 3
            faults.perMille = [.duplicate: 5, .truncate: 1]
            faults.garbledPerMille = 1
        } else {
            faults.levelsCompared = 10
            faults.latePerMille = 2
            faults.perMille = [.drop: 2, .duplicate: 5, .reorder: 3, .truncate: 1, .corrupt: 2]
            faults.garbledPerMille = 1
        }
        return faults
    }

    @Test("every second, each live book is equal or flagged", arguments: SimulatedFeed.allCases)
    func everySecond(feed: SimulatedFeed) {
        var total = FaultyLine.Result()
        var slowest = 0
        for seed in 1...FaultyLineTests.seeds {
            let line = FaultyLine(feed, seed: seed, faults(feed, seed))
            line.run(seconds: 8)
            let seconds = line.recover(secondsMax: 30)
            slowest = max(slowest, seconds ?? .max)
            total += line.result
            #expect(seconds != nil, "seed \(seed): not live again")
            #expect(line.result.wrong.isEmpty, "seed \(seed): \(line.result.wrong)")
        }
        print(
            "T.15 \(feed): \(FaultyLineTests.seeds) seeds, \(total.live) live books equal,",
            "\(total.flagged) flagged; \(total.stalls) stalls, \(total.halfOpen) half-open lines:",
            "\(total.old) equal to the last message, \(total.stale) stale; \(total.late) late,",
            "\(total.checksumLies) wrong checksums; live again within \(slowest) s")
        #expect(total.live > total.flagged / 4 && total.flagged > 0)
        #expect(total.stalls > 0 && total.halfOpen > 0 && total.old > 0 && total.stale > 0)
        #expect(feed == .coinbaseExchange || total.late > 0)
        let hasChecksum = feed == .okxSpot || feed == .krakenSpot
        #expect(hasChecksum == (total.checksumLies > 0))
    }
}
