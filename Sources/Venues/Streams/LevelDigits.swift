/// Digits behind the point with which the two numbers of a level were written: a checksum is over
/// the text on the wire, where zeros at the end count.
struct WireDigits: Equatable, BitwiseCopyable {
    var price: UInt8
    var size: UInt8

    /// The digits of two numbers as they stand on the wire, without quotes.
    init(price: Bytes, size: Bytes) {
        self.price = WireDigits.count(price)
        self.size = WireDigits.count(size)
    }

    /// Nothing is known or wanted.
    init() {
        price = 0
        size = 0
    }

    private static func count(_ number: Bytes) -> UInt8 {
        guard let point = ByteText.find(0x2e, in: number) else { return 0 }
        return UInt8(clamping: number.count &- point &- 1)
    }
}

/// The digits of the levels in a `LevelBuffer`, one for one.
final class LevelDigits {
    private(set) var all: [WireDigits] = []

    func clear() { all.removeAll(keepingCapacity: true) }

    func append(_ digits: WireDigits) { all.append(digits) }
}
