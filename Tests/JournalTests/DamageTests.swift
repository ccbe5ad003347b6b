import Journal
import MemoryJournal
import Testing

/// T.5 and T.6: every byte damaged, every length cut.
@Suite struct DamageTests {
    /// Three sealed segments and an open one of about 16 KiB each, the open one with zeros
    /// behind its blocks.
    private func set(_ policy: SyncPolicy) throws -> MemoryDisk {
        let storage = MemoryStorage()
        let configuration = JournalConfiguration(
            syncPolicy: policy, segmentBytes: 14 << 10, preallocationBytes: 2 << 10)
        let writer = try JournalWriter.open(storage, configuration)
        for segment in 0..<4 {
            try writer.append(TestBlocks.checkpoint(writer.lastSequence + 1, bytes: 500))
            while !writer.shouldRoll {
                try writer.appendEvents(150)
                storage.nowNanos += 1
            }
            if segment < 3 { try writer.roll() }
        }
        return storage.disk.afterKill()
    }

    /// What a reader says about one segment: what is in it, or that it is bad.
    private func examine(_ reader: JournalReader, _ name: String, _ buffer: BlockBuffer)
        -> SegmentInfo?
    {
        do {
            let segment = try reader.segment(named: name)
            for entry in segment.entries {
                _ = try segment.read(entry, into: buffer, decoding: false)
            }
            let listing = try reader.listing().first { $0.name == name }
            return listing?.problem == nil ? segment.info : nil
        } catch { return nil }
    }

    /// Damages a byte in place.
    private static let damages: [@Sendable (UInt8) -> UInt8] = [
        { $0 ^ 0x01 }, { $0 ^ 0x80 }, { $0 ^ 0xFF }, { _ in 0 },
    ]

    @Test(
        "a changed byte anywhere in any segment is noticed",
        arguments: [
            SyncPolicy.os, .always,
        ])
    func everyByte(policy: SyncPolicy) throws {
        let disk = try set(policy)
        let reader = JournalReader(storage: MemoryStorage(disk))
        let buffer = BlockBuffer()
        var bytes = 0, changed = 0, noticed = 0
        for name in try reader.segmentNames() {
            let inode = try #require(disk.names[name])
            // A listing reads all segments: look at the damaged one and its neighbours only.
            let alone = try neighbours(of: name, in: disk)
            let lone = JournalReader(storage: MemoryStorage(alone))
            let intact = try #require(examine(lone, name, buffer))
            let step = Scale.isDebug ? 41 : (policy == .always ? 1 : 5)
            for offset in stride(from: 0, to: inode.data.count, by: step) {
                let original = inode.data[offset]
                bytes += 1
                for damage in Self.damages where damage(original) != original {
                    inode.data[offset] = damage(original)
                    changed += 1
                    if examine(lone, name, buffer) != intact { noticed += 1 }
                }
                inode.data[offset] = original
            }
        }
        print(
            "damage, \(policy): \(bytes) bytes, \(bytes * 4) damages, \(changed) changes,",
            "\(noticed) noticed")
        #expect(noticed == changed)
        #expect(changed > bytes * 3)
    }

    private func neighbours(of name: String, in disk: MemoryDisk) throws -> MemoryDisk {
        let names = disk.names.keys.filter { SegmentName.firstSequence(of: $0) != nil }.sorted()
        let place = try #require(names.firstIndex(of: name))
        let part = MemoryDisk()
        part.names[name] = disk.names[name]
        if place + 1 < names.count {
            let next = names[place + 1]
            part.names[next] = disk.names[next]
        }
        return part
    }

    @Test("a writer that opens a damaged journal stops, or goes on from a right prefix")
    func openDamaged() throws {
        let disk = try set(.group(intervalNanos: 3))
        let step = Scale.isDebug ? 1_201 : 61
        var stopped = 0, cut = 0, unchanged = 0, unread = 0
        let intact = JournalReader(storage: MemoryStorage(disk))
        let names = try intact.segmentNames()
        for name in names {
            let count = disk.names[name]?.data.count ?? 0
            let blocks = try blocks(of: name, intact)
            for offset in stride(from: 0, to: count, by: step) {
                let copy = disk.afterKill()
                copy.names[name]?.data[offset] ^= 0xFF
                let storage = MemoryStorage(copy)
                guard let writer = try? JournalWriter.open(storage) else {
                    stopped += 1
                    continue
                }
                if writer.recovery.cuts.isEmpty { unchanged += 1 } else { cut += 1 }
                #expect(writer.lastSequence >= durableSequence(blocks, damagedAt: offset))
                let reader = JournalReader(storage: storage)
                do {
                    #expect(try reader.allSequences() == Array(1...writer.lastSequence))
                } catch {
                    // A sealed block that opening does not read: it is named, the rest is there.
                    unread += 1
                    guard case .corrupt(name, _, _)? = error as? JournalError else {
                        Issue.record("\(name) at \(offset): \(error)")
                        continue
                    }
                    let place = try #require(names.firstIndex(of: name))
                    #expect(place < names.count - 1)
                    let next = try #require(SegmentName.firstSequence(of: names[place + 1]))
                    let rest = try reader.allSequences(from: next)
                    #expect(rest == Array(next...writer.lastSequence))
                }
            }
        }
        #expect(unread > 0)
        print(
            "open damaged: \(stopped) stopped, \(cut) cut,",
            "\(unchanged) noticed only when the sealed block is read")
        #expect(stopped > 0 && cut > 0)
    }

    private func blocks(of name: String, _ reader: JournalReader) throws -> [BlockHeader] {
        let segment = try reader.segment(named: name)
        let buffer = BlockBuffer()
        return try segment.entries.map { try segment.read($0, into: buffer) }
    }

    /// The last event that some header vouches for, when the byte at `offset` is damaged.
    private func durableSequence(_ blocks: [BlockHeader], damagedAt offset: Int) -> UInt64 {
        let intact = blocks.filter { !($0.offset..<$0.payloadOffset).contains(offset) }
        let end = intact.map(\.durableEnd).max() ?? 0
        return blocks.last { $0.end <= end }.map { $0.nextSequence - 1 } ?? 0
    }

    @Test("cut to any length, the exact prefix is read and recovered", arguments: [true, false])
    func everyLength(sealed: Bool) throws {
        let storage = MemoryStorage()
        let configuration = JournalConfiguration(syncPolicy: .os, preallocationBytes: 0)
        let writer = try JournalWriter.open(storage, configuration)
        while writer.segmentBytes < 64 << 10 { try writer.appendEvents(120) }
        if sealed { try writer.close() }
        let name = SegmentName.name(firstSequence: 1)
        let whole = try #require(storage.disk.names[name]?.data)
        let blocks = try JournalReader(storage: storage).segment(named: name).entries
        let disk = MemoryDisk()
        let inode = MemoryDisk.Inode()
        inode.data = whole
        disk.names[name] = inode
        let reader = JournalReader(storage: MemoryStorage(disk))
        var lengths = 0, recovered = 0
        for length in stride(from: whole.count - 1, through: 0, by: Scale.isDebug ? -97 : -1) {
            inode.data.removeLast(inode.data.count - length)
            lengths += 1
            let prefix = blocks.filter { $0.end <= length }
            let info = try? reader.segment(named: name).info
            #expect(info?.blocks == (length >= 72 ? prefix.count : nil))
            #expect(info?.state != .sealed)
            let isNearEdge = blocks.contains { abs($0.offset - length) < 2 }
            if !isNearEdge && length % 101 != 0 { continue }
            recovered += 1
            let again = try JournalWriter.open(MemoryStorage(disk.afterKill()))
            #expect(again.lastSequence == prefix.last.map { $0.nextSequence - 1 } ?? 0)
        }
        print("lengths, sealed \(sealed): \(lengths) read, \(recovered) recovered")
    }
}
