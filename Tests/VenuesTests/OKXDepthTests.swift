import Engine
import Testing

@testable import Venues

@Suite("OKX: checksum and depth")
struct OKXDepthTests {
    private typealias Levels = [(String, String)]

    private func mirror(_ bids: Levels, _ asks: Levels) throws -> MirrorBook {
        let mirror = MirrorBook(depth: 400)
        let buffers = [LevelBuffer(), LevelBuffer()]
        let digits = [LevelDigits(), LevelDigits()]
        let scale = LevelScale(price: 4, size: 3)
        for (index, levels) in [bids, asks].enumerated() {
            let text = "[" + levels.map { OKXBench.level($0.0, $0.1) }.joined(separator: ",") + "]"
            try Array(text.utf8).withUnsafeBufferPointer { bytes in
                var scanner = JSONScanner(bytes)
                try scanner.levels(into: buffers[index], digits[index], scale)
            }
        }
        try mirror.apply(buffers[0], digits[0], buffers[1], digits[1], scale, isSnapshot: true)
        return mirror
    }

    @Test("the worked examples of the documentation")
    func examples() throws {
        let checksum = OKXChecksum()
        let two: Levels = [("3366.1", "7"), ("3366", "6")]
        let asks: Levels = [("3366.8", "9"), ("3368", "8")]
        #expect(checksum.value(try mirror(two, asks)) == -1_881_014_294)
        #expect(
            checksum.value(try mirror([("3366.1", "7")], asks + [("3372", "8")])) == 831_078_360)
        #expect(checksum.value(try mirror([], [])) == 0)
    }

    @Test("only the best 25 of a side count, and zeros count as they were written")
    func limits() throws {
        let checksum = OKXChecksum()
        let bids = (1...25).map { ("\(1_000 - $0)", "1") }
        let asks = (1...25).map { ("\(1_000 + $0)", "1") }
        let whole = checksum.value(try mirror(bids, asks))
        #expect(checksum.value(try mirror(bids + [("900", "1")], asks)) == whole)
        #expect(checksum.value(try mirror(bids.dropLast(), asks)) != whole)
        #expect(checksum.value(try mirror([("999.0", "1")] + bids.dropFirst(), asks)) != whole)
    }

    @Test(
        "a number is written back as it came",
        arguments: [
            ("3366.1", 33_661_000, 4), ("3366", 33_660_000, 4), ("0.5", 5, 1), ("0.50", 5, 1),
            ("0.00000074408", 74_408, 11), ("7.100000", 71_000, 4), ("0", 0, 2), ("0.00", 0, 2),
            ("999999999999999.99", 99_999_999_999_999_999, 2), ("1", 1, 0), ("10.0", 10, 0),
            ("9223372036854775807", 9_223_372_036_854_775_807, 0),
            ("0.000000000000000001", 1, 18),
        ] as [(String, Int64, Int)])
    func writing(text: String, mantissa: Int64, exponent: Int) {
        let digits = text.split(separator: ".").dropFirst().first?.count ?? 0
        let bytes = [UInt8](unsafeUninitializedCapacity: OKXChecksum.numberBytesMax) {
            $1 = OKXChecksum.write(mantissa, exponent, digits: digits, to: $0.baseAddress!)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test("a right checksum is noted; 0 and none are not looked at")
    func passed() {
        let okx = OKXBench()
        let snapshot = OKXBench.book(
            "snapshot", bids: [("3366.1", "7")], asks: [("3366.8", "9"), ("3368", "8")],
            previous: -1, seq: 1, checksum: 0)
        #expect(okx.bench.feed(snapshot) == .used)
        #expect(okx.lastBook?.flags == [])
        let delta = OKXBench.book(
            "update", asks: [("3372", "8")], previous: 1, seq: 2, checksum: 831_078_360)
        #expect(okx.bench.feed(delta) == .used)
        #expect(okx.lastBook?.flags == .checksumPassed)
        #expect(okx.bench.feed(OKXBench.book("update", previous: 2, seq: 3)) == .used)
        #expect(okx.lastBook?.flags == [])
    }

    @Test("a wrong checksum stands on the event, ends the book and asks for it anew")
    func failed() {
        let okx = OKXBench()
        okx.snapshot()
        let delta = OKXBench.book(
            "update", bids: [("99", "4")], previous: 10, seq: 11, checksum: 5)
        #expect(okx.bench.feed(delta) == .used)
        #expect(okx.bench.words == ["delta 10-11"])
        #expect(okx.lastBook?.flags == .checksumFailed)
        #expect(okx.bench.commands == [OKXBench.anew()])
        #expect(okx.update(11, 12) == .unused(.waitingForSnapshot))
        let snapshot = OKXBench.book("snapshot", bids: [("1", "1")], seq: 21, checksum: 5)
        #expect(okx.bench.feed(snapshot) == .used)
        #expect(okx.lastBook?.flags == .checksumFailed)
        #expect(okx.bench.commands == [OKXBench.anew()])
        #expect(okx.update(21, 22) == .unused(.waitingForSnapshot))
    }

    @Test(
        "a checksum that is no number of 32 bits makes the book invalid",
        arguments: [
            ("2147483648", "overflow"), ("-2147483649", "overflow"), ("\"x\"", "parse"),
            ("null", "parse"), ("1.5", "parse"),
        ])
    func badChecksum(text: String, reason: String) {
        let okx = OKXBench()
        okx.snapshot()
        let delta = OKXBench.book("update", previous: 10, seq: 11, checksum: 77)
            .replacing(":77", with: ":" + text)
        guard case .rejected = okx.bench.feed(delta) else {
            return #expect(Bool(false), "\(text) is taken")
        }
        #expect(okx.bench.words.last == "invalid(\(reason))")
    }

    private func side(_ count: Int, _ first: Int, step: Int) -> Levels {
        (0..<count).map { ("\(first + $0 * step)", "1") }
    }

    @Test("a side with the full depth is cut; what falls out later is removed in the log")
    func cut() {
        let okx = OKXBench()
        let snapshot = OKXBench.book(
            "snapshot", bids: side(400, 10_000, step: -1), asks: side(399, 10_001, step: 1),
            previous: -1, seq: 1)
        #expect(okx.bench.feed(snapshot) == .used)
        #expect(okx.lastBook?.flags == .bidsCut)
        let delta = OKXBench.book(
            "update", bids: [("10000.5", "2"), ("9000", "3")], asks: [("10000.9", "1")],
            previous: 1, seq: 2)
        #expect(okx.bench.feed(delta) == .used)
        #expect(
            okx.lastBook?.bids == [
                PriceLevel(price: 1_000_050, size: 200), PriceLevel(price: 900_000, size: 300),
                PriceLevel(price: 900_000, size: 0), PriceLevel(price: 960_100, size: 0),
            ])
        #expect(okx.lastBook?.asks == [PriceLevel(price: 1_000_090, size: 100)])
        let full = OKXBench.book("update", asks: [("10000.8", "1")], previous: 2, seq: 3)
        #expect(okx.bench.feed(full) == .used)
        #expect(
            okx.lastBook?.asks == [
                PriceLevel(price: 1_000_080, size: 100), PriceLevel(price: 1_039_900, size: 0),
            ])
    }

    @Test("the short book has its own depth, and beside a live book it is a cut of it")
    func shortBook() {
        let short = OKXBench.book(
            "snapshot", bids: side(50, 100, step: -1), previous: -1, seq: 5,
            channel: "books50-l2-tbt")
        let okx = OKXBench()
        #expect(okx.bench.feed(short) == .used)
        #expect(okx.lastBook?.flags == .bidsCut)
        let better = OKXBench.book(
            "update", bids: [("101", "1")], previous: 5, seq: 6, channel: "books50-l2-tbt")
        #expect(okx.bench.feed(better) == .used)
        #expect(okx.lastBook?.bids.last == PriceLevel(price: 5_100, size: 0))
        #expect(okx.snapshot() == .unused(.partialDepth))
        let whole = OKXBench()
        whole.snapshot()
        #expect(whole.bench.feed(short) == .unused(.partialDepth))
        #expect(whole.update(10, 11) == .used)
    }

    @Test("a book beyond the engine's limit of levels is refused")
    func tooManyLevels() {
        let okx = OKXBench()
        okx.snapshot()
        let delta = OKXBench.book(
            "update", bids: side(Limits.levelsPerSideMax + 1, 1, step: 1), previous: 10, seq: 11)
        #expect(okx.bench.feed(delta) == .rejected(.tooLarge))
        #expect(okx.bench.words == ["rejected tooLarge", "invalid(overflow)"])
    }
}
