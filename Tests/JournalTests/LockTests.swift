import Glibc
import Journal
import Testing

@Suite struct LockTests {
    @Test("a second writer is refused and told who holds the journal")
    func second() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(directory: folder.path)
        let first = try JournalWriter.open(storage)
        try first.appendEvents(1)
        #expect(
            performing: { try JournalWriter.open(FileStorage(directory: folder.path)) },
            throws: { error in
                guard case .locked(let holder)? = error as? JournalError else { return false }
                return holder.hasPrefix("pid \(getpid()) started ")
            })
        try first.close()
        #expect(throws: JournalError.closed) { try first.appendEvents(1) }
        #expect(throws: JournalError.closed) { try first.roll() }
        let next = try JournalWriter.open(FileStorage(directory: folder.path))
        #expect(next.lastSequence == 1)
    }

    @Test("a reader needs no lock")
    func reader() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter.open(FileStorage(directory: folder.path))
        try writer.appendEvents(3)
        #expect(try JournalReader(directory: folder.path).allSequences() == [1, 2, 3])
    }

    @Test("a segment that is a symbolic link is not followed")
    func symbolicLink() throws {
        let folder = TemporaryFolder()
        let writer = try JournalWriter.open(FileStorage(directory: folder.path))
        try writer.appendEvents(3)
        try writer.close()
        let name = folder.path + "/" + SegmentName.name(firstSequence: 4)
        #expect(symlink(folder.path + "/" + SegmentName.name(firstSequence: 1), name) == 0)
        #expect(throws: JournalError.self) {
            try JournalReader(directory: folder.path).allSequences()
        }
    }
}
