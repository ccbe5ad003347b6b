import TestSupport
import Testing

@testable import Journal

@Suite struct ZstdTests {
    private func encode(_ raw: [UInt8], _ cuts: [Int], level: Int = 3) -> [UInt8] {
        let encoder = ZstdEncoder(level: level)
        let bound = ZstdEncoder.bound(rawLength: raw.count, cuts: cuts.count)
        return [UInt8](unsafeUninitializedCapacity: bound) { memory, count in
            count = raw.withUnsafeBytes {
                encoder.encode($0, cuts: cuts, into: UnsafeMutableRawBufferPointer(memory))
            }
        }
    }

    @Test("one frame, whatever the cuts, that decodes in one shot to the declared size")
    func cuts() throws {
        for seed in 0..<UInt64(60) {
            var random = SeededRandom(seed: seed)
            let count = Int.random(in: 1...(seed % 5 == 0 ? 400_000 : 3_000), using: &random)
            let raw = (0..<count).map { _ in UInt8.random(in: 0...UInt8(seed * 4), using: &random) }
            var cuts = Set<Int>()
            for _ in 0..<Int.random(in: 0...50, using: &random) where count > 1 {
                cuts.insert(Int.random(in: 1..<count, using: &random))
            }
            let frame = encode(raw, cuts.sorted(), level: seed % 7 == 0 ? 19 : 3)
            var output = [UInt8](repeating: 0, count: count)
            try frame.withUnsafeBytes { source in
                let declared = try ZstdFrame(source)
                #expect(declared.contentSize == UInt64(count))
                try output.withUnsafeMutableBytes { memory in
                    try ZstdDecoder().decode(source, into: memory)
                }
            }
            #expect(output == raw)
        }
    }

    @Test("cuts give columns of different statistics entropy tables of their own")
    func columns() {
        var random = SeededRandom(seed: 5)
        var raw: [UInt8] = [], cuts: [Int] = []
        for column in 0..<8 {
            let base = UInt8(column * 30)
            raw += (0..<2_000).map { _ in base + UInt8.random(in: 0...3, using: &random) }
            if column > 0 { cuts.append(column * 2_000) }
        }
        let whole = encode(raw, []).count, cut = encode(raw, cuts).count
        print("zstd columns: \(whole) bytes whole, \(cut) bytes with cuts")
        #expect(cut < whole)
    }

    @Test("a second frame, or bytes, behind the frame are refused")
    func trailing() {
        let frame = encode([1, 2, 3, 4, 5], [])
        for extra in [[0], frame, [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]] {
            var output = [UInt8](repeating: 0, count: 5)
            #expect(throws: DefectError.self) {
                try (frame + extra).withUnsafeBytes { source in
                    try output.withUnsafeMutableBytes {
                        try ZstdDecoder().decode(source, into: $0)
                    }
                }
            }
        }
    }
}
