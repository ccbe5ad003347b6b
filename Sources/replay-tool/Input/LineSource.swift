import CZlib
import Foundation
import Journal
import Server

/// The lines of a file that is plain, gzip or zstd, told by its first bytes; memory is bounded.
final class LineSource {
    let path: String
    /// Bytes of the file.
    let size: Int
    /// Bytes of the file that were read.
    private(set) var position = 0
    /// Number of the line that was given last, from 1.
    private(set) var lineNumber = 0

    private static let pieceBytes = 1 << 18
    /// Longest line: a venue's message of 16 MiB with its envelope, escaped.
    private static let lineBytesMax = 40 << 20

    private let handle: FileHandle
    private var decoder: any PieceDecoder
    private var text: [UInt8] = []
    private var start = 0
    private var scanned = 0
    private var isAtEnd = false

    /// Opens `path`.
    init(path: String) throws {
        self.path = path
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Failure("\(path): \(String(cString: strerror(errno)))")
        }
        self.handle = handle
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        size = (attributes?[.size] as? Int) ?? 0
        let head = try LineSource.firstBytes(handle, path)
        switch head {
        case [0x28, 0xb5, 0x2f, 0xfd]: decoder = ZstdPieces()
        case let bytes where bytes.starts(with: [0x1f, 0x8b]): decoder = try GzipPieces()
        default: decoder = PlainPieces()
        }
        position = head.count
        try decoder.push(head, to: &text)
    }

    /// The first four bytes, or fewer where the file is shorter; a pipe cannot be rewound.
    private static func firstBytes(_ handle: FileHandle, _ path: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while bytes.count < 4, let more = try handle.read(upToCount: 4 - bytes.count),
                !more.isEmpty
            {
                bytes += more
            }
        } catch {
            throw Failure("\(path): cannot be read")
        }
        return bytes
    }

    /// The first bytes of the text, to tell its format.
    func head() throws -> [UInt8] {
        while text.count < 1 << 16, !isAtEnd { try fill() }
        return Array(text.prefix(1 << 16))
    }

    /// The next line without its end, valid during `body`; nil at the end of the file.
    func withNextLine<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result? {
        while true {
            if let end = lineEnd() { return try take(end, skip: 1, body) }
            if isAtEnd {
                guard start < text.count else { return nil }
                return try take(text.count, skip: 0, body)
            }
            guard text.count - start <= LineSource.lineBytesMax else {
                throw Failure("\(path): line \(lineNumber + 1) is longer than 40 MiB")
            }
            try fill()
        }
    }

    private func lineEnd() -> Int? {
        text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, scanned < bytes.count,
                let found = memchr(base + scanned, 0x0a, bytes.count - scanned)
            else {
                scanned = bytes.count
                return nil
            }
            return base.distance(to: UnsafeRawPointer(found))
        }
    }

    private func take<Result>(
        _ end: Int, skip: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        let begin = start
        start = end + skip
        scanned = start
        lineNumber += 1
        return try text.withUnsafeBufferPointer {
            try body(UnsafeBufferPointer(rebasing: $0[begin..<end]))
        }
    }

    private func fill() throws {
        if start > 0 {
            text.removeFirst(start)
            scanned -= start
            start = 0
        }
        do {
            let piece = try handle.read(upToCount: LineSource.pieceBytes) ?? Data()
            position += piece.count
            if piece.isEmpty {
                try decoder.finish()
                isAtEnd = true
            } else {
                try decoder.push([UInt8](piece), to: &text)
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("\(path): not readable as it is compressed (\(error))")
        }
    }
}

/// Turns pieces of a file into pieces of its text.
protocol PieceDecoder {
    mutating func push(_ piece: [UInt8], to text: inout [UInt8]) throws
    func finish() throws
}

/// A file that is not compressed.
struct PlainPieces: PieceDecoder {
    mutating func push(_ piece: [UInt8], to text: inout [UInt8]) throws { text += piece }
    func finish() throws {}
}

/// A zstd file.
struct ZstdPieces: PieceDecoder {
    private let stream = ZstdInputStream()

    mutating func push(_ piece: [UInt8], to text: inout [UInt8]) throws {
        try piece.withUnsafeBytes { try stream.push($0) { text.append(contentsOf: $0) } }
    }

    func finish() throws { try stream.finish() }
}

/// A gzip file, of one or more members.
final class GzipPieces: PieceDecoder {
    private var stream = z_stream()
    private var out = [UInt8](repeating: 0, count: 1 << 18)
    private var isInside = false

    init() throws {
        // 15 bits of window and 16: gzip's own head and checksum.
        guard
            inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { throw Failure("zlib cannot be started") }
    }

    deinit { inflateEnd(&stream) }

    func push(_ piece: [UInt8], to text: inout [UInt8]) throws {
        var piece = piece
        try piece.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            while stream.avail_in > 0 {
                isInside = true
                let status = out.withUnsafeMutableBufferPointer { buffer in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    return inflate(&stream, Z_NO_FLUSH)
                }
                text.append(contentsOf: out[..<(out.count - Int(stream.avail_out))])
                if status == Z_STREAM_END {
                    isInside = false
                    inflateReset(&stream)
                } else if status != Z_OK {
                    throw Failure("gzip data is damaged (\(status))")
                }
            }
        }
    }

    func finish() throws {
        if isInside { throw Failure("the gzip file ends in the middle") }
    }
}
