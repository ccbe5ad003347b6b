import TestSupport
import Testing

@testable import Engine

@Suite struct DecimalTests {
    private func parse(_ text: String) -> Result<Decimal, DecimalError> {
        do throws(DecimalError) {
            return .success(try DecimalText.parse(Array(text.utf8)))
        } catch {
            return .failure(error)
        }
    }

    private func text(_ mantissa: Int128, _ exponent: Int) -> String {
        var bytes: [UInt8] = []
        DecimalText.append(mantissa, exponent: exponent, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("0", 0, 0), ("-0", 0, 0), ("1", 1, 0), ("61837.63000000", 6_183_763, 2),
        ("0.00002246", 2_246, 8), ("-1.50", -15, 1), ("1e3", 1_000, 0), ("1.5E-3", 15, 4),
        ("1000000", 1_000_000, 0), ("0.000", 0, 0), ("100.0", 100, 0), ("12e+02", 1_200, 0),
        ("999999999999999999", 999_999_999_999_999_999, 0),
        ("0.999999999999999999", 999_999_999_999_999_999, 18),
    ])
    func `well-formed numbers are read exactly`(
        _ text: String, _ mantissa: Int64, _ exponent: UInt8
    ) {
        #expect(parse(text) == .success(Decimal(mantissa: mantissa, exponent: exponent)))
    }

    @Test(arguments: [
        "", "-", "+1", " 1", "1 ", "01", "1.", ".5", "1_000", "0x1", "inf", "nan", "1e", "1e+",
        "1e123", "--1", "1.2.3", "12abc", "0.-10000", "1,5",
    ])
    func `anything else is malformed`(_ text: String) {
        #expect(parse(text) == .failure(.malformed))
    }

    @Test func `too long and too many digits are told apart`() {
        #expect(parse("1" + String(repeating: "0", count: 40)) == .failure(.tooLong))
        #expect(parse("1234567890123456789") == .failure(.tooManyDigits))
        #expect(parse("1e18") == .failure(.tooManyDigits))
        #expect(parse("1e17") == .success(Decimal(mantissa: 100_000_000_000_000_000, exponent: 0)))
        #expect(parse("0.0000000000000000001") == .failure(.tooManyDigits))
        #expect(parse("1e-19") == .failure(.tooManyDigits))
        #expect(
            parse("1000000000000000000000e-10")
                == .success(Decimal(mantissa: 100_000_000_000, exponent: 0)))
    }

    @Test func `numbers are written without exponent and trailing zeros`() {
        #expect(text(0, 5) == "0")
        #expect(text(-5, 1) == "-0.5")
        #expect(text(1_500, 3) == "1.5")
        #expect(text(7, 8) == "0.00000007")
        #expect(text(120, 0) == "120")
        #expect(text(Int128(UInt64.max) * 1_000 + 1, 3) == "18446744073709551615.001")
        #expect(text(Int128.max, 0) == "170141183460469231731687303715884105727")
        #expect(text(Int128.min, 38) == "-1.70141183460469231731687303715884105728")
    }

    @Test func `what is written is read back`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let digits = Int(random.next() % 18) + 1
            let limit = UInt64(PowersOfTen.int64(digits))
            let value = Decimal(
                mantissa: Int64(random.next() % limit), exponent: UInt8(random.next() % 19))
            var bytes: [UInt8] = []
            DecimalText.append(value, to: &bytes)
            #expect((try? DecimalText.parse(bytes)) == value.trimmed)
        }
    }

    @Test func `a mantissa at a coarser exponent is refused unless only zeros go`() {
        #expect(Decimal(mantissa: 1_500, exponent: 3).mantissa(at: 1) == 15)
        #expect(Decimal(mantissa: 1_501, exponent: 3).mantissa(at: 2) == nil)
        #expect(Decimal(mantissa: 15, exponent: 1).mantissa(at: 8) == 150_000_000)
        #expect(Decimal(mantissa: 999_999_999_999, exponent: 0).mantissa(at: 8) == nil)
    }

    @Test(arguments: [
        ("1617647603.4249449", 1_617_647_603_424_944_900),
        ("1680652800005184", 1_680_652_800_005_184_000),
        ("1741046400638", 1_741_046_400_638_000_000),
        ("1617647603", 1_617_647_603_000_000_000),
    ])
    func `receive times are told apart by magnitude`(_ text: String, _ nanos: Int64) throws {
        let value = try DecimalText.parse(Array(text.utf8))
        #expect(Timestamp.nanos(fromAnyUnit: value) == nanos)
    }

    @Test func `times are written as ISO 8601 with milliseconds`() {
        var bytes: [UInt8] = []
        Timestamp.appendISO(1_723_161_254_206_652_067, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "2024-08-08T23:54:14.206Z")
        bytes = []
        Timestamp.appendISO(951_827_696_999_999_999, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "2000-02-29T12:34:56.999Z")
        #expect(Timestamp.days(year: 2000, month: 3, day: 1) == 11_017)
    }

    @Test func `ticks lie on the UTC grid`() {
        let grid = TickGrid(hz: 3)
        #expect(grid.first(after: 1_000_000_000) == 1_333_333_334)
        #expect(grid.first(after: 1_333_333_333) == 1_333_333_334)
        #expect(grid.first(after: 1_333_333_334) == 1_666_666_667)
        #expect(grid.last(notAfter: 1_999_999_999) == 1_666_666_667)
        #expect(grid.last(notAfter: 2_000_000_000) == 2_000_000_000)
    }
}
