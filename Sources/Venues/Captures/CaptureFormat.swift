/// Formats of recordings, told by their content (`docs/VENUES.md`).
public enum CaptureFormat: UInt8, CaseIterable, Sendable {
    /// One JSON record a line: `{"t":"recv","conn":…,"ts":…,"data":…}`.
    case jsonLines = 1
    /// A receive time, a blank and a message of Binance.
    case receivedLines = 2
    /// `exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount`.
    case levelCSV = 3
    /// One row a level with Binance's own fields, named by the first line.
    case binanceCSV = 4

    static var levelHeader: StaticString {
        "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount"
    }

    /// The format of a recording that begins with `bytes`; nil when it is none of them.
    /// Lines that begin with `#` are skipped: hand in enough to reach beyond them.
    public static func recognise(_ bytes: UnsafeBufferPointer<UInt8>) -> CaptureFormat? {
        var start = 0
        while start < bytes.count {
            let end = ByteText.find(0x0a, in: bytes, from: start) ?? bytes.count
            var line = ByteText.slice(bytes, start, end)
            if line.last == 0x0d { line = ByteText.slice(line, 0, line.count - 1) }
            if !line.isEmpty, line[0] != 0x23 { return recognise(line: line) }
            start = end + 1
        }
        return ByteText.find("Binance Data Processor", in: bytes) == nil ? nil : .binanceCSV
    }

    private static func recognise(line: Bytes) -> CaptureFormat? {
        if line[0] == 0x7b {
            return ByteText.find("\"t\":", in: ByteText.slice(line, 0, min(line.count, 64))) == nil
                ? nil : .jsonLines
        }
        if ByteText.equal(line, levelHeader) { return .levelCSV }
        if ByteText.find("TimestampOfReceive", in: ByteText.slice(line, 0, min(line.count, 64)))
            != nil
        {
            return .binanceCSV
        }
        guard let blank = ByteText.find(0x20, in: line), blank > 0, blank + 1 < line.count,
            line[blank + 1] == 0x7b || line[blank + 1] == 0x5b,
            (try? ReceiveTime.nanos(ByteText.slice(line, 0, blank))) != nil
        else { return nil }
        return .receivedLines
    }
}
