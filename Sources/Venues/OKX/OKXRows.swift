/// The elements of `data`, one after the other.
extension OKXReading {
    /// The symbol of an element of `data`: its own `instId` or that of `arg`, which must agree.
    func symbol(of fields: OKXFields) throws(WireError) -> Bytes {
        guard fields.has(.instID) else { return try arg.values.symbol(arg[.instID]) }
        let own = try fields.values.symbol(fields[.instID])
        guard !arg.has(.instID) || ByteText.equal(own, arg.word(.instID)) else {
            throw .missingField
        }
        return own
    }

    /// The elements of `data`.
    struct Entries {
        fileprivate var scanner: JSONScanner
        fileprivate let text: Bytes
        fileprivate var isFirst = true
    }

    /// Begins to read the elements of `data`, or of `details` in one of them.
    func entries(
        of field: OKXField = .data, in fields: OKXFields? = nil
    ) throws(WireError) -> Entries {
        let object = fields ?? top
        guard object.values.isArray(object[field]) else { throw .missingField }
        let text = object.values.raw(object[field])
        var scanner = JSONScanner(text)
        try scanner.array()
        return Entries(scanner: scanner, text: text)
    }

    /// Reads the next element into `fields`, or `entry`; false when there is none.
    func next(
        _ entries: inout Entries, into fields: OKXFields? = nil
    ) throws(WireError) -> Bool {
        guard try entries.scanner.hasElement(&entries.isFirst) else { return false }
        let object = fields ?? entry
        object.begin(entries.text)
        try object.read(&entries.scanner)
        return true
    }
}
