import TestSupport
import Testing

@testable import Engine

/// Rounds a/b by comparing, digit by digit, with plain integers: the slow reference.
private func reference(_ a: Int128, _ b: Int128, _ decimals: Int) -> Int128 {
    let isNegative = (a < 0) != (b < 0)
    var rest = a.magnitude
    let divisor = b.magnitude
    var quotient = rest / divisor
    rest %= divisor
    for _ in 0..<decimals {
        rest *= 10
        quotient = quotient * 10 + rest / divisor
        rest %= divisor
    }
    if rest * 2 > divisor || (rest * 2 == divisor && quotient % 2 == 1) { quotient += 1 }
    return isNegative ? -Int128(quotient) : Int128(quotient)
}

@Suite struct RoundingTests {
    @Test(arguments: [
        (1, 8, 2, 12), (3, 8, 2, 38), (5, 8, 2, 62), (-1, 8, 2, -12), (-3, 8, 2, -38),
        (1, 3, 3, 333),
        (2, 3, 3, 667), (1, 2, 0, 0), (3, 2, 0, 2), (5, 2, 0, 2), (0, 7, 4, 0), (7, -2, 0, -4),
    ])
    func `halves go to even`(_ a: Int, _ b: Int, _ decimals: Int, _ expected: Int) {
        let value = Rounding.halfEven(Int128(a), over: Int128(b), decimals: decimals)
        #expect(value == Int128(expected))
    }

    @Test func `division by zero gives no number`() {
        #expect(Rounding.halfEven(1, over: 0, decimals: 2) == nil)
    }

    @Test func `random ratios equal the slow reference on both paths`() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<20_000 {
            let a = Int128(Int64(bitPattern: random.next())) << Int128(random.next() % 50)
            let b = Int128(Int64(bitPattern: random.next()) >> 4) | 1
            let decimals = Int(random.next() % 8)
            #expect(
                Rounding.halfEven(a, over: b, decimals: decimals) == reference(a, b, decimals))
            let wide = Rounding.halfEven(
                Natural.product(a.magnitude, 1 << 90), over: Natural.product(b.magnitude, 1 << 90),
                decimals: decimals)
            #expect(wide == reference(a, b, decimals).magnitude.asInt128)
        }
    }

    @Test func `wide products and quotients agree with each other`() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<5_000 {
            let a = UInt128(random.next()) << 64 | UInt128(random.next())
            let b = UInt128(random.next()) << UInt128(random.next() % 64) | 1
            let rest = UInt128(random.next()) % b
            guard let value = Natural.product(a, b).adding(Natural(low: rest)) else { continue }
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: Natural(low: b))
            #expect(quotient == Natural(low: a) && remainder == Natural(low: rest))
        }
    }
}

extension UInt128 {
    fileprivate var asInt128: Int128 { Int128(self) }
}
