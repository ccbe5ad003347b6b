/// A failed file operation: what was attempted on which file, and the errno.
public struct StorageError: Error, Hashable, Sendable {
    /// The operation, as a system call is named.
    public var operation: String
    /// The file's name inside the journal's folder; the folder's path where it is about that.
    public var file: String
    /// The errno value.
    public var code: Int32

    /// Makes an error.
    public init(operation: String, file: String, code: Int32) {
        self.operation = operation
        self.file = file
        self.code = code
    }
}

/// How a file is opened.
public enum OpenMode: Sendable {
    /// Read only; the file must exist.
    case read
    /// Read and write; the file must exist.
    case write
    /// Read and write; the file must not exist and is made.
    case create
    /// Read and write; the file is made when it does not exist.
    case createOrOpen
}

/// The few operations on one folder that a journal needs: the seam where tests break the disk.
/// File names are plain names inside that folder. Nothing here retries.
public protocol Storage: AnyObject {
    /// Makes the folder (0700) when it does not exist; in either case its name is durable.
    func makeFolder() throws(StorageError)
    /// Names of all files in the folder, in any order.
    func list() throws(StorageError) -> [String]
    /// Opens a file (0600 when made).
    func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> any StorageFile
    /// Renames a file, over an existing one if there is one.
    func rename(_ name: String, to newName: String) throws(StorageError)
    /// Removes a file.
    func unlink(_ name: String) throws(StorageError)
    /// Makes names durable.
    func syncFolder() throws(StorageError)
    /// A clock that never goes back, in ns.
    func monotonicNanos() -> UInt64
    /// The wall clock in ns since 1970; used only to name files that were cut away.
    func wallNanos() -> Int64
    /// Who this process is, for the lock file.
    func processDescription() -> String
}

/// One open file; closed when it is released.
public protocol StorageFile: AnyObject {
    /// The file's length in bytes.
    func size() throws(StorageError) -> Int
    /// Reads at most `memory.count` bytes at `offset`; returns how many, 0 at the end.
    func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    /// Writes at most `bytes.count` bytes at `offset`; returns how many were written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) -> Int
    /// Cuts or extends the file to `size` bytes.
    func truncate(to size: Int) throws(StorageError)
    /// Makes the contents and the length durable.
    func sync() throws(StorageError)
    /// Takes an advisory lock without waiting; false when somebody else holds it.
    func lock(exclusive: Bool) throws(StorageError) -> Bool
}
