import Testing

@testable import Journal

@Suite struct RecoveryTableTests {
    private var findings: [SegmentFinding] {
        var all: [SegmentFinding] = []
        for place in SegmentFinding.Place.allCases {
            for header in SegmentFinding.Header.allCases {
                for tail in SegmentFinding.Tail.allCases {
                    for durable in SegmentFinding.Durable.allCases {
                        for chain in SegmentFinding.Chain.allCases {
                            all.append(
                                SegmentFinding(
                                    place: place, header: header, tail: tail, durable: durable,
                                    chain: chain))
                        }
                    }
                }
            }
        }
        return all
    }

    @Test("the table has no hole and no overlap, and every row is needed")
    func complete() {
        var used: Set<String> = []
        for finding in findings {
            let rows = Recovery.rows.filter { $0.matches(finding) }
            #expect(rows.count == 1, "\(finding)")
            for row in rows { used.insert(row.name) }
        }
        #expect(used.count == Recovery.rows.count)
        print("recovery table: \(Recovery.rows.count) rows, \(findings.count) findings")
        #expect(findings.count == 96)
    }

    @Test("only the last, unsealed segment is ever cut, and never durable bytes")
    func cuts() {
        for finding in findings where Recovery.verdict(finding) == .cut {
            #expect(finding.place == .lastOpen)
            #expect(finding.durable == .intact)
            #expect(finding.header != .newer)
        }
    }
}
