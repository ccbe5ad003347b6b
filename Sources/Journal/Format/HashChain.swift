internal import COpenSSL

/// A value of the hash chain: 32 bytes of SHA-256.
public struct ChainValue: Hashable, Sendable, CustomStringConvertible {
    private var words: SIMD4<UInt64>

    /// The value a journal starts from.
    public static let zero = ChainValue(words: .zero)

    private init(words: SIMD4<UInt64>) { self.words = words }

    /// Takes 32 bytes.
    public init(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count == 32, "a chain value has 32 bytes")
        words = .zero
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func store(in memory: UnsafeMutableRawBufferPointer, at offset: Int) {
        withUnsafeBytes(of: words) { source in
            UnsafeMutableRawBufferPointer(rebasing: memory[offset..<(offset + 32)])
                .copyMemory(from: source)
        }
    }
}

/// A running SHA-256 over canonical event bytes, started from the last value of the segment
/// before. Its value depends on the events alone, not on how they are blocked.
public final class HashChain {
    private let context: OpaquePointer
    private let scratch: OpaquePointer

    /// Starts a segment's chain from the value the segment before ended with.
    public init(startingFrom value: ChainValue) {
        guard let context = EVP_MD_CTX_new(), let scratch = EVP_MD_CTX_new() else {
            preconditionFailure("out of memory for a SHA-256 context")
        }
        self.context = context
        self.scratch = scratch
        precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1)
        value.bytes.withUnsafeBytes { update($0) }
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_CTX_free(scratch)
    }

    /// Takes the canonical bytes of the next events.
    public func update(_ canonical: UnsafeRawBufferPointer) {
        precondition(EVP_DigestUpdate(context, canonical.baseAddress, canonical.count) == 1)
    }

    /// The value after everything taken so far. The running state is cloned, not ended.
    public var value: ChainValue {
        precondition(EVP_MD_CTX_copy_ex(scratch, context) == 1)
        return withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { digest in
            var length: UInt32 = 0
            let start = digest.baseAddress?.assumingMemoryBound(to: UInt8.self)
            precondition(EVP_DigestFinal_ex(scratch, start, &length) == 1 && length == 32)
            return ChainValue(UnsafeRawBufferPointer(rebasing: digest[0..<32]))
        }
    }

    /// Becomes a copy of `other`.
    public func assign(_ other: HashChain) {
        precondition(EVP_MD_CTX_copy_ex(context, other.context) == 1)
    }
}
