internal import Glibc

/// An open file of `FileStorage`; the descriptor is closed with the object.
final class DescriptorFile: StorageFile {
    private let descriptor: Int32
    private let name: String

    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    deinit { close(descriptor) }

    func size() throws(StorageError) -> Int {
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw failure("fstat") }
        return Int(status.st_size)
    }

    func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        let count = pread(descriptor, memory.baseAddress, memory.count, off_t(offset))
        if count < 0 { throw failure("read") }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
        let count = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
        if count < 0 { throw failure("write") }
        return count
    }

    func truncate(to size: Int) throws(StorageError) {
        if ftruncate(descriptor, off_t(size)) != 0 { throw failure("truncate") }
    }

    func sync() throws(StorageError) {
        if fdatasync(descriptor) != 0 { throw failure("fdatasync") }
    }

    func lock(exclusive: Bool) throws(StorageError) -> Bool {
        if flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure("flock")
    }

    private func failure(_ operation: String) -> StorageError {
        let code = errno
        return StorageError(operation: operation, file: name, code: code)
    }
}
