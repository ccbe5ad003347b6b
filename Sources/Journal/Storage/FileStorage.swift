internal import Glibc

/// A journal's folder on a real file system.
public final class FileStorage: Storage {
    /// The folder's path.
    public let directory: String
    private var folder: Int32 = -1

    /// Names a folder; nothing is touched before it is used.
    public init(directory: String) { self.directory = directory }

    deinit { if folder >= 0 { close(folder) } }

    /// Makes the folder and missing ones above it (0700), each synced into its parent,
    /// also existing ones: but for parents that somebody else must have made, since we may not
    /// open or sync them.
    public func makeFolder() throws(StorageError) {
        var path = ""
        for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
            let parent = path.isEmpty ? (directory.hasPrefix("/") ? "/" : ".") : path
            path = path.isEmpty && !directory.hasPrefix("/") ? String(part) : "\(path)/\(part)"
            if part.isEmpty || part == "." || part == ".." { continue }
            let isNew = mkdir(path, 0o700) == 0
            if !isNew && errno != EEXIST {
                throw StorageError(operation: "mkdir", file: path, code: errno)
            }
            // One that exists may have been made by a program that died before this.
            do throws(StorageError) { try Self.syncPath(parent) } catch {
                let isForeign = [EACCES, EPERM, EROFS, EINVAL].contains(error.code)
                if isNew || !isForeign { throw error }
            }
        }
    }

    /// Names of all files in the folder.
    public func list() throws(StorageError) -> [String] {
        guard let stream = opendir(directory) else { throw failure("opendir", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        if errno != 0 { throw failure("readdir", directory) }
        return names
    }

    /// Opens a file with `O_NOFOLLOW | O_CLOEXEC`, 0600 when made.
    public func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> any StorageFile {
        var flags = O_CLOEXEC | O_NOFOLLOW
        switch mode {
        case .read: flags |= O_RDONLY
        case .write: flags |= O_RDWR
        case .create: flags |= O_RDWR | O_CREAT | O_EXCL
        case .createOrOpen: flags |= O_RDWR | O_CREAT
        }
        let descriptor = openat(try folderDescriptor(), name, flags, 0o600)
        guard descriptor >= 0 else { throw failure("open", name) }
        return DescriptorFile(descriptor: descriptor, name: name)
    }

    /// Renames inside the folder.
    public func rename(_ name: String, to newName: String) throws(StorageError) {
        let folder = try folderDescriptor()
        if renameat(folder, name, folder, newName) != 0 { throw failure("rename", name) }
    }

    /// Removes a file of the folder.
    public func unlink(_ name: String) throws(StorageError) {
        if unlinkat(try folderDescriptor(), name, 0) != 0 { throw failure("unlink", name) }
    }

    /// `fsync` of the folder.
    public func syncFolder() throws(StorageError) {
        if fsync(try folderDescriptor()) != 0 { throw failure("fsync", ".") }
    }

    /// `CLOCK_MONOTONIC`.
    public func monotonicNanos() -> UInt64 { UInt64(Self.nanos(CLOCK_MONOTONIC)) }

    /// `CLOCK_REALTIME`.
    public func wallNanos() -> Int64 { Self.nanos(CLOCK_REALTIME) }

    /// The process id and, from `/proc`, the clock ticks after boot at which it started.
    public func processDescription() -> String {
        "pid \(getpid()) started \(Self.startTicks())"
    }

    private func folderDescriptor() throws(StorageError) -> Int32 {
        if folder < 0 {
            let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
            let descriptor = Glibc.open(directory, flags)
            guard descriptor >= 0 else { throw failure("open", directory) }
            folder = descriptor
        }
        return folder
    }

    private func failure(_ operation: String, _ name: String) -> StorageError {
        let code = errno
        return StorageError(operation: operation, file: name, code: code)
    }

    private static func syncPath(_ path: String) throws(StorageError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StorageError(operation: "open", file: path, code: errno)
        }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 {
            throw StorageError(operation: "fsync", file: path, code: errno)
        }
    }

    private static func nanos(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Field 22 of `/proc/self/stat`, counted after the closing bracket of the program's name.
    private static func startTicks() -> String {
        let descriptor = Glibc.open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "unknown" }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 1_024)
        let count = Glibc.read(descriptor, &text, text.count)
        guard count > 0 else { return "unknown" }
        let line = String(decoding: text[0..<count], as: UTF8.self)
        guard let bracket = line.lastIndex(of: ")") else { return "unknown" }
        let fields = line[line.index(after: bracket)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : "unknown"
    }
}
