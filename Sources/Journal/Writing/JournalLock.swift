/// The right to change a journal: an exclusive lock on one file of the folder, held as long as
/// the object lives. What is written in the file is information; the lock is what counts.
public final class JournalLock {
    /// The folder the lock is about.
    public let storage: any Storage
    private let file: any StorageFile

    /// Makes the folder when it is missing and takes the lock.
    /// - Throws: `locked` with what the holder wrote about itself, `io`, `noSpace`.
    public init(storage: any Storage) throws(JournalError) {
        self.storage = storage
        let name = SegmentName.lock
        let (file, isHeld) = try JournalError.translating(name) { () throws(StorageError) in
            try storage.makeFolder()
            let file = try storage.open(name, .createOrOpen)
            return (file, try file.lock(exclusive: true))
        }
        self.file = file
        guard isHeld else { throw .locked(holder: holder) }
        describe()
    }

    /// Writes who holds the lock. A disk that is full must not keep a journal from opening.
    private func describe() {
        let text = Array((storage.processDescription() + "\n").utf8)
        do throws(StorageError) {
            try file.truncate(to: 0)
            try file.writeAll(text, at: 0)
        } catch { return }
    }

    private var holder: String {
        var text = [UInt8](repeating: 0, count: 128)
        let count = text.withUnsafeMutableBytes { memory in
            (try? file.readAll(into: memory, at: 0)) ?? 0
        }
        let printable = text.prefix(count).prefix { (32..<127).contains($0) }
        return printable.isEmpty ? "unknown" : String(decoding: printable, as: UTF8.self)
    }
}
