import Foundation

/// A command that changes a journal: where it fails, only it knows what was done before.
protocol ChangesJournal {}

/// Ctrl-C stops long work at the next message; what was written stays a valid journal.
enum Signals {
    nonisolated(unsafe) private static var flag: sig_atomic_t = 0

    static var isInterrupted: Bool { flag != 0 }

    static func prepare() {
        // A program started without its three standard files must not write a journal into them.
        var opened: Int32 = 0
        while opened <= 2 {
            opened = open("/dev/null", O_RDWR)
            if opened < 0 || opened > 2 { break }
        }
        if opened > 2 { close(opened) }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGINT) { _ in Signals.flag = 1 }
        signal(SIGTERM) { _ in Signals.flag = 1 }
        // Who started us may have blocked them, and a mask outlives exec.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        sigaddset(&wanted, SIGINT)
        sigaddset(&wanted, SIGTERM)
        pthread_sigmask(Int32(SIG_UNBLOCK), &wanted, nil)
    }
}
