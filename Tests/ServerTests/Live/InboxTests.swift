import NIOCore
import Testing

@testable import Server

/// The queue in front of the core's thread (V.13).
@Suite struct InboxTests {
    private static let now = Instant(wall: 0, steady: 0)

    private func push(_ inbox: Inbox, _ line: UInt16, bytes: Int = 1) -> Bool {
        let message = ByteBuffer(repeating: 0x20, count: bytes)
        return inbox.push(
            .message(SocketID(line: line, generation: 1), message), at: Self.now)
    }

    @Test func `what was taken counts until it was handed on`() {
        let inbox = Inbox()
        var taken: [(item: InboxItem, at: Instant)] = []
        for _ in 0..<Inbox.messagesMax { #expect(push(inbox, 3)) }
        #expect(!push(inbox, 3) && push(inbox, 4))
        inbox.take(waitingAtMost: 0, into: &taken)
        #expect(taken.count == Inbox.messagesMax + 1)
        #expect(!push(inbox, 3), "the reader still holds them")
        inbox.take(waitingAtMost: 0, into: &taken)
        #expect(taken.isEmpty && push(inbox, 3))
    }

    @Test func `bytes of a line are bounded, lines do not count for each other`() {
        let inbox = Inbox()
        let quarter = Inbox.bytesMax / 4
        for _ in 0..<4 { #expect(push(inbox, 1, bytes: quarter)) }
        #expect(!push(inbox, 1) && push(inbox, 2, bytes: quarter))
        var taken: [(item: InboxItem, at: Instant)] = []
        for _ in 0..<2 { inbox.take(waitingAtMost: 0, into: &taken) }
        #expect(push(inbox, 1, bytes: Inbox.bytesMax) && !push(inbox, 1))
    }

    @Test func `what is not a message is always taken`() {
        let inbox = Inbox()
        while push(inbox, 1) {}
        let socket = SocketID(line: 1, generation: 1)
        #expect(inbox.push(.closed(socket, .overflowed), at: Self.now))
    }
}
