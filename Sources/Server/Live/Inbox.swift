import Dispatch
import NIOCore
import Synchronization
import Venues

/// What sockets, requests and other threads tell the live core.
enum InboxItem: Sendable {
    case opened(SocketID)
    case closed(SocketID, SocketEnd)
    case message(SocketID, ByteBuffer)
    case heard(SocketID)
    case answered(UInt64, AnswerHead, ByteBuffer)
    /// Asked of the core; of nobody (nil) when the run has ended.
    case question(@Sendable (LiveCore?, Instant) -> Void)
}

/// The queue in front of the core's thread: many writers, one reader. Messages of a line are
/// bounded in count and bytes (V.13); what does not fit is told, never dropped silently.
final class Inbox: Sendable {
    /// Messages of one line that may wait.
    static let messagesMax = 65_536
    /// Their bytes.
    static let bytesMax = 64 << 20

    private struct Waiting {
        var messages = 0
        var bytes = 0
    }

    private struct State: ~Copyable {
        var items: [(item: InboxItem, at: Instant)] = []
        var waiting: [UInt16: Waiting] = [:]
        /// Of them, what the reader has taken and is handing on.
        var taken: [UInt16: Waiting] = [:]
        /// Questions among the items.
        var questions = 0
        var sleep = Sleep.none
        var isClosed = false
    }

    /// What the reader waits for.
    private enum Sleep {
        case none, items, questions
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    /// Adds an item; false when it is a message that does not fit, or nobody reads any more.
    @discardableResult
    func push(_ item: InboxItem, at now: Instant) -> Bool {
        let (isTaken, wasSleeping) = state.withLock { state -> (Bool, Bool) in
            if state.isClosed { return (false, false) }
            if case .message(let socket, let bytes) = item {
                var waiting = state.waiting[socket.line] ?? Waiting()
                guard waiting.messages < Inbox.messagesMax,
                    waiting.bytes + bytes.readableBytes <= Inbox.bytesMax
                else { return (false, false) }
                waiting.messages += 1
                waiting.bytes += bytes.readableBytes
                state.waiting[socket.line] = waiting
            }
            var wakes = state.sleep == .items
            if case .question = item {
                state.questions += 1
                wakes = state.sleep != .none
            }
            state.items.append((item, now))
            if wakes { state.sleep = .none }
            return (true, wakes)
        }
        if wasSleeping { wakeUp.signal() }
        return isTaken
    }

    /// Everything that waits, in order; sleeps for at most `nanos` while there is nothing. What
    /// was taken before has been handed on.
    func take(waitingAtMost nanos: Int64, into taken: inout [(item: InboxItem, at: Instant)]) {
        taken.removeAll(keepingCapacity: true)
        if swapItems(&taken, sleeps: nanos > 0) { return }
        if nanos > 0 {
            _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanos)))
            _ = swapItems(&taken, sleeps: false)
        }
    }

    /// Takes the questions alone; sleeps for at most `nanos` while there is none. What else waits
    /// keeps its order.
    func withQuestions(
        waitingAtMost nanos: Int64, _ body: (@Sendable (LiveCore?, Instant) -> Void) -> Void
    ) {
        var questions = takeQuestions(sleeps: nanos > 0)
        if questions.isEmpty, nanos > 0 {
            _ = wakeUp.wait(timeout: .now() + .nanoseconds(Int(nanos)))
            questions = takeQuestions(sleeps: false)
        }
        questions.forEach(body)
    }

    private func takeQuestions(sleeps: Bool) -> [@Sendable (LiveCore?, Instant) -> Void] {
        state.withLock { state in
            var questions: [@Sendable (LiveCore?, Instant) -> Void] = []
            state.sleep = sleeps && state.questions == 0 ? .questions : .none
            // What else waits may be much.
            guard state.questions > 0 else { return questions }
            state.questions = 0
            state.items.removeAll { item, _ in
                guard case .question(let question) = item else { return false }
                questions.append(question)
                return true
            }
            return questions
        }
    }

    /// Takes nothing more; what waited is given back.
    func close() -> [(item: InboxItem, at: Instant)] {
        state.withLock { state in
            state.isClosed = true
            defer { state.items = [] }
            return state.items
        }
    }

    private func swapItems(
        _ taken: inout [(item: InboxItem, at: Instant)], sleeps: Bool
    ) -> Bool {
        var local: [(item: InboxItem, at: Instant)] = []
        swap(&local, &taken)
        state.withLock { state in
            swap(&state.items, &local)
            for (line, taken) in state.taken {
                state.waiting[line]?.messages -= taken.messages
                state.waiting[line]?.bytes -= taken.bytes
            }
            state.taken = state.waiting
            state.questions = 0
            state.sleep = sleeps && local.isEmpty ? .items : .none
        }
        swap(&local, &taken)
        return !taken.isEmpty
    }
}
