import Engine
import Foundation
import TestSupport

@testable import Venues

/// Drives readers over recordings and keeps a plain book a key.
final class CaptureRun {
    let session = CaptureSession()
    private(set) var books: [UInt32: PlainBook] = [:]
    private(set) var symbols: [UInt16: (venue: Venue, symbol: String)] = [:]
    private(set) var definitions: [UInt16: InstrumentDefinition] = [:]
    private(set) var connections: [UInt16: String] = [:]
    private(set) var outcomes: [String: Int] = [:]
    private(set) var messages = 0
    private(set) var events: [UInt8: Int] = [:]
    private(set) var rejected: [RejectedMessage] = []
    private(set) var skippedLines = 0
    private(set) var levelEvents = 0
    private var block = EventBlock()
    private let depth: Int

    /// A run over books of which the venue keeps `depth` levels a side.
    init(depth: Int = .max) { self.depth = depth }

    /// Reads the recording at `url`, unpacked when it is a `.zst` file.
    func read(_ url: URL) throws {
        try read(bytes: try SharedFile.bytes(url))
    }

    func read(bytes: [UInt8]) throws {
        try bytes.withUnsafeBufferPointer { text in
            guard let format = CaptureFormat.recognise(text) else {
                throw SharedFile.Failure.unknownFormat
            }
            let reader = CaptureReader(format: format, session: session)
            var start = 0
            while start < text.count {
                let end = text[start...].firstIndex(of: 0x0a) ?? text.count
                if let record = reader.push(ByteText.slice(text, start, end)) {
                    apply(record, reader)
                }
                start = end + 1
            }
            if let record = reader.finish() { apply(record, reader) }
            skippedLines += reader.skippedLines
        }
    }

    private func apply(_ record: CaptureRecord, _ reader: CaptureReader) {
        block.clear()
        let outcome = reader.apply(record, into: &block)
        if record.isMessage { messages += 1 }
        outcomes["\(outcome)", default: 0] += 1
        fold()
        if let touch = reader.touch { book(touch.key.rawValue).observe(touch) }
    }

    private func book(_ key: UInt32) -> PlainBook {
        if let known = books[key] { return known }
        let book = PlainBook(depth: depth)
        if let definition = definitions[BookKey(rawValue: key).instrument] {
            book.define(definition)
        }
        books[key] = book
        return book
    }

    private func fold() {
        for index in 0..<block.count {
            let header = block.headers[index]
            events[header.kind, default: 0] += 1
            switch EventKind(rawValue: header.kind) {
            case .bookSnapshot, .bookDelta:
                levelEvents += 1
                book(block.books[Int(header.book)]).apply(header, block.levels)
            case .trade: book(block.books[Int(header.book)]).trades += 1
            default: foldRare(index)
            }
        }
    }

    private func foldRare(_ index: Int) {
        guard let event = try? block.event(at: index) else { return }
        switch event.body {
        case .instrumentDefinition(let definition):
            definitions[definition.instrument] = definition
            symbols[definition.instrument] = (
                definition.venue, String(decoding: definition.venueSymbol, as: UTF8.self)
            )
            for (key, book) in books
            where BookKey(rawValue: key).instrument == definition.instrument {
                book.define(definition)
            }
        case .venueStatus(let status):
            if case .connection(let id, _, let name, _) = status.subject {
                connections[id] = String(decoding: name, as: UTF8.self)
            }
            guard case .book(let key, let validity) = status.subject else { return }
            let book = book(key.rawValue)
            book.validity = validity
            book.statuses.append(validity)
            if validity == .invalid(.gap) { book.gaps += 1 }
        case .rejectedMessage(let message): rejected.append(message)
        default: return
        }
    }

    /// The one book of a symbol, or of `connection|symbol`. Where trades come on a connection of
    /// their own, it is the other one.
    func book(_ name: String) -> PlainBook? {
        let parts = name.split(separator: "|").map(String.init)
        let match = books.filter { key, _ in
            let key = BookKey(rawValue: key)
            return symbols[key.instrument]?.symbol == parts.last
                && (parts.count == 1 || connections[key.connection] == parts[0])
        }
        return match.count == 1
            ? match.first?.value : match.first { $0.value.snapshots > 0 }?.value
    }

    /// Trades of a symbol, on whichever connection they came; of `connection|symbol`, on that one.
    func trades(_ name: String) -> Int {
        let parts = name.split(separator: "|").map(String.init)
        return books.reduce(0) { sum, entry in
            let key = BookKey(rawValue: entry.key)
            let isMeant =
                symbols[key.instrument]?.symbol == parts.last
                && (parts.count == 1 || connections[key.connection] == parts[0])
            return isMeant ? sum + entry.value.trades : sum
        }
    }

    /// Outcomes of messages that were rejected.
    var rejections: [String: Int] { outcomes.filter { $0.key.hasPrefix("rejected") } }
}

/// Files of the shared data folder.
enum SharedFile {
    enum Failure: Error { case unknownFormat, unreadable }

    /// The bytes of a file, unpacked by `zstd` when it ends in `.zst`.
    static func bytes(_ url: URL) throws -> [UInt8] {
        guard url.pathExtension == "zst" else { return [UInt8](try Data(contentsOf: url)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["zstd", "-dcq", url.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure.unreadable }
        return [UInt8](data)
    }

    static func json(_ url: URL) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        guard let result = object as? [String: Any] else { throw Failure.unreadable }
        return result
    }

    /// Pairs of text on the wire without zeros at the end.
    static func trimmed(_ levels: Any?) -> [[String]]? {
        (levels as? [[String]])?.map { level in
            level.map { text in
                var bytes: [UInt8] = []
                if let value = try? DecimalText.parse(Array(text.utf8)) {
                    DecimalText.append(value, to: &bytes)
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }
}
