internal import Glibc

extension StorageFile {
    /// Writes all of `bytes`, over short writes, EINTR and EAGAIN.
    func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StorageError) {
        var written = 0
        var interruptions = 0
        while written < bytes.count {
            do throws(StorageError) {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = try write(rest, at: offset + written)
                precondition(count >= 0 && count <= rest.count)
                guard count > 0 else {
                    throw StorageError(operation: "write", file: "", code: EIO)
                }
                written += count
                interruptions = 0
            } catch {
                guard error.code == EINTR || error.code == EAGAIN else { throw error }
                interruptions += 1
                if interruptions > JournalLimits.interruptionsMax { throw error }
            }
        }
    }

    /// Writes all of an array.
    func writeAll(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
        let result: Result<Void, StorageError> = bytes.withUnsafeBytes { memory in
            do throws(StorageError) { return .success(try writeAll(memory, at: offset)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Fills as much of `memory` as the file has from `offset` on; returns how many bytes.
    func readAll(into memory: UnsafeMutableRawBufferPointer, at offset: Int)
        throws(StorageError) -> Int
    {
        var done = 0
        var interruptions = 0
        while done < memory.count {
            do throws(StorageError) {
                let rest = UnsafeMutableRawBufferPointer(rebasing: memory[done...])
                let count = try read(into: rest, at: offset + done)
                precondition(count >= 0 && count <= rest.count)
                if count == 0 { return done }
                done += count
                interruptions = 0
            } catch {
                guard error.code == EINTR || error.code == EAGAIN else { throw error }
                interruptions += 1
                if interruptions > JournalLimits.interruptionsMax { throw error }
            }
        }
        return done
    }

    /// Writes zeros over `range`, a MiB at a time.
    func writeZeros(_ range: Range<Int>) throws(StorageError) {
        let chunk = GrowingBuffer(capacity: 0)
        let zeros = chunk.reserve(min(1 << 20, range.count))
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = min(zeros.count, range.upperBound - offset)
            try writeAll(UnsafeRawBufferPointer(rebasing: zeros[0..<count]), at: offset)
            offset += count
        }
    }
}
