import Glibc
import NIOCore

/// The socket below a channel, for the case that fan-out is made of: nothing waits, and the kernel
/// takes all. Then a frame costs one system call and none of the channel's bookkeeping, which is
/// about half as much again.
///
/// Used on the channel's loop only, while the channel is active (a closed handle may be another's
/// by then), while nothing waits in the channel, and where no other handler stands between: the
/// bytes go to the wire as they are.
struct DirectSocket {
    private let handle: NIOBSDSocket.Handle

    /// The socket of `channel`; nil where it has none.
    init?(_ channel: any Channel) {
        let found = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self, { $0 })
        guard let handle = found ?? nil else { return nil }
        self.handle = handle
    }

    /// Hands over what the kernel has room for, and moves `buffer` behind it. An error takes
    /// nothing: the channel meets it again and does what is right.
    func send(_ buffer: inout ByteBuffer) {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let taken = buffer.withUnsafeReadableBytes {
            Glibc.send(handle, $0.baseAddress, $0.count, flags)
        }
        if taken > 0 { buffer.moveReaderIndex(forwardBy: taken) }
    }
}
