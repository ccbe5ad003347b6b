import Engine
import TestSupport
import Testing

@testable import Venues

/// Arrays of levels: the scanner, which guesses layouts, beside the plain reader.
@Suite("Arrays of levels")
struct LevelArrayTests {
    @Test(
        "levels of damaged arrays have the values that the plain reader gives", arguments: [3, 4])
    func levels(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let source = Array("[[\"61837.63000000\",\"3.78826\"],[\"0.01\",\"0\"],[12.5,2e1,7]]".utf8)
        let alphabet = Array("[]\",0123456789.eE-".utf8)
        let scale = LevelScale(price: 4, size: 6)
        for _ in 0..<20_000 {
            var text = source
            for _ in 0..<(random.next() % 3) {
                let at = Int(random.next() % UInt64(text.count))
                let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
                if random.next() % 2 == 0 { text[at] = byte } else { text.insert(byte, at: at) }
            }
            let expected = plainLevels(text, 4, 6)
            let ours = scannedLevels(text, scale)
            #expect(ours == expected, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
    }

    /// Prices and sizes in plain text, "finer" where digits do not fit, or nil when refused.
    private func plainLevels(
        _ text: [UInt8], _ priceExponent: UInt8, _ sizeExponent: UInt8
    ) -> [String]? {
        guard case .array(let levels)? = ReferenceJSON.parse(text) else { return nil }
        var result: [String] = []
        var isFiner = false
        for level in levels {
            guard case .array(let parts) = level, parts.count >= 2 else { return nil }
            switch plainLevel(parts[0], parts[1], priceExponent, sizeExponent) {
            case nil: return nil
            case "finer": isFiner = true
            case let level?: result.append(level)
            }
        }
        return isFiner ? ["finer"] : result
    }

    /// One level in plain text, "finer", or nil when refused.
    private func plainLevel(
        _ price: ReferenceJSON, _ size: ReferenceJSON, _ priceExponent: UInt8,
        _ sizeExponent: UInt8
    ) -> String? {
        var numbers: [Decimal] = []
        for part in [price, size] {
            switch part {
            case .number(let digits), .string(let digits):
                guard let value = try? DecimalText.parse(digits) else { return nil }
                numbers.append(value)
            default: return nil
            }
        }
        let price = numbers[0].exponent <= priceExponent
        let size = numbers[1].exponent <= sizeExponent
        if price && size {
            guard let p = numbers[0].mantissa(at: priceExponent),
                let s = numbers[1].mantissa(at: sizeExponent),
                p > 0, p < PowersOfTen.int64(12 + Int(priceExponent)), s >= 0,
                s < PowersOfTen.int64(15 + Int(sizeExponent))
            else { return nil }
            return "\(p)@\(s)"
        }
        if price, numbers[0].mantissa(at: priceExponent) == nil { return nil }
        if size, numbers[1].mantissa(at: sizeExponent) == nil { return nil }
        return "finer"
    }

    /// Changes of both sides in plain text, "finer" for both, or nil when refused.
    private func plainChanges(
        _ text: [UInt8], _ priceExponent: UInt8, _ sizeExponent: UInt8
    ) -> [[String]]? {
        guard case .array(let changes)? = ReferenceJSON.parse(text) else { return nil }
        var sides: [[String]] = [[], []]
        var isFiner = false
        for change in changes {
            guard case .array(let parts) = change, parts.count == 3,
                case .string(let side) = parts[0],
                let index = [Array("buy".utf8), Array("sell".utf8)].firstIndex(of: side),
                let level = plainLevel(parts[1], parts[2], priceExponent, sizeExponent)
            else { return nil }
            if level == "finer" { isFiner = true } else { sides[index].append(level) }
        }
        return isFiner ? [["finer"], ["finer"]] : sides
    }

    private func scannedLevels(_ text: [UInt8], _ scale: LevelScale) -> [String]? {
        let out = LevelBuffer()
        let isRead = text.withUnsafeBufferPointer { bytes -> Bool in
            var scanner = JSONScanner(bytes)
            do throws(WireError) {
                try scanner.levels(into: out, scale)
                try scanner.finish()
                return true
            } catch {
                return false
            }
        }
        guard isRead else { return nil }
        if out.needsFiner { return ["finer"] }
        return out.levels.map { "\($0.price)@\($0.size)" }
    }

    @Test(
        "columns of equal and of changing layouts have the values that the plain reader gives",
        arguments: [5, 6])
    func layouts(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var read = 0, refused = 0, finer = 0
        for _ in 0..<20_000 {
            let exponents = (UInt8(random.next() % 11), UInt8(random.next() % 11))
            var text = column(&random)
            if random.next() % 4 == 0 { damage(&text, &random) }
            let scale = LevelScale(price: exponents.0, size: exponents.1)
            let expected = plainLevels(text, exponents.0, exponents.1)
            #expect(
                scannedLevels(text, scale) == expected,
                "seed \(seed): \(exponents) \(String(decoding: text, as: UTF8.self))")
            switch expected {
            case nil: refused += 1
            case ["finer"]: finer += 1
            default: read += 1
            }
        }
        #expect(read > 2_000 && refused > 1_000 && finer > 1_000)
    }

    @Test(
        "changes, damaged ones too, have the values that the plain reader gives",
        arguments: [7, 8, 9])
    func changes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var read = 0, refused = 0, finer = 0, changed = 0
        for _ in 0..<20_000 {
            let exponents = (UInt8(random.next() % 11), UInt8(random.next() % 11))
            let sides = (0..<Int(random.next() % 9)).map { _ in random.next() % 2 == 0 }
            let text = withSides(column(&random, count: sides.count), sides)
            let whole = plainChanges(text, exponents.0, exponents.1)
            var damaged = text
            if random.next() % 2 == 0 { damage(&damaged, &random) }
            let expected = plainChanges(damaged, exponents.0, exponents.1)
            let ours = scannedChanges(
                damaged, LevelScale(price: exponents.0, size: exponents.1))
            #expect(
                ours == expected,
                "seed \(seed): \(exponents) \(String(decoding: damaged, as: UTF8.self))")
            switch expected {
            case nil: refused += 1
            case [["finer"], ["finer"]]: finer += 1
            default:
                read += 1
                if expected != whole { changed += 1 }
            }
        }
        // Damage that is still read, with another value, is what the comparison is for.
        #expect(read > 2_000 && refused > 1_000 && finer > 1_000 && changed > 200)
    }

    /// `[["price","size"],…]`; the digits of most levels are laid out like those before.
    private func column(_ random: inout SeededRandom, count: Int? = nil) -> [UInt8] {
        var layout = [1, 2, 1, 8]
        var text: [UInt8] = [0x5b]
        for index in 0..<(count ?? Int(random.next() % 12)) {
            if index == 0 || random.next() % 8 == 0 {
                layout = (0..<4).map { Int(random.next() % ($0 % 2 == 0 ? 9 : 11)) }
            }
            if index > 0 { text.append(0x2c) }
            text += Array("[\"".utf8) + number(layout[0], layout[1], &random)
            text += Array("\",\"".utf8) + number(layout[2], layout[3], &random)
            text += Array("\"]".utf8)
        }
        return text + [0x5d]
    }

    private func number(
        _ whole: Int, _ fraction: Int, _ random: inout SeededRandom
    ) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<max(1, whole) { text.append(0x30 + UInt8(random.next() % 10)) }
        if whole > 1, text[0] == 0x30, random.next() % 16 != 0 { text[0] = 0x31 }
        guard fraction > 0 else { return text }
        text.append(0x2e)
        let used = Int(random.next() % UInt64(fraction + 1))
        for index in 0..<fraction {
            text.append(index < used ? 0x30 + UInt8(random.next() % 10) : 0x30)
        }
        return text
    }

    private func damage(_ text: inout [UInt8], _ random: inout SeededRandom) {
        let alphabet = Array("[]\",0123456789.eE-/:\u{e9}".utf8)
        let at = Int(random.next() % UInt64(text.count))
        let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
        if random.next() % 2 == 0 { text[at] = byte } else { text.insert(byte, at: at) }
    }

    /// The same with `"buy",` or `"sell",` before each price.
    private func withSides(_ text: [UInt8], _ sides: [Bool]) -> [UInt8] {
        var result: [UInt8] = []
        var level = 0
        for (index, byte) in text.enumerated() {
            result.append(byte)
            if byte == 0x5b, index > 0 {
                result += Array((sides[level] ? "\"buy\"," : "\"sell\",").utf8)
                level += 1
            }
        }
        return result
    }

    private func scannedChanges(
        _ text: [UInt8], _ scale: LevelScale
    ) -> [[String]]? {
        let bids = LevelBuffer(), asks = LevelBuffer()
        let isRead = text.withUnsafeBufferPointer { bytes -> Bool in
            var scanner = JSONScanner(bytes)
            do throws(WireError) {
                try scanner.changes(bids, asks, scale)
                try scanner.finish()
                return true
            } catch {
                return false
            }
        }
        guard isRead else { return nil }
        if bids.needsFiner || asks.needsFiner { return [["finer"], ["finer"]] }
        return [bids, asks].map { side in side.levels.map { "\($0.price)@\($0.size)" } }
    }
}
