import HTTPTypes
import NIOCore

/// Bytes in, requests out; no socket, no clock. What is doubtful is refused and never repaired:
/// of two readings of the same bytes an attacker needs both.
///
/// ```
/// line ─► headers ─► body ─► line …            any ─► refused (for ever)
///            └─────► (no body) ─► line …
/// ```
struct RequestReader {
    /// What the bytes led to.
    enum Event {
        /// Line and headers are complete.
        case head(RequestHead)
        /// So is the body: the request may be answered.
        case complete(RequestHead, body: [UInt8])
        /// The bytes are no request; nothing more comes out.
        case refused(HTTPFailure)
    }

    private enum State {
        case line
        case headers
        case body
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case lastChunkEnd
        case refused
    }

    private let limits: HTTPLimits
    private var state = State.line
    private var head = RequestHead()
    private var body: [UInt8] = []
    private var headersBytes = 0
    /// Bytes at the front of the buffer that hold no end of line.
    private var searched = 0

    /// A reader at the beginning of a connection.
    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Whether no byte of a request was read yet.
    var isBetweenRequests: Bool {
        if case .line = state { true } else { false }
    }

    /// Whether headers are complete and a body is due.
    var isInBody: Bool {
        switch state {
        case .line, .headers, .refused: false
        case .body, .chunkSize, .chunk, .chunkEnd, .lastChunkEnd: true
        }
    }

    /// Bytes of the body so far.
    var bodyCount: Int { body.count }

    /// Reads on; nil when more bytes are needed.
    mutating func next(_ buffer: inout ByteBuffer) -> Event? {
        do throws(HTTPFailure) {
            while true {
                switch try step(&buffer) {
                case .more: return nil
                case .again: continue
                case .event(let event): return event
                }
            }
        } catch {
            state = .refused
            return .refused(error)
        }
    }

    private enum Step {
        case more
        case again
        case event(Event)
    }

    private mutating func step(_ buffer: inout ByteBuffer) throws(HTTPFailure) -> Step {
        switch state {
        case .line: return try readLine(&buffer)
        case .headers: return try readHeader(&buffer)
        case .body:
            guard case .length(let length) = head.body else { return .more }
            take(length - body.count, &buffer)
            return body.count == length ? .event(complete()) : .more
        case .chunkSize: return try readChunkSize(&buffer)
        case .chunk(let left):
            let taken = take(left, &buffer)
            state = left == taken ? .chunkEnd : .chunk(left - taken)
            return left == taken ? .again : .more
        case .chunkEnd, .lastChunkEnd: return try readChunkEnd(&buffer)
        case .refused: return .more
        }
    }

    private mutating func readLine(_ buffer: inout ByteBuffer) throws(HTTPFailure) -> Step {
        let tooLong = HTTPFailure(
            .uriTooLong, "request-line",
            "the request line has at most \(limits.requestLineBytes)"
                + " bytes", closes: true)
        guard let line = try line(&buffer, limits.requestLineBytes, tooLong) else { return .more }
        head = RequestHead()
        body = []
        headersBytes = 0
        try head.take(line: line)
        state = .headers
        return .again
    }

    private mutating func readHeader(_ buffer: inout ByteBuffer) throws(HTTPFailure) -> Step {
        let tooLarge = HTTPFailure(
            .requestHeaderFieldsTooLarge, "headers",
            "at most \(limits.headerCount) headers of \(limits.headerBytes) bytes each and "
                + "\(limits.allHeadersBytes) together", closes: true)
        let room = min(limits.headerBytes, limits.allHeadersBytes - headersBytes)
        guard let line = try line(&buffer, room, tooLarge) else { return .more }
        guard !line.isEmpty else {
            try head.settle(limits)
            switch head.body {
            case .none: return .event(complete())
            case .length: state = .body
            case .chunked: state = .chunkSize
            }
            return .event(.head(head))
        }
        headersBytes += line.count + 2
        guard head.headers.count < limits.headerCount else { throw tooLarge }
        try head.take(header: line)
        return .again
    }

    private mutating func readChunkSize(_ buffer: inout ByteBuffer) throws(HTTPFailure) -> Step {
        let noSize = HTTPFailure.strict("the size of a chunk is no hexadecimal number")
        guard let line = try line(&buffer, 8, noSize) else { return .more }
        guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16),
            line.allSatisfy({ $0 != 0x2b && $0 != 0x2d })
        else { throw noSize }
        guard body.count + size <= limits.bodyBytes else { throw .bodyTooLarge(limits.bodyBytes) }
        state = size == 0 ? .lastChunkEnd : .chunk(size)
        return .again
    }

    private mutating func readChunkEnd(_ buffer: inout ByteBuffer) throws(HTTPFailure) -> Step {
        let noEnd = HTTPFailure.strict("a chunk goes on behind its size, or a trailer follows")
        guard let line = try line(&buffer, 0, noEnd) else { return .more }
        precondition(line.isEmpty, "a line of no bytes is empty")
        if case .lastChunkEnd = state { return .event(complete()) }
        state = .chunkSize
        return .again
    }

    private mutating func complete() -> Event {
        state = .line
        return .complete(head, body: body)
    }

    @discardableResult
    private mutating func take(_ count: Int, _ buffer: inout ByteBuffer) -> Int {
        let taken = min(count, buffer.readableBytes)
        body.append(contentsOf: buffer.readBytes(length: taken) ?? [])
        return taken
    }

    /// The next line of at most `limit` bytes without its CR LF; nil when its end is not there.
    private mutating func line(
        _ buffer: inout ByteBuffer, _ limit: Int, _ tooLong: HTTPFailure
    ) throws(HTTPFailure) -> [UInt8]? {
        let view = buffer.readableBytesView
        let start = view.startIndex + searched
        guard let end = view[start...].firstIndex(where: { $0 == 0x0a || $0 == 0x0d || $0 == 0 })
        else {
            searched = view.count
            if searched > limit { throw tooLong }
            return nil
        }
        guard end - view.startIndex <= limit else { throw tooLong }
        guard view[end] == 0x0d else {
            throw .strict(view[end] == 0 ? "there is a NUL" : "a line ends without CR")
        }
        guard end + 1 < view.endIndex else {
            searched = end - view.startIndex
            return nil
        }
        guard view[end + 1] == 0x0a else { throw .strict("there is a CR without LF") }
        searched = 0
        let count = end - view.startIndex
        let line = buffer.readBytes(length: count) ?? []
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }
}
