import Engine

/// Times in questions and answers, on the command line and over HTTP alike.
public enum TimeText {
    /// ISO 8601 with milliseconds.
    public static func iso(_ nanos: Int64) -> String {
        var bytes: [UInt8] = []
        Timestamp.appendISO(nanos, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Nanoseconds from `2024-08-08T23:54:20.5Z` or from unix seconds, ms, µs or ns.
    public static func nanos(_ text: String) -> Int64? {
        if text.contains("T") { return fromISO(Array(text.utf8)) }
        if text.utf8.count >= 18, let nanos = Int64(text) {
            return nanos >= 0 && nanos < Timestamp.limit ? nanos : nil
        }
        guard let value = try? DecimalText.parse(Array(text.utf8)) else { return nil }
        return Timestamp.nanos(fromAnyUnit: value)
    }

    private static func fromISO(_ text: [UInt8]) -> Int64? {
        guard text.count >= 20, text.count <= 30, text.last == 0x5a else { return nil }
        func number(_ start: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for byte in text[start..<start + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        let separators: [(Int, UInt8)] = [(4, 0x2d), (7, 0x2d), (10, 0x54), (13, 0x3a), (16, 0x3a)]
        guard separators.allSatisfy({ text[$0.0] == $0.1 }), let year = number(0, 4),
            let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), (1970...2199).contains(year),
            (1...12).contains(month), (1...days(in: month, year)).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if text.count > 20 {
            let digits = text.count - 21
            guard text[19] == 0x2e, (1...9).contains(digits), let value = number(20, digits)
            else { return nil }
            fraction = value * PowersOfTen.int64(9 - digits)
        }
        let days = Timestamp.days(year: year, month: month, day: day)
        return ((days * 24 + hour) * 60 + minute) * 60 * 1_000_000_000 + second * 1_000_000_000
            + fraction
    }

    private static func days(in month: Int64, _ year: Int64) -> Int64 {
        let next = month == 12 ? (year + 1, Int64(1)) : (year, month + 1)
        return Timestamp.days(year: next.0, month: next.1, day: 1)
            - Timestamp.days(year: year, month: month, day: 1)
    }
}
