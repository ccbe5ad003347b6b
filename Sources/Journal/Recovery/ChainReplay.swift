/// Rebuilds the running chain of a segment from its blocks, comparing every stored value, and
/// what each header says with what its events say.
final class ChainReplay {
    /// The chain after the last visited block.
    let chain: HashChain
    private(set) var value: ChainValue
    private(set) var blocks = 0
    private(set) var events: UInt64 = 0
    private(set) var rawBytes: UInt64 = 0
    /// Takes the stored value of event blocks as it is, when nobody can derive it.
    var trustsEvents = false
    private let canonicalBytes: CanonicalBytes
    private var canonical: [UInt8] = []

    init(startingFrom start: ChainValue, _ canonicalBytes: @escaping CanonicalBytes) {
        chain = HashChain(startingFrom: start)
        value = start
        self.canonicalBytes = canonicalBytes
    }

    /// Takes the next block, decoded in `buffer`.
    func visit(_ header: BlockHeader, _ buffer: BlockBuffer) throws(DefectError) {
        if !header.isDerived && trustsEvents {
            value = header.chain
        } else if !header.isDerived {
            canonical.removeAll(keepingCapacity: true)
            let facts: EventFacts
            do { facts = try canonicalBytes(buffer.payload, &canonical) } catch {
                throw DefectError(.undecodable("\(error)"))
            }
            try facts.check(header)
            canonical.withUnsafeBytes { chain.update($0) }
            value = chain.value
        }
        try require(header.chain == value, .chain(expected: value, found: header.chain))
        blocks += 1
        events += UInt64(header.count)
        rawBytes += UInt64(header.rawLength)
    }
}
