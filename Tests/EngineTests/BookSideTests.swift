import TestSupport
import Testing

@testable import Engine

/// The slow plain reference: a dictionary, sorted when asked.
private struct PlainSide {
    var levels: [Int64: (size: Int64, insertedAt: UInt64)] = [:]
    let isBid: Bool

    mutating func set(_ price: Int64, _ size: Int64, _ sequence: UInt64) {
        if size == 0 {
            levels[price] = nil
        } else {
            levels[price] = (size, levels[price]?.insertedAt ?? sequence)
        }
    }

    var sorted: [KeptLevel] {
        levels.map {
            KeptLevel(price: $0.key, size: $0.value.size, insertedAt: $0.value.insertedAt)
        }
        .sorted { isBid ? $0.price > $1.price : $0.price < $1.price }
    }
}

private func content(_ side: borrowing BookSide) -> [KeptLevel] {
    var result: [KeptLevel] = []
    side.visit { level in
        result.append(level)
        return true
    }
    return result
}

private func walked(_ side: borrowing BookSide) -> [KeptLevel] {
    var result: [KeptLevel] = []
    var cursor = LevelCursor()
    while let level = side.next(&cursor) { result.append(level) }
    return result
}

private func equal(_ a: [KeptLevel], _ b: [KeptLevel]) -> Bool {
    a.count == b.count
        && zip(a, b).allSatisfy {
            $0.price == $1.price && $0.size == $1.size && $0.insertedAt == $1.insertedAt
        }
}

@Suite struct BookSideTests {
    @Test(arguments: [true, false])
    func `random sets equal a plain dictionary, near and far`(_ isBid: Bool) {
        var checks = 0
        for seed in 0..<12 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var side = BookSide(isBid: isBid, salt: 7)
            var plain = PlainSide(isBid: isBid)
            var middle: Int64 = 6_000_000
            for sequence in 1...3_000 as ClosedRange<UInt64> {
                if random.next() % 500 == 0 {
                    middle += Int64(random.next() % 4_000_000) - 1_900_000
                }
                let spread: UInt64 = random.next() % 10 == 0 ? 8_000_000 : 3_000
                let price = max(1, middle + Int64(random.next() % spread) - Int64(spread / 2))
                let size = random.next() % 3 == 0 ? 0 : Int64(random.next() % 1_000) + 1
                side.set(price: price, size: size, sequence: sequence)
                plain.set(price, size, sequence)
                if random.next() % 900 == 0 {
                    side.clear()
                    plain.levels = [:]
                }
                let best = isBid ? plain.levels.keys.max() : plain.levels.keys.min()
                if side.best?.price != best || side.count != plain.levels.count {
                    Issue.record("best or count differs: seed \(seed) at \(sequence)")
                }
                if sequence % 499 == 0 {
                    #expect(equal(content(side), plain.sorted), "seed \(seed) at \(sequence)")
                    #expect(equal(walked(side), plain.sorted), "seed \(seed) at \(sequence)")
                    checks += 1
                }
            }
        }
        print("book side: \(checks) whole comparisons with the plain reference")
    }

    @Test func `the hash depends on the content, not on the path to it`() {
        var random = SeededRandom(seed: 9)
        var direct = BookSide(isBid: false, salt: 3)
        var winding = BookSide(isBid: false, salt: 3)
        for index in 0..<500 as Range<Int64> {
            let price = 5_000 + index * 977
            winding.set(price: price, size: 5, sequence: 1)
            winding.set(price: price, size: Int64(random.next() % 100) + 1, sequence: 2)
            winding.set(price: price, size: 0, sequence: 3)
        }
        #expect(winding.hashHigh == 0 && winding.hashLow == 0)
        for index in (0..<500 as Range<Int64>).reversed() {
            winding.set(price: 5_000 + index * 977, size: index + 1, sequence: UInt64(index) + 9)
        }
        for index in 0..<500 as Range<Int64> {
            direct.set(price: 5_000 + index * 977, size: index + 1, sequence: UInt64(index) + 9)
        }
        #expect(direct.hashHigh == winding.hashHigh && direct.hashLow == winding.hashLow)
        direct.set(price: 5_000, size: 2, sequence: 1)
        #expect(direct.hashHigh != winding.hashHigh)
    }

    @Test func `a size change keeps the insertion, a removal and addition does not`() {
        var side = BookSide(isBid: true, salt: 1)
        side.set(price: 100, size: 5, sequence: 10)
        side.set(price: 100, size: 6, sequence: 11)
        #expect(side.best?.insertedAt == 10)
        side.set(price: 100, size: 0, sequence: 12)
        side.set(price: 100, size: 6, sequence: 12)
        #expect(side.best?.insertedAt == 12)
    }

    @Test func `removing what is not there is normal`() {
        var side = BookSide(isBid: true, salt: 1)
        side.set(price: 100, size: 0, sequence: 1)
        side.set(price: 100, size: 1, sequence: 2)
        side.set(price: 101, size: 0, sequence: 3)
        side.set(price: 90_000_000, size: 0, sequence: 3)
        #expect(side.count == 1 && side.best?.price == 100)
    }

    @Test func `levels outside the numbers' range are refused`() {
        let bounds = LevelBounds(priceExponent: 2, sizeExponent: 8)
        func allow(_ price: Int64, _ size: Int64) -> Bool {
            [PriceLevel(price: price, size: size)].withUnsafeBufferPointer { bounds.allow($0) }
        }
        #expect(allow(1, 0) && allow(99_999_999_999_999, 1))
        #expect(!allow(0, 1) && !allow(-1, 1) && !allow(1, -1))
        #expect(!allow(100_000_000_000_000, 1), "price of 10^12")
        #expect(allow(1, 999_999_999_999_999_999) && !allow(1, 1_000_000_000_000_000_000))
        #expect(!allow(99_999_999_999_999, 99_999_999_999_999_999), "product beyond 2^100")
    }
}
