import Engine

/// Times as text: `2026-08-09T21:05:48.228568804Z`, 0 to 9 digits behind the point, `Z` or an
/// offset. Shorter fractions are padded, nothing is rounded.
enum RFC3339 {
    /// Nanoseconds since 1970, or `Timestamp.none` for a time up to the epoch, which venues send
    /// where they mean "no time" (`0001-01-01T00:00:00.000000Z`).
    static func nanos(_ text: Bytes) throws(WireError) -> Int64 {
        guard text.count >= 20, text.count <= 35, text[4] == 0x2d, text[7] == 0x2d,
            text[10] | 0x20 == 0x74, text[13] == 0x3a, text[16] == 0x3a
        else { throw .badTime }
        var isWrong = false
        let year = pair(text, 0, &isWrong) &* 100 &+ pair(text, 2, &isWrong)
        let month = pair(text, 5, &isWrong)
        let day = pair(text, 8, &isWrong)
        let hour = pair(text, 11, &isWrong)
        let minute = pair(text, 14, &isWrong)
        let second = pair(text, 17, &isWrong)
        guard !isWrong, (1...12).contains(month), day >= 1, day <= length(of: month, year),
            hour < 24,
            minute < 60, second <= 60, year <= 2_200
        else { throw .badTime }
        var position = 19
        let fraction = try fraction(text, &position)
        let offset = try offset(text, &position)
        guard position == text.count else { throw .badTime }
        guard year >= 1_970 else { return Timestamp.none }
        let days = Timestamp.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return seconds <= 0 ? Timestamp.none : seconds * Timestamp.second + fraction
    }

    /// The number of the two digits at `start`; sets `isWrong` where they are none.
    @inline(__always)
    private static func pair(_ text: Bytes, _ start: Int, _ isWrong: inout Bool) -> Int64 {
        let tens = text[start] &- 0x30
        let ones = text[start &+ 1] &- 0x30
        isWrong = isWrong || tens > 9 || ones > 9
        return Int64(tens) &* 10 &+ Int64(ones)
    }

    private static func length(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Nanoseconds behind the point.
    @inline(__always) private static func fraction(
        _ text: Bytes, _ position: inout Int
    ) throws(WireError) -> Int64 {
        guard position < text.count, text[position] == 0x2e else { return 0 }
        position += 1
        var value: Int64 = 0
        var count = 0
        while position < text.count, text[position] &- 0x30 <= 9 {
            guard count < 9 else { throw .badTime }
            value = value &* 10 &+ Int64(text[position] &- 0x30)
            position &+= 1
            count &+= 1
        }
        guard count > 0 else { throw .badTime }
        return value * PowersOfTen.int64(9 - count)
    }

    /// Seconds that local time is ahead of UTC.
    @inline(__always) private static func offset(_ text: Bytes, _ position: inout Int)
        throws(WireError) -> Int64
    {
        guard position < text.count else { throw .badTime }
        let sign = text[position]
        position += 1
        if sign | 0x20 == 0x7a { return 0 }
        guard sign == 0x2b || sign == 0x2d, position + 5 <= text.count,
            text[position + 2] == 0x3a
        else { throw .badTime }
        var isWrong = false
        let hours = pair(text, position, &isWrong)
        let minutes = pair(text, position + 3, &isWrong)
        guard !isWrong, hours < 24, minutes < 60 else { throw .badTime }
        position += 5
        let seconds = hours * 3_600 + minutes * 60
        return sign == 0x2d ? -seconds : seconds
    }
}
