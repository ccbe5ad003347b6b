import CDispatch
import COpenSSL
import Glibc

/// The secret that requests bring in `Authorization: Bearer …`. Only its hash is kept, and it is
/// never shown.
public struct BearerToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let digest: [UInt8]

    /// Shortest and longest token, bytes.
    static let bytesRange = 32...4_096

    /// Reads the token from a file that nobody else may read.
    ///
    /// - Throws: `HTTPConfigurationError` with the line to type, never with the token.
    public init(file: String) throws(HTTPConfigurationError) {
        let descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw HTTPConfigurationError(
                "API_TOKEN_FILE: \(file): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw HTTPConfigurationError("API_TOKEN_FILE: \(file) is no regular file")
        }
        guard status.st_mode & 0o077 == 0, status.st_uid == geteuid() || status.st_uid == 0 else {
            throw HTTPConfigurationError(
                "API_TOKEN_FILE: others may read \(file); type: chmod 600 \(file)")
        }
        var bytes = [UInt8](repeating: 0, count: BearerToken.bytesRange.upperBound + 2)
        let count = read(descriptor, &bytes, bytes.count)
        try self.init(Array(bytes.prefix(max(0, count))))
    }

    /// The token in `bytes`; an end of line behind it does not count.
    init(_ bytes: [UInt8]) throws(HTTPConfigurationError) {
        var token = bytes[...]
        while let last = token.last, last == 0x0a || last == 0x0d { token.removeLast() }
        guard BearerToken.bytesRange.contains(token.count),
            token.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw HTTPConfigurationError(
                "API_TOKEN_FILE: a token has 32 to 4096 visible characters and no blank")
        }
        digest = BearerToken.hash(Array(token))
    }

    /// Whether `header`, the value of `Authorization`, brings the token. Takes the same time
    /// wherever they differ: what is compared are hashes, over all bytes.
    func isBrought(by header: String?) -> Bool {
        guard let header, header.prefix(7).lowercased() == "bearer " else { return false }
        let other = BearerToken.hash(Array(header.dropFirst(7).utf8))
        var difference: UInt8 = 0
        for index in digest.indices { difference |= digest[index] ^ other[index] }
        return difference == 0
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
            preconditionFailure("SHA-256 of memory does not fail")
        }
        return digest
    }

    /// Says nothing.
    public var description: String { "<redacted>" }
    /// Says nothing.
    public var debugDescription: String { "<redacted>" }
}
