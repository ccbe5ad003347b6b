import Engine

/// JSON text as bytes, written left to right in a fixed key order.
struct SimulatedText: Sendable {
    private(set) var bytes: [UInt8] = []

    /// Starts with `text` and room for about `capacity` bytes.
    init(_ text: StaticString = "", capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
        add(text)
    }

    /// Adds text as it stands.
    mutating func add(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Adds text as it stands.
    mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Adds a symbol in lower case; symbols are ASCII.
    mutating func addLowercased(_ text: String) {
        bytes.append(contentsOf: text.utf8.lazy.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 })
    }

    /// Adds a whole number.
    mutating func add(_ number: Int64) {
        if number < 0 { bytes.append(0x2d) }
        addDigits(number.magnitude, atLeast: 1)
    }

    /// Adds a number that is not negative with exactly `decimals` digits after the point,
    /// then zeros up to `padding` digits.
    mutating func addDecimal(_ mantissa: Int64, decimals: Int, padding: Int = 0) {
        let divisor = PowersOfTen.int64(decimals)
        addDigits((mantissa / divisor).magnitude, atLeast: 1)
        bytes.append(0x2e)
        addDigits((mantissa % divisor).magnitude, atLeast: decimals)
        for _ in 0..<max(0, padding - decimals) { bytes.append(0x30) }
    }

    /// Adds a number without trailing zeros.
    mutating func addTrimmed(_ mantissa: Int64, decimals: Int) {
        DecimalText.append(Int128(mantissa), exponent: decimals, to: &bytes)
    }

    /// Adds an RFC 3339 time in UTC with 6 or 9 digits after the second.
    mutating func addTime(_ nanos: Int64, digits: Int) {
        Timestamp.appendISO(nanos, to: &bytes)
        bytes.removeLast()
        let rest = (nanos % 1_000_000).magnitude
        addDigits(digits == 6 ? rest / 1_000 : rest, atLeast: digits - 3)
        bytes.append(0x5a)
    }

    /// Adds seconds with six digits after the point.
    mutating func addSeconds(_ nanos: Int64) { addDecimal(nanos / 1_000, decimals: 6) }

    /// Adds an order id that belongs to `value`, in the form of a version 4 UUID.
    mutating func addUUID(_ value: UInt64) {
        let high = SimulatedRandom.mixed(value) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = SimulatedRandom.mixed(~value) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        for (word, firstByte) in [(high, 0), (low, 8)] {
            for index in 0..<8 {
                if [4, 6, 8, 10].contains(firstByte + index) { bytes.append(0x2d) }
                addHex(UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * index)))
            }
        }
    }

    /// Adds `text` as a JSON string, quotes included.
    mutating func addQuoted(_ text: [UInt8]) {
        bytes.append(0x22)
        for byte in text {
            if byte == 0x22 || byte == 0x5c {
                bytes.append(0x5c)
                bytes.append(byte)
            } else if byte < 0x20 {
                add("\\u00")
                addHex(byte)
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// Adds the elements of an array between commas.
    mutating func addList<Element>(
        _ elements: some Sequence<Element>, _ write: (inout SimulatedText, Element) -> Void
    ) {
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(0x2c) }
            isFirst = false
            write(&self, element)
        }
    }

    private mutating func addHex(_ byte: UInt8) {
        for nibble in [byte >> 4, byte & 15] {
            bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }

    private mutating func addDigits(_ number: UInt64, atLeast count: Int) {
        let first = bytes.count
        var rest = number
        while rest > 0 || bytes.count - first < count {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        bytes[first...].reverse()
    }
}

extension SimulatedProfile {
    /// Writes a price as the venue does, `padding` digits after the point at least.
    func addPrice(_ ticks: Int64, padding: Int = 0, to text: inout SimulatedText) {
        text.addDecimal(ticks * tickUnits, decimals: priceDecimals, padding: padding)
    }

    /// Writes a size as the venue does, `padding` digits after the point at least.
    func addSize(_ size: Int64, padding: Int = 0, to text: inout SimulatedText) {
        text.addDecimal(size, decimals: sizeDecimals, padding: padding)
    }
}
