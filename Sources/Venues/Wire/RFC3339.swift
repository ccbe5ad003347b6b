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
        let year = try digits(text, 0, 4)
        let month = try digits(text, 5, 2)
        let day = try digits(text, 8, 2)
        let hour = try digits(text, 11, 2)
        let minute = try digits(text, 14, 2)
        let second = try digits(text, 17, 2)
        guard (1...12).contains(month), day >= 1, day <= length(of: month, year), hour < 24,
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

    private static func digits(
        _ text: Bytes, _ start: Int, _ count: Int
    ) throws(WireError) -> Int64 {
        var value: Int64 = 0
        var index = start
        while index < start + count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { throw .badTime }
            value = value * 10 + Int64(digit)
            index += 1
        }
        return value
    }

    private static func length(of month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Nanoseconds behind the point.
    private static func fraction(
        _ text: Bytes, _ position: inout Int
    ) throws(WireError) -> Int64 {
        guard position < text.count, text[position] == 0x2e else { return 0 }
        position += 1
        var value: Int64 = 0
        var count = 0
        while position < text.count, text[position] &- 0x30 <= 9 {
            guard count < 9 else { throw .badTime }
            value = value * 10 + Int64(text[position] &- 0x30)
            position += 1
            count += 1
        }
        guard count > 0 else { throw .badTime }
        return value * PowersOfTen.int64(9 - count)
    }

    /// Seconds that local time is ahead of UTC.
    private static func offset(_ text: Bytes, _ position: inout Int) throws(WireError) -> Int64 {
        guard position < text.count else { throw .badTime }
        let sign = text[position]
        position += 1
        if sign | 0x20 == 0x7a { return 0 }
        guard sign == 0x2b || sign == 0x2d, position + 5 <= text.count,
            text[position + 2] == 0x3a
        else { throw .badTime }
        let hours = try digits(text, position, 2)
        let minutes = try digits(text, position + 3, 2)
        guard hours < 24, minutes < 60 else { throw .badTime }
        position += 5
        let seconds = hours * 3_600 + minutes * 60
        return sign == 0x2d ? -seconds : seconds
    }
}
