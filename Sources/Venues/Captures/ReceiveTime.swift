import Engine

/// Receive times of recordings, in s, ms, µs or ns, with digits behind the point or not. Times in
/// ns have 19 digits, one more than a decimal of the product.
enum ReceiveTime {
    static func nanos(_ text: Bytes) throws(WireError) -> Int64 {
        var mantissa: Int64 = 0
        var decimals = 0
        var hasPoint = false
        for byte in text {
            let digit = byte &- 0x30
            if digit > 9 {
                guard byte == 0x2e, !hasPoint else { throw .badTime }
                hasPoint = true
                continue
            }
            let (tens, overflow) = mantissa.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int64(digit))
            guard !overflow, !carry else { throw .badTime }
            mantissa = sum
            if hasPoint { decimals += 1 }
        }
        guard decimals <= 18, !hasPoint || decimals > 0 else { throw .badTime }
        let value = Decimal(mantissa: mantissa, exponent: UInt8(decimals))
        guard let nanos = Timestamp.nanos(fromAnyUnit: value), nanos > 0 else { throw .badTime }
        return nanos
    }
}
