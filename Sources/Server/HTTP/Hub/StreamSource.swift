import Engine
import Journal
import NIOCore
import NIOPosix

/// Why a stream gets nothing more from the log.
struct StreamSourceError: Error, Equatable {
    /// Close code.
    var code: UInt16
    /// In words.
    var reason: String
}

/// The past of one stream, read off the event loop. Steps never overlap: the stream asks for one
/// when it has sent what the one before gave, so a slow client holds no thread.
///
/// `@unchecked Sendable`: the player is touched inside steps alone, one after the other.
final class StreamSource: @unchecked Sendable {
    private let player: any StreamPlaying
    private let reads: HeavyReads
    /// Given back when the last one lets go of this.
    private let seat: ReplaySeat
    private let closed = CancelFlag()

    /// A source that plays `player` on the threads of `reads`.
    init(_ player: any StreamPlaying, _ reads: HeavyReads, _ seat: ReplaySeat) {
        self.player = player
        self.reads = reads
        self.seat = seat
    }

    /// Finds the first frame; before the handshake, so that what is wrong is said in HTTP.
    func open() async throws {
        let closed = closed
        try await reads.run { isCancelled in
            self.player.cancel(when: isCancelled)
            try self.player.open()
            // The flag alone: the player belongs to this.
            self.player.cancel { closed.isSet }
        }
    }

    /// Reads on and hands the result to `take` on `loop`.
    func step(
        on loop: any EventLoop,
        _ take: @escaping @Sendable (Result<StreamStep, StreamSourceError>) -> Void
    ) {
        reads.pool.submit { state in
            let result: Result<StreamStep, StreamSourceError>
            if case .cancelled = state {
                result = .failure(
                    StreamSourceError(code: CloseCode.goingAway, reason: "the server stops"))
            } else {
                result = self.step()
            }
            loop.execute { take(result) }
        }
    }

    /// Lets go of the log until the next step; `done` is called on `loop`.
    func rest(on loop: any EventLoop, _ done: @escaping @Sendable () -> Void) {
        reads.pool.submit { state in
            if case .active = state { self.player.rest() }
            loop.execute { done() }
        }
    }

    private func step() -> Result<StreamStep, StreamSourceError> {
        do throws(LogError) {
            return .success(try player.step())
        } catch {
            return .failure(
                StreamSourceError(
                    code: CloseCode.internalError, reason: "the log cannot be read"))
        }
    }

    /// Nobody waits for it any more.
    func close() { closed.set() }
}
