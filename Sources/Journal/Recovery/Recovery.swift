/// What was found in one segment, as far as it decides what is done about it.
struct SegmentFinding: Hashable {
    /// Where the segment stands in the journal.
    enum Place: CaseIterable {
        /// It ends with a footer, which is intact unless it is the last one.
        case sealed
        /// The last one, without a footer, or with the beginnings of one.
        case lastOpen
        /// Unsealed, and its successor says that it was closed after a write error.
        case abandoned
        /// Unsealed, and its successor does not say so.
        case unsealedInside
    }

    enum Header: CaseIterable { case good, bad, newer }

    /// What follows the last intact block.
    enum Tail: CaseIterable { case clean, bad }

    /// Whether some intact header calls bytes durable that are not intact.
    enum Durable: CaseIterable { case intact, lost }

    /// Whether the caller's canonical bytes give the stored chain values.
    enum Chain: CaseIterable { case agrees, differs }

    var place: Place
    var header = Header.good
    var tail = Tail.clean
    var durable = Durable.intact
    var chain = Chain.agrees
    /// What to report, and where; decides nothing.
    var defect = Defect.trailing
    var offset = 0
}

/// Opening a journal knows three answers per segment, and this table gives them.
enum Recovery {
    enum Verdict: Hashable {
        /// Intact: go on behind the last block.
        case keep
        /// Torn by a crash: copy what is not intact aside, cut it, go on.
        case cut
        /// Corrupt or of the future: refuse to write, say where.
        case stop
    }

    /// A row holds for a finding when each of its columns does; nil stands for "any".
    struct Row {
        var name: String
        var places: [SegmentFinding.Place]
        var header: SegmentFinding.Header
        var chain: SegmentFinding.Chain?
        var durable: SegmentFinding.Durable?
        var tail: SegmentFinding.Tail?
        var verdict: Verdict

        func matches(_ finding: SegmentFinding) -> Bool {
            places.contains(finding.place) && header == finding.header
                && (chain == nil || chain == finding.chain)
                && (durable == nil || durable == finding.durable)
                && (tail == nil || tail == finding.tail)
        }
    }

    static let anywhere = SegmentFinding.Place.allCases
    static let beforeTheLast: [SegmentFinding.Place] = [.sealed, .abandoned, .unsealedInside]

    /// No two rows hold for one finding, and one always does; a test goes through all.
    static let rows: [Row] = [
        Row(
            name: "R1 a version of the future", places: anywhere, header: .newer,
            verdict: .stop),
        Row(
            name: "R2 torn while being made", places: [.lastOpen], header: .bad,
            durable: .intact, verdict: .cut),
        Row(
            name: "R3 lost the header of durable blocks", places: [.lastOpen], header: .bad,
            durable: .lost, verdict: .stop),
        Row(name: "R4 lost a header", places: beforeTheLast, header: .bad, verdict: .stop),
        Row(
            name: "R5 events do not give the chain", places: anywhere, header: .good,
            chain: .differs, verdict: .stop),
        Row(
            name: "R6 a hole inside the journal", places: [.unsealedInside], header: .good,
            chain: .agrees, verdict: .stop),
        Row(
            name: "R7 lost durable bytes", places: [.sealed, .lastOpen, .abandoned],
            header: .good, chain: .agrees, durable: .lost, verdict: .stop),
        Row(
            name: "R8 sealed and intact", places: [.sealed], header: .good, chain: .agrees,
            durable: .intact, tail: .clean, verdict: .keep),
        Row(
            name: "R9 sealed with bad bytes", places: [.sealed], header: .good,
            chain: .agrees, durable: .intact, tail: .bad, verdict: .stop),
        Row(
            name: "R10 open and intact", places: [.lastOpen], header: .good, chain: .agrees,
            durable: .intact, tail: .clean, verdict: .keep),
        Row(
            name: "R11 torn tail", places: [.lastOpen], header: .good, chain: .agrees,
            durable: .intact, tail: .bad, verdict: .cut),
        Row(
            name: "R12 closed after a write error", places: [.abandoned], header: .good,
            chain: .agrees, durable: .intact, verdict: .keep),
    ]

    /// The answer for a finding.
    static func verdict(_ finding: SegmentFinding) -> Verdict {
        guard let row = rows.first(where: { $0.matches(finding) }) else {
            preconditionFailure("the table has a hole: \(finding)")
        }
        return row.verdict
    }
}

extension SegmentFinding {
    /// What a scan of an unsealed segment amounts to.
    init(place: Place, _ scan: SegmentScan) {
        self.init(place: scan.damagedSeal == nil ? place : .sealed)
        tail = scan.hasBadTail ? .bad : .clean
        durable = scan.durableEnd > scan.end ? .lost : .intact
        chain = scan.disagreement == nil ? .agrees : .differs
        offset = scan.end
        if let disagreement = scan.disagreement {
            defect = disagreement.defect
            offset = disagreement.offset
        } else if let damagedSeal = scan.damagedSeal {
            defect = damagedSeal.defect
            offset = damagedSeal.offset
        } else if durable == .lost && tail == .clean {
            defect = .shorterThanDurable(scan.durableEnd)
        } else {
            defect = scan.defect ?? .trailing
        }
    }
}
