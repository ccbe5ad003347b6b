internal import Glibc

extension JournalError {
    /// Puts a failed file operation into the words of the journal.
    init(_ error: StorageError, file: String? = nil, offset: Int = -1) {
        let name = file ?? error.file
        switch error.code {
        case ENOSPC, EDQUOT, EFBIG:
            self = .noSpace(
                operation: error.operation, file: name, offset: offset, code: error.code)
        default:
            self = .io(operation: error.operation, file: name, offset: offset, code: error.code)
        }
    }

    /// Runs file operations and translates their failure.
    static func translating<Result>(
        _ file: String? = nil, offset: Int = -1,
        _ body: () throws(StorageError) -> Result
    ) throws(JournalError) -> Result {
        do throws(StorageError) { return try body() } catch {
            throw JournalError(error, file: file, offset: offset)
        }
    }
}

extension JournalError {
    /// Makes names durable.
    static func syncingFolder(_ storage: any Storage) throws(JournalError) {
        do throws(StorageError) { try storage.syncFolder() } catch {
            throw .syncFailed(file: ".", code: error.code)
        }
    }
}

extension StorageError {
    /// Whether the operation failed because the name does not exist.
    var isMissing: Bool { code == ENOENT }
}

extension StorageError {
    /// EINTR or EAGAIN without end: nothing is damaged.
    var isInterruption: Bool { code == EINTR || code == EAGAIN }
}
