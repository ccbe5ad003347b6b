/// Times are integer nanoseconds since 1970-01-01T00:00:00Z.
public enum Timestamp {
    /// Stands for "no time" in a field that may be empty.
    public static var none: Int64 { Int64.min }

    /// Times lie in 1970…2199: beyond it no venue's time is meant, and arithmetic stays safe.
    public static var limit: Int64 { 7_258_118_400 * second }

    /// All times that an event may have.
    public static var range: Range<Int64> { 0..<limit }

    /// Nanoseconds in a second.
    public static var second: Int64 { 1_000_000_000 }

    /// Nanoseconds from a receive time in s, ms, µs or ns, told apart by magnitude
    /// (`semantics.md` 5): below 10^11 seconds, below 10^14 milliseconds, below 10^17
    /// microseconds. `value` may have digits after the point (`1617647603.4249449`). Nil for a
    /// time before 1970 or from `limit` on.
    public static func nanos(fromAnyUnit value: Decimal) -> Int64? {
        let whole = value.mantissa / PowersOfTen.int64(Int(value.exponent))
        let digits: Int
        switch whole {
        case ..<0: return nil
        case ..<100_000_000_000: digits = 9
        case ..<100_000_000_000_000: digits = 6
        case ..<100_000_000_000_000_000: digits = 3
        default: digits = 0
        }
        let exponent = Int(value.exponent)
        if exponent <= digits {
            let factor = PowersOfTen.int64(digits - exponent)
            let (result, overflow) = value.mantissa.multipliedReportingOverflow(by: factor)
            return overflow || result >= limit ? nil : result
        }
        let result = value.mantissa / PowersOfTen.int64(exponent - digits)
        return result >= limit ? nil : result
    }

    /// Appends ISO 8601 with milliseconds and `Z`, cut (not rounded) to the millisecond.
    public static func appendISO(_ nanos: Int64, to bytes: inout [UInt8]) {
        let day: Int64 = 86_400 * second
        var days = nanos / day
        var rest = nanos % day
        if rest < 0 {
            rest += day
            days -= 1
        }
        let (year, month, dayOfMonth) = civil(days: days)
        appendPadded(year, width: 4, to: &bytes)
        bytes.append(0x2d)
        appendPadded(month, width: 2, to: &bytes)
        bytes.append(0x2d)
        appendPadded(dayOfMonth, width: 2, to: &bytes)
        bytes.append(0x54)
        let seconds = rest / second
        appendPadded(seconds / 3600, width: 2, to: &bytes)
        bytes.append(0x3a)
        appendPadded(seconds / 60 % 60, width: 2, to: &bytes)
        bytes.append(0x3a)
        appendPadded(seconds % 60, width: 2, to: &bytes)
        bytes.append(0x2e)
        appendPadded(rest % second / 1_000_000, width: 3, to: &bytes)
        bytes.append(0x5a)
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar.
    public static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The Gregorian date of a count of days since 1970-01-01.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func appendPadded(_ value: Int64, width: Int, to bytes: inout [UInt8]) {
        var divisor = PowersOfTen.int64(width - 1)
        var rest = value
        while divisor > 0 {
            bytes.append(0x30 &+ UInt8(truncatingIfNeeded: rest / divisor % 10))
            rest %= divisor
            divisor /= 10
        }
    }
}
