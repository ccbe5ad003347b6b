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
        let symbol: String
        let windowBps: UInt32
        let bytes: [UInt8]
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
            let symbol = object["symbol"] as? String,
            let window = (object["window_bps"] as? NSNumber)?.uint32Value
        else { return verdicts[index] = .unknown("not a frame: no seq, symbol or window_bps") }
        guard bounds.contains(sequence) else {
            verdicts[index] = .unknown(
                "seq \(sequence) is not in the log, which has "
                    + "\(bounds.lowerBound)…\(bounds.upperBound)")
            return
        }
        claims.append(
            Claim(
                index: index, sequence: sequence, symbol: symbol, windowBps: window, bytes: frame))
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
            let start = Int(engine.sequence + 1 - block.firstSequence)
            for index in start..<block.count {
                guard decided < claims.count else { return false }
                let sequence = block.sequence(at: index)
                try log.apply(block, index..<(index + 1), to: &engine, &outputs) {
                    outputs, symbols in
                    decide(sequence, outputs, symbols, &decided)
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
        _ sequence: UInt64, _ outputs: borrowing OutputBuffer, _ symbols: [[UInt8]],
        _ decided: inout Int
    ) {
        guard outputs.outputs.contains(where: { $0.kind == .frame }) else { return }
        while decided < claims.count, claims[decided].sequence == sequence {
            let claim = claims[decided]
            var expected: [UInt8]?
            for output in outputs.outputs where output.kind == .frame {
                let name = String(decoding: symbols[output.symbol], as: UTF8.self)
                if name == claim.symbol, output.windowBps == claim.windowBps {
                    expected = Array(outputs.bytes(of: output))
                }
            }
            verdicts[claim.index] = FrameProof.verdict(claim.bytes, expected)
            decided += 1
        }
    }

    private static func verdict(_ bytes: [UInt8], _ expected: [UInt8]?) -> FrameVerdict {
        guard let expected else { return .unknown("the log has no such symbol or window") }
        if bytes == expected { return .match }
        let place = zip(bytes, expected).enumerated().first { $0.element.0 != $0.element.1 }
        return .differs(
            expected: String(decoding: expected, as: UTF8.self),
            at: place?.offset ?? min(bytes.count, expected.count))
    }
}
