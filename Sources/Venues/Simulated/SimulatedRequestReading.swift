/// Reading what clients send to simulated venues.
extension JSONScanner {
    /// The strings of an array, as they stand on the wire.
    mutating func strings(_ values: JSONFields) throws(WireError) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var isFirst = true
        try array()
        while try hasElement(&isFirst) {
            guard let text = values.string(try skipValue()) else { throw .missingField }
            result.append(Array(text))
        }
        return result
    }
}
