import Logging
import NIOCore
import Venues

/// What the core's thread took out of the inbox and has not handed in yet. While the journal takes
/// nothing, it keeps its order here; questions alone are answered (F.5).
struct LiveBacklog {
    private let inbox: Inbox
    private let clock: SharedClock
    private let logger: Logger
    private var items: [(item: InboxItem, at: Instant)] = []
    /// The first one that is not handed in yet.
    private var next = 0
    /// Whether something may wait that came before or during a pause. Until that is handed in, the
    /// core is not told what time it is.
    private(set) var isBehind = false

    /// A backlog of `inbox`, whose questions are asked at the time of `clock`.
    init(_ inbox: Inbox, _ clock: SharedClock, _ logger: Logger) {
        self.inbox = inbox
        self.clock = clock
        self.logger = logger
    }

    /// Hands in what came; waits for at most `nanos` while there is nothing.
    mutating func hand(to core: LiveCore, waitingAtMost nanos: Int64) throws {
        if core.isPaused {
            isBehind = true
            return inbox.withQuestions(waitingAtMost: nanos) { $0(core, clock.now) }
        }
        guard try handItems(to: core) else { return }
        inbox.take(waitingAtMost: isBehind ? 0 : nanos, into: &items)
        next = 0
        isBehind = false
        _ = try handItems(to: core)
    }

    /// Hands in what was taken; false where a pause keeps the rest.
    private mutating func handItems(to core: LiveCore) throws -> Bool {
        while next < items.count {
            let (item, at) = items[next]
            if case .question(let body) = item {
                body(core, clock.now)
            } else {
                guard try core.isReady(at) else {
                    isBehind = true
                    answerQuestions(core)
                    return false
                }
                try hand(item, at, core)
            }
            next += 1
        }
        return true
    }

    /// Nobody answers any more.
    mutating func end() { answerQuestions(nil) }

    /// Takes the questions out of what waits; the rest keeps its order.
    private mutating func answerQuestions(_ core: LiveCore?) {
        var rest: [(item: InboxItem, at: Instant)] = []
        for entry in items[next...] {
            if case .question(let question) = entry.item {
                question(core, clock.now)
            } else {
                rest.append(entry)
            }
        }
        items = rest
        next = 0
    }

    private func hand(_ item: InboxItem, _ at: Instant, _ core: LiveCore) throws {
        switch item {
        case .opened(let socket): try core.opened(socket, at)
        case .closed(let socket, let end):
            logger.info(
                "connection ended",
                metadata: ["line": "\(socket.line)", "end": "\(end)"])
            try core.closed(socket, end, at)
        case .message(let socket, let bytes):
            try bytes.withUnsafeReadableBytes {
                try core.received(socket, $0.assumingMemoryBound(to: UInt8.self), at)
            }
        case .heard(let socket): core.heard(socket, at)
        case .answered(let id, let head, let bytes):
            try bytes.withUnsafeReadableBytes {
                try core.answered(id, head, $0.assumingMemoryBound(to: UInt8.self), at)
            }
        case .question: preconditionFailure("questions are asked at once")
        }
    }
}
