/// Seeded faults for tests: what a network, a proxy or a venue may do to messages.
///
/// Rates are per thousand messages and independent of each other. Pure: the same plan does the
/// same to the same messages.
public struct FaultPlan: Sendable {
    /// What can happen to a message.
    public enum Fault: Int, CaseIterable, Sendable {
        /// It never arrives.
        case drop
        /// It arrives twice.
        case duplicate
        /// It arrives after the one behind it.
        case reorder
        /// It, and so all behind it, arrive up to two seconds late.
        case delay
        /// One bit of it is wrong.
        case corrupt
        /// Its end is missing.
        case truncate
        /// The first of its sequence numbers is wrong.
        case wrongSequence
        /// Its checksum is wrong.
        case wrongChecksum
    }

    /// How often each fault happened so far.
    public private(set) var counts: [Fault: Int] = [:]
    private let perMille: [Fault: Int]
    private var random: SimulatedRandom

    /// Longest delay, in milliseconds.
    private static var delayMillisMax: Int64 { 2_000 }

    /// Keys whose value is a venue's sequence number, in the order in which they are sought.
    private static let sequenceKeys: [StaticString] = [
        "\"pu\":", "\"U\":", "\"sequence_num\":", "\"sequence\":", "\"lastUpdateId\":",
        "\"prevSeqId\":", "\"seqId\":", "\"u\":",
    ]

    /// Keys whose value is a venue's checksum.
    private static let checksumKeys: [StaticString] = ["\"checksum\":"]

    /// A plan with these rates; a fault that is not named does not happen.
    public init(seed: UInt64, perMille: [Fault: Int]) {
        self.perMille = perMille
        random = SimulatedRandom(seed: seed, stream: 400)
    }

    /// The messages as they arrive. Receive times never decrease.
    public mutating func apply(_ messages: [SimulatedMessage]) -> [SimulatedMessage] {
        var arrived: [SimulatedMessage] = []
        var held: [SimulatedMessage] = []
        for message in messages {
            var copies = [message]
            let isLate = strike(&copies)
            if isLate && held.isEmpty {
                held = copies
            } else {
                arrived += copies + held
                held = []
            }
        }
        arrived += held
        var lastReceivedAt: Int64 = 0
        for index in arrived.indices {
            lastReceivedAt = max(lastReceivedAt, arrived[index].receivedAt)
            arrived[index].receivedAt = lastReceivedAt
        }
        return arrived
    }

    /// Does to one message what is drawn for it; true when the next one overtakes it.
    private mutating func strike(_ copies: inout [SimulatedMessage]) -> Bool {
        var isLate = false
        // A fixed order of faults: the dictionary of rates is only looked up.
        for fault in Fault.allCases where isDrawn(fault) {
            let before = copies
            switch fault {
            case .drop: copies = []
            case .duplicate: copies += copies
            case .reorder: isLate = true
            case .delay: for index in copies.indices { delay(&copies[index]) }
            case .corrupt: for index in copies.indices { corrupt(&copies[index].bytes) }
            case .truncate: for index in copies.indices { truncate(&copies[index].bytes) }
            case .wrongSequence:
                for index in copies.indices { lie(&copies[index].bytes, Self.sequenceKeys) }
            case .wrongChecksum:
                for index in copies.indices { lie(&copies[index].bytes, Self.checksumKeys) }
            }
            if fault == .reorder || copies != before { counts[fault, default: 0] += 1 }
        }
        return isLate
    }

    private mutating func isDrawn(_ fault: Fault) -> Bool {
        guard let rate = perMille[fault], rate > 0 else { return false }
        return random.chance(Int64(rate), in: 1_000)
    }

    private mutating func delay(_ message: inout SimulatedMessage) {
        message.receivedAt += random.below(Self.delayMillisMax) * 1_000_000
    }

    private mutating func corrupt(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes[Int(random.below(Int64(bytes.count)))] ^= 1 << UInt8(random.below(8))
    }

    private mutating func truncate(_ bytes: inout [UInt8]) {
        bytes.removeLast(bytes.count - Int(random.below(Int64(max(1, bytes.count)))))
    }

    /// Changes the last digit of the first number behind one of `keys`.
    private mutating func lie(_ bytes: inout [UInt8], _ keys: [StaticString]) {
        for key in keys {
            let pattern = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
            guard var index = Self.end(of: pattern, in: bytes) else { continue }
            while index < bytes.count, bytes[index] &- 0x30 <= 9 || bytes[index] == 0x2d {
                index += 1
            }
            let digit = bytes[index - 1] &- 0x30
            guard digit <= 9 else { continue }
            bytes[index - 1] = 0x30 + (digit + 1 + UInt8(random.below(9))) % 10
            return
        }
    }

    /// Where the first occurrence of `pattern` ends.
    private static func end(of pattern: UnsafeBufferPointer<UInt8>, in bytes: [UInt8]) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return (pattern.count...bytes.count).first {
            bytes[($0 - pattern.count)..<$0].elementsEqual(pattern)
        }
    }
}
