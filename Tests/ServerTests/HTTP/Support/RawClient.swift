import Foundation
import Glibc

/// A TCP client that sends what it is told and nothing else.
final class RawClient: @unchecked Sendable {
    private var socket: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    private var bytes = [UInt8](repeating: 0, count: 256 << 10)
    private(set) var hasEnded = false
    let port: Int

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        self.port = port
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size = receiveBuffer ?? 0
        if receiveBuffer != nil { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        // A test that would hang fails instead.
        var limit = timeval(tv_sec: 240, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        // The bytes of a `sockaddr_in`: which module has its members depends on who else is
        // compiled.
        let family = UInt16(AF_INET)
        let number = UInt16(port)
        var address: [UInt8] = [
            UInt8(truncatingIfNeeded: family), UInt8(family >> 8), UInt8(number >> 8),
            UInt8(truncatingIfNeeded: number), 127, 0, 0, 1,
        ]
        address += [UInt8](repeating: 0, count: 8)
        let result = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.connect(socket, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard result == 0 else { throw TestFailure("connect: errno \(errno)") }
    }

    deinit { close() }

    func close() {
        if socket >= 0 { Glibc.close(socket) }
        socket = -1
    }

    /// Ends with a reset instead of an orderly end.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    /// Nothing more is sent.
    func endInput() { shutdown(socket, Int32(SHUT_WR)) }

    /// Sends bytes; whether the server took them all.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Reads what comes next into the buffer; false at the end.
    private func fill() throws -> Bool {
        if position > 0, position == buffer.count || position > 1 << 20 {
            buffer.removeFirst(position)
            position = 0
        }
        let count = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
        if count > 0 {
            buffer += bytes[..<count]
            return true
        }
        if count < 0, errno == EAGAIN { throw TestFailure("nothing came for 240 s") }
        hasEnded = true
        return false
    }

    /// The next `count` bytes; fewer at the end.
    func read(_ count: Int) throws -> [UInt8] {
        while buffer.count - position < count, try fill() {}
        let end = min(buffer.count, position + count)
        defer { position = end }
        return Array(buffer[position..<end])
    }

    /// Everything up to the end.
    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        return try read(buffer.count - position)
    }

    /// The next response; nil where the connection ended without one.
    func response(isHead: Bool = false) throws -> RawResponse? {
        let mark = Array("\r\n\r\n".utf8)
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual(mark) {
            let byte = try read(1)
            guard !byte.isEmpty else { return nil }
            head += byte
        }
        var response = RawResponse(String(decoding: head.dropLast(4), as: UTF8.self))
        let length = Int(response["content-length"] ?? "0") ?? 0
        if !isHead { response.body = try read(length) }
        return response
    }

    /// Asks and reads the answer.
    func ask(
        _ method: String = "GET", _ target: String, headers: [String] = [], body: String? = nil
    ) throws -> RawResponse {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1:\(port)"] + headers
        if let body {
            lines.append("Content-Length: \(body.utf8.count)")
            if !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
                lines.append("Content-Type: application/json")
            }
        }
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        guard let response = try response(isHead: method == "HEAD") else {
            throw TestFailure("no response to \(method) \(target)")
        }
        return response
    }
}

/// A response as it came.
struct RawResponse {
    let status: Int
    let headers: [(name: String, value: String)]
    var body: [UInt8] = []

    init(_ head: String) {
        let lines = head.components(separatedBy: "\r\n")
        status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
        headers = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (
                line[..<colon].lowercased(),
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            )
        }
    }

    subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]) ?? [:]
    }

    /// Field and rule of a refusal, as `field rule`.
    var refusal: String {
        let error = json["error"] as? [String: Any] ?? [:]
        return "\(error["field"] as? String ?? "-") \(error["rule"] as? String ?? "?")"
    }
}
