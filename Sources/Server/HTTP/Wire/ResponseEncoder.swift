import HTTPTypes
import NIOCore

/// A response as bytes; a large body stays a buffer of its own, which is not copied.
struct EncodedResponse {
    var head: ByteBuffer
    var body: ByteBuffer?
}

/// Writes responses. What every response has to say stands here, so that none can leave it out.
enum ResponseEncoder {
    /// Bodies up to this many bytes go out with their head.
    private static let joinedBytesMax = 32 << 10

    /// What browsers are told of every response (`reliability.md` 4, S.4).
    static let always = [
        HeaderField("X-Content-Type-Options", "nosniff"),
        HeaderField("Referrer-Policy", "no-referrer"),
        HeaderField("Cross-Origin-Opener-Policy", "same-origin"),
        HeaderField("Cross-Origin-Resource-Policy", "same-origin"),
        HeaderField("X-Frame-Options", "DENY"),
        HeaderField("Cache-Control", "no-store"),
        HeaderField("Server", "tapefold"),
    ]

    /// The response to `request`; nil where there was none that could be read.
    static func encode(
        _ answer: Answer, to request: RequestHead?, isKept: Bool, date: String
    ) -> EncodedResponse {
        var head = ByteBufferAllocator().buffer(capacity: 512)
        head.writeString("HTTP/1.1 \(answer.status.code) \(answer.status.reasonPhrase)\r\n")
        func write(_ name: String, _ value: String) {
            head.writeString("\(name): \(value)\r\n")
        }
        write("Date", date)
        for field in always { write(field.name, field.value) }
        for field in answer.headers { write(field.name, field.value) }
        if answer.session == nil {
            if answer.status != .noContent {
                write("Content-Length", "\(answer.length ?? answer.body.readableBytes)")
            }
            if !isKept { write("Connection", "close") }
            if isKept, request?.minorVersion == 0 { write("Connection", "keep-alive") }
        }
        head.writeString("\r\n")
        var response = EncodedResponse(head: head)
        guard answer.body.readableBytes > 0, request?.method != "HEAD" else { return response }
        if answer.body.readableBytes <= joinedBytesMax {
            var body = answer.body
            response.head.writeBuffer(&body)
        } else {
            response.body = answer.body
        }
        return response
    }
}

extension Answer {
    /// A refusal as JSON.
    init(_ failure: HTTPFailure) {
        status = failure.status
        headers = [HeaderField("Content-Type", "application/json")] + failure.headers
        if let seconds = failure.retryAfter {
            headers.append(HeaderField("Retry-After", "\(seconds)"))
        }
        body = ByteBuffer(bytes: failure.json)
        closes = failure.closes
    }

    /// A JSON answer.
    init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.status = status
        headers = [HeaderField("Content-Type", "application/json")]
        body = ByteBuffer(bytes: json)
    }
}
