import NIOCore
import Synchronization
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

    @Test func `questions alone are taken out of what waits, in their order`() async {
        let inbox = Inbox()
        let asked = Mutex<[Int]>([])
        for number in 0..<3 {
            #expect(push(inbox, 1))
            let question: @Sendable (LiveCore?, Instant) -> Void = { _, _ in
                asked.withLock { $0.append(number) }
            }
            #expect(inbox.push(.question(question), at: Self.now))
        }
        inbox.withQuestions(waitingAtMost: 0) { $0(nil, Self.now) }
        #expect(asked.withLock { $0 } == [0, 1, 2])
        inbox.withQuestions(waitingAtMost: 0) { _ in Issue.record("each is asked once") }
        var taken: [(item: InboxItem, at: Instant)] = []
        inbox.take(waitingAtMost: 0, into: &taken)
        #expect(taken.count == 3)
        // One that waits for questions is woken by a question.
        let answered = Task.detached {
            var count = 0
            while count == 0 {
                inbox.withQuestions(waitingAtMost: 60_000_000_000) { _ in count += 1 }
            }
            return count
        }
        for _ in 0..<100 { #expect(push(inbox, 2)) }
        #expect(inbox.push(.question { _, _ in }, at: Self.now))
        #expect(await answered.value == 1)
    }

    @Test func `what is not a message is always taken`() {
        let inbox = Inbox()
        while push(inbox, 1) {}
        let socket = SocketID(line: 1, generation: 1)
        #expect(inbox.push(.closed(socket, .overflowed), at: Self.now))
    }
}
