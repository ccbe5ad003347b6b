import Engine
import Venues

/// What became of every message of an import: nothing is dropped silently.
struct ImportTally {
    var messages = 0
    var used = 0
    /// Malformed levels of snapshots that were left out.
    var levelsLeftOut = 0
    var unused: [UnusedReason: Int] = [:]
    var rejected: [RejectReason: Int] = [:]
    /// First places of each rejection: `file:line`.
    var examples: [RejectReason: [String]] = [:]
    private static let examplesMax = 5

    mutating func count(_ outcome: Outcome, at place: @autoclosure () -> String) {
        messages += 1
        switch outcome {
        case .used: used += 1
        case .usedWithout(let levels):
            used += 1
            levelsLeftOut += levels
        case .unused(let reason): unused[reason, default: 0] += 1
        case .rejected(let reason):
            rejected[reason, default: 0] += 1
            if examples[reason, default: []].count < ImportTally.examplesMax {
                examples[reason, default: []].append(place())
            }
        }
    }

    /// Messages of a kind that no adapter knows.
    var unexplained: Int {
        (rejected[.unknownMessage] ?? 0) + (unused[.noAdapter] ?? 0)
    }

    var object: [String: Any] {
        var unusedByReason: [String: Int] = [:]
        for (reason, count) in unused { unusedByReason["\(reason)"] = count }
        var rejectedByReason: [String: [String: Any]] = [:]
        for (reason, count) in rejected {
            rejectedByReason["\(reason)"] = [
                "count": count, "first_places": examples[reason] ?? [],
            ]
        }
        return [
            "messages": messages, "used": used, "levels_left_out": levelsLeftOut,
            "unused": unusedByReason, "rejected": rejectedByReason, "unexplained": unexplained,
        ]
    }

    var lines: [String] {
        var result = ["messages        \(grouped(messages)), used \(grouped(used))"]
        for (reason, count) in unused.sorted(by: {
            ($0.value, $0.key.rawValue) > ($1.value, $1.key.rawValue)
        }) {
            result.append("  not used      \(grouped(count)): \(reason.sentence)")
        }
        for (reason, count) in rejected.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let places = (examples[reason] ?? []).joined(separator: ", ")
            result.append("  rejected      \(grouped(count)): \(reason), first at \(places)")
        }
        if levelsLeftOut > 0 { result.append("  levels left out \(levelsLeftOut)") }
        result.append("unexplained     \(unexplained)")
        return result
    }
}
