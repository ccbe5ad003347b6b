import Glibc
package import Journal

/// What a planned fault does to an operation.
package enum Fault {
    case error(Int32)
    /// A write that takes so many bytes only.
    case short(Int)
}

/// A modelled disk as a journal's storage, with a virtual clock and planned faults.
package final class MemoryStorage: Storage {
    package let disk: MemoryDisk
    package var nowNanos: UInt64 = 0
    /// A disk that answers every sync with success and does nothing: the negative control.
    package var syncLies = false
    package private(set) var operations = 0
    /// Bytes that were read of all files.
    package fileprivate(set) var bytesRead = 0
    package private(set) var log: [String: Int] = [:]
    /// Asked before every operation: its number (from 1), its name, the file's name.
    package var fault: (Int, String, String) -> Fault? = { _, _, _ in nil }

    package init(_ disk: MemoryDisk = MemoryDisk()) { self.disk = disk }

    /// Counts an operation and fails it when that is planned; returns a write's length.
    @discardableResult
    func step(_ operation: String, _ file: String, _ count: Int = 0)
        throws(StorageError) -> Int
    {
        operations += 1
        log[operation, default: 0] += 1
        switch fault(operations, operation, file) {
        case nil: return count
        case .error(let code):
            throw StorageError(operation: operation, file: file, code: code)
        case .short(let part): return operation == "write" ? min(count, part) : count
        }
    }

    package func makeFolder() throws(StorageError) { try step("mkdir", "") }

    package func list() throws(StorageError) -> [String] {
        try step("list", "")
        return disk.names.keys.sorted().reversed()
    }

    package func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> any StorageFile {
        try step("open", name)
        if let inode = disk.names[name] {
            if case .create = mode {
                throw StorageError(operation: "open", file: name, code: EEXIST)
            }
            return MemoryFile(self, name, inode)
        }
        switch mode {
        case .read, .write: throw StorageError(operation: "open", file: name, code: ENOENT)
        case .create, .createOrOpen: break
        }
        let inode = MemoryDisk.Inode()
        disk.change(.set(name, inode))
        return MemoryFile(self, name, inode)
    }

    package func rename(_ name: String, to newName: String) throws(StorageError) {
        try step("rename", name)
        guard let inode = disk.names[name] else {
            throw StorageError(operation: "rename", file: name, code: ENOENT)
        }
        disk.change(.rename(name, newName, inode))
    }

    package func unlink(_ name: String) throws(StorageError) {
        try step("unlink", name)
        guard disk.names[name] != nil else {
            throw StorageError(operation: "unlink", file: name, code: ENOENT)
        }
        disk.change(.remove(name))
    }

    package func syncFolder() throws(StorageError) {
        try step("fsync folder", "")
        disk.syncNames()
    }

    package func monotonicNanos() -> UInt64 { nowNanos }
    package func wallNanos() -> Int64 { Int64(nowNanos) }
    package func processDescription() -> String { "pid 1 started 1" }
}

/// An open file of the model.
final class MemoryFile: StorageFile {
    private let storage: MemoryStorage
    private let name: String
    private let inode: MemoryDisk.Inode
    private var held: Bool?

    init(_ storage: MemoryStorage, _ name: String, _ inode: MemoryDisk.Inode) {
        self.storage = storage
        self.name = name
        self.inode = inode
    }

    deinit { release() }

    func size() throws(StorageError) -> Int {
        try storage.step("fstat", name)
        return inode.data.count
    }

    func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        try storage.step("read", name)
        guard offset < inode.data.count else { return 0 }
        let count = min(memory.count, inode.data.count - offset)
        storage.bytesRead += count
        inode.data.withUnsafeBytes { data in
            UnsafeMutableRawBufferPointer(rebasing: memory[0..<count])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: data[offset..<(offset + count)]))
        }
        return count
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) -> Int {
        let count = try storage.step("write", name, bytes.count)
        change(.write(offset, Array(bytes.prefix(count))))
        return count
    }

    func truncate(to size: Int) throws(StorageError) {
        try storage.step("truncate", name)
        if size != inode.data.count { change(.truncate(size)) }
    }

    private func change(_ change: MemoryDisk.Change) {
        MemoryDisk.apply(change, to: &inode.data)
        inode.pending.append(change)
    }

    func sync() throws(StorageError) {
        do throws(StorageError) { try storage.step("fdatasync", name) } catch {
            // As Linux does it: the pages count as clean, and are not on the disk.
            inode.pending.removeAll { if case .write = $0 { true } else { false } }
            throw error
        }
        if storage.syncLies { return }
        for change in inode.pending { MemoryDisk.apply(change, to: &inode.durable) }
        inode.pending = []
    }

    func lock(exclusive: Bool) throws(StorageError) -> Bool {
        try storage.step("flock", name)
        if inode.isLockedExclusively || (exclusive && inode.sharedLocks > 0) { return false }
        held = exclusive
        if exclusive { inode.isLockedExclusively = true } else { inode.sharedLocks += 1 }
        return true
    }

    private func release() {
        if held == true { inode.isLockedExclusively = false }
        if held == false { inode.sharedLocks -= 1 }
        held = nil
    }
}
