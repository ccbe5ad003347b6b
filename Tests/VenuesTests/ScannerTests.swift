import Engine
import TestSupport
import Testing

@testable import Venues

@Suite("JSON scanner")
struct ScannerTests {
    static let delta =
        "{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1700000000002,"
        + "\"s\":\"BTCUSDT\",\"U\":101,\"u\":105,\"b\":[[\"61837.63000000\",\"3.78826000\"],"
        + "[\"61837.6\",\"0\"]],\"a\":[[\"61840\",\"1.5\",[]],[61841.25,2e1]]}}"
    static let odd =
        " { \"a\" : [ true , false , null , -0.5e+3 , \"\\u00e9\\ud83d\\ude00é\\n\" ] , \"b\" : { } } "

    private func scanner(accepts text: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { (try? JSONScanner.validate($0)) != nil }
    }

    private func error(_ text: String) -> WireError? {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            do throws(WireError) {
                try JSONScanner.validate(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("every proper prefix of a message is refused", arguments: [delta, odd])
    func prefixes(text: String) {
        let bytes = Array(text.utf8)
        #expect(scanner(accepts: bytes))
        let end = bytes.lastIndex(of: 0x7d) ?? 0
        for count in 0...end { #expect(!scanner(accepts: Array(bytes[..<count])), "\(count)") }
        let bench = AdapterBench()
        for count in 0..<ScannerTests.delta.utf8.count {
            guard case .rejected = bench.feed(String(ScannerTests.delta.prefix(count))) else {
                #expect(Bool(false), "prefix of \(count) bytes was taken")
                continue
            }
        }
    }

    @Test("each rule of the grammar has its error")
    func rules() {
        #expect(error("{\"a\":\"\\ud800\"}") == .badEscape)
        #expect(error("{\"a\":\"\\udc00\"}") == .badEscape)
        #expect(error("{\"a\":\"\\x\"}") == .badEscape)
        #expect(error("{\"a\":\"\u{1}\"}") == .controlByte)
        #expect(error("{} {}") == .trailingBytes)
        #expect(error("{\"a\":01}") == .unexpectedByte)
        #expect(error("[1,]") == .unexpectedByte)
        #expect(error("{\"a\":1,}") == .unexpectedByte)
        #expect(error(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)) == nil)
        #expect(error(String(repeating: "[", count: 33)) == .tooDeep)
        #expect(error("\"" + String(repeating: "a", count: 4_096) + "\"") == nil)
        #expect(error("\"" + String(repeating: "a", count: 4_097) + "\"") == .tooLarge)
        let bench = AdapterBench()
        #expect(bench.feed("{\"e\":\"kline\",\"e\":\"kline\"}") == .rejected(.malformed))
        #expect(bench.feed("{\"e\":\"kline\",\"xy\":1,\"xy\":2}") == .rejected(.malformed))
        #expect(bench.feed("{\"e\":\"kline\",\"\\u0065\":\"kline\"}") == .rejected(.malformed))
        let keys = (0..<128).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(bench.feed("{\(keys)}") == .rejected(.unknownMessage))
        #expect(bench.feed("{\(keys),\"e\":\"kline\"}") == .rejected(.tooLarge))
    }

    @Test("bytes that are no UTF-8 are refused")
    func utf8() {
        let bad: [[UInt8]] = [
            [0x80], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0xf8, 0x88, 0x80, 0x80], [0xc3], [0xf0, 0x9f, 0x98],
        ]
        for bytes in bad { #expect(!scanner(accepts: [0x22] + bytes + [0x22]), "\(bytes)") }
        #expect(scanner(accepts: Array("\"é€😀\"".utf8)))
    }

    @Test(
        "20,000 damaged messages are accepted and refused as the plain reader does",
        arguments: [1, 2])
    func mutations(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let sources = [Array(ScannerTests.delta.utf8), Array(ScannerTests.odd.utf8)]
        let alphabet = Array("{}[]\",:\\u0123456789.eE+-truefalsnd8c \u{e9}".utf8) + [0x00, 0xff]
        var accepted = 0
        for _ in 0..<20_000 {
            var text = sources[Int(random.next() % 2)]
            for _ in 0..<(1 + random.next() % 3) {
                let at = Int(random.next() % UInt64(text.count))
                let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
                switch random.next() % 3 {
                case 0: text[at] = byte
                case 1: text.insert(byte, at: at)
                default: text.remove(at: at)
                }
            }
            let reference = ReferenceJSON.parse(text) != nil
            if reference { accepted += 1 }
            let ours = scanner(accepts: text)
            #expect(ours == reference, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
        #expect(accepted > 1_000)
    }

    @Test("numbers at an exponent: the fast path and DecimalText agree")
    func numbers() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<50_000 {
            let text = randomNumber(&random)
            let exponent = Int(random.next() % 19)
            let fast = text.withUnsafeBufferPointer { bytes -> String in
                do throws(WireError) {
                    return "\(try NumberText.scaled(bytes, DigitScale(exponent)))"
                } catch {
                    return "\(error)"
                }
            }
            let slow = text.withUnsafeBufferPointer { bytes -> String in
                do throws(WireError) {
                    return "\(try NumberText.slowScaled(bytes, exponent))"
                } catch {
                    return "\(error)"
                }
            }
            #expect(fast == slow, "\(String(decoding: text, as: UTF8.self)) at \(exponent)")
        }
    }

    @Test("whole times have the unit that their magnitude tells")
    func wholeTimes() {
        var random = SeededRandom(seed: 10)
        for _ in 0..<20_000 {
            let value = Int64(random.next() >> (1 + random.next() % 62))
            let plain = Timestamp.nanos(fromAnyUnit: Decimal(mantissa: value, exponent: 0))
            let expected = value == 0 ? Timestamp.none : plain
            #expect((try? EpochText.nanos(value)) == expected, "\(value)")
        }
        #expect(throws: WireError.badTime) { try EpochText.nanos(-1) }
    }

    private func randomNumber(_ random: inout SeededRandom) -> [UInt8] {
        let alphabet = Array("0000123456789..-e".utf8)
        return (0..<(1 + random.next() % 24)).map { _ in
            alphabet[Int(random.next() % UInt64(alphabet.count))]
        }
    }
}
