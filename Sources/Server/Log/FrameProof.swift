import Engine
import Foundation
import Journal

/// Whether a frame that somebody kept is the one that the log gives (`semantics.md` 31).
public enum FrameVerdict: Equatable, Sendable {
    /// Every byte is.
    case match
    /// It is no frame, or names a tick, a symbol or a window that the log does not have: why.
    case unknown(String)
    /// The log gives this one instead, which differs from this byte on.
    case differs(expected: String, at: Int)
}

/// Proves frames: folds the log to each one's sequence and compares bytes, not values.
public final class FrameProof {
    /// What a kept frame says of itself.
    private struct Claim {
        let index: Int
        let sequence: UInt64
        let symbol: [UInt8]
        let kind: Kind
        let bytes: [UInt8]
    }

    /// What a kept frame is one of.
    private enum Kind {
        /// Of a window (S0.3).
        case window(UInt32)
        /// Of a venue's book, with at most so many levels a side (S1.6).
        case book(Venue, levels: Int)

        /// What the fields of a frame say of it; nil: it is no frame.
        init?(_ object: [String: Any]) {
            if let window = (object["window_bps"] as? NSNumber)?.uint32Value {
                self = .window(window)
            } else if let name = object["venue"] as? String, let venue = Venue(id: Array(name.utf8))
            {
                let sides = ["bids", "asks"].map { (object[$0] as? [Any])?.count ?? 0 }
                self = .book(venue, levels: max(sides[0], sides[1]))
            } else {
                return nil
            }
        }
    }

    private let log: LogReader
    private var claims: [Claim] = []
    private var verdicts: [FrameVerdict] = []

    /// A fold over more events than this is cut short by a checkpoint.
    private static let jumpEvents: UInt64 = 50_000

    /// Proofs from `log`.
    public init(_ log: LogReader) { self.log = log }

    /// The verdicts on `frames`, each one line as it was served, in their order.
    ///
    /// - Throws: what the log says; `otherEngine` where it is of another version of the fold.
    public func run(_ frames: [[UInt8]]) throws(LogError) -> [FrameVerdict] {
        let bounds = try log.bounds()
        verdicts = Array(repeating: .match, count: frames.count)
        claims = []
        for (index, frame) in frames.enumerated() { claim(frame, index, bounds) }
        claims.sort { ($0.sequence, $0.index) < ($1.sequence, $1.index) }
        try fold()
        return verdicts
    }

    private func claim(_ frame: [UInt8], _ index: Int, _ bounds: ClosedRange<UInt64>) {
        let object = try? JSONSerialization.jsonObject(with: Data(frame)) as? [String: Any]
        guard let object else { return verdicts[index] = .unknown("not a JSON object") }
        guard let sequence = (object["seq"] as? NSNumber)?.uint64Value,
            let symbol = object["symbol"] as? String, let kind = Kind(object)
        else {
            return verdicts[index] = .unknown(
                "not a frame: no seq, symbol, and window_bps or venue")
        }
        guard bounds.contains(sequence) else {
            verdicts[index] = .unknown(
                "seq \(sequence) is not in the log, which has "
                    + "\(bounds.lowerBound)…\(bounds.upperBound)")
            return
        }
        claims.append(
            Claim(
                index: index, sequence: sequence, symbol: Array(symbol.utf8), kind: kind,
                bytes: frame))
    }

    private func fold() throws(LogError) {
        guard let first = claims.first else { return }
        var next = 0
        var engine = try log.checkpoint(notAfter: first.sequence - 1)
        var outputs = OutputBuffer(wantsFrames: true)
        while next < claims.count {
            let wanted = claims[next].sequence
            if wanted > engine.sequence + FrameProof.jumpEvents {
                let nearer = try log.checkpoint(notAfter: wanted - 1)
                if nearer.sequence > engine.sequence { engine = nearer }
            }
            try foldOn(&engine, &outputs, &next)
        }
    }

    /// Folds from the state on until a claim lies far ahead, or all are decided.
    private func foldOn(
        _ engine: inout Engine, _ outputs: inout OutputBuffer, _ next: inout Int
    ) throws(LogError) {
        var decided = next
        defer { next = decided }
        try log.forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
            let start = try LogReader.start(of: block, after: engine.sequence)
            for index in start..<block.count {
                guard decided < claims.count else { return false }
                let sequence = block.sequence(at: index)
                try log.apply(block, index..<(index + 1), to: &engine, &outputs) {
                    outputs, engine in
                    decide(sequence, outputs, engine, &decided)
                }
                while decided < claims.count, claims[decided].sequence == sequence {
                    verdicts[claims[decided].index] = .unknown(
                        "no frame was made at seq \(sequence)")
                    decided += 1
                }
            }
            guard decided < claims.count else { return false }
            return claims[decided].sequence <= engine.sequence + FrameProof.jumpEvents
        }
    }

    private func decide(
        _ sequence: UInt64, _ outputs: borrowing OutputBuffer, _ engine: borrowing Engine,
        _ decided: inout Int
    ) {
        guard outputs.outputs.contains(where: { $0.kind == .frame }) else { return }
        while decided < claims.count, claims[decided].sequence == sequence {
            let claim = claims[decided]
            verdicts[claim.index] = FrameProof.verdict(
                claim.bytes, FrameProof.made(claim, outputs, engine))
            decided += 1
        }
    }

    /// The frame that the log gives; nil where it has none such.
    private static func made(
        _ claim: Claim, _ outputs: borrowing OutputBuffer, _ engine: borrowing Engine
    ) -> [UInt8]? {
        switch claim.kind {
        case .window(let window):
            let symbols = engine.symbols
            let output = outputs.outputs.last {
                $0.kind == .frame && $0.windowBps == window && symbols[$0.symbol] == claim.symbol
            }
            return output.map { Array(outputs.bytes(of: $0)) }
        case .book(let venue, let levels):
            var bytes: [UInt8] = []
            let isMade = engine.appendBookFrame(
                of: claim.symbol, venue: venue, levels: levels, digest: engine.digest, to: &bytes)
            return isMade ? bytes : nil
        }
    }

    private static func verdict(_ bytes: [UInt8], _ expected: [UInt8]?) -> FrameVerdict {
        guard let expected else { return .unknown("the log has no such symbol, window or venue") }
        if bytes == expected { return .match }
        let place = zip(bytes, expected).enumerated().first { $0.element.0 != $0.element.1 }
        return .differs(
            expected: String(decoding: expected, as: UTF8.self),
            at: place?.offset ?? min(bytes.count, expected.count))
    }
}
