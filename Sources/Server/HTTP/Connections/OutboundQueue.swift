import NIOCore

/// What was sent on a connection and not yet taken by the kernel, message by message.
///
/// The channel knows only the sum of bytes; messages leave in order, so the sizes tell which of
/// them are gone. Allocates nothing in the steady state.
struct OutboundQueue {
    private var sizes = CircularBuffer<Int>()
    private var sum = 0
    /// Bytes that wait.
    private(set) var bytes = 0
    private var sent: UInt64 = 0
    private var sentBefore: UInt64 = 0
    private var progressAt: NIODeadline = .distantPast

    /// Messages that wait, one of them perhaps in part.
    var count: Int { sizes.count }

    /// Notes a message that was handed to the channel.
    mutating func add(_ size: Int) {
        sizes.append(size)
        sum += size
        bytes += size
    }

    /// Notes that `left` bytes still wait in the channel.
    mutating func settle(left: Int) {
        if left < bytes { sent &+= UInt64(bytes - left) }
        bytes = left
        while let first = sizes.first, sum - first >= left {
            sizes.removeFirst()
            sum -= first
        }
    }

    /// Looks whether anything was taken since the last look; for how long nothing was, while
    /// something waits.
    mutating func stuckFor(_ now: NIODeadline) -> TimeAmount {
        if bytes == 0 || sent != sentBefore || progressAt == .distantPast { progressAt = now }
        sentBefore = sent
        return now - progressAt
    }
}
