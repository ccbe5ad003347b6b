import Glibc
package import TestSupport

/// A folder on a modelled disk. Every file has what programs see, and what the disk surely
/// has; between two syncs anything may happen to a 512-byte sector: old, new, or zero.
///
/// Fair: unsynced sectors lost, zeroed where nothing was, or written in any order; lengths old or
/// new; any of the changes of names that were not synced lost; writes that a failed sync was about
/// never written. Out of contract: synced sectors changing.
package final class MemoryDisk {
    package enum Change {
        case write(Int, [UInt8])
        case truncate(Int)
    }

    package final class Inode {
        package var data: [UInt8] = []
        var durable: [UInt8] = []
        var pending: [Change] = []
        var sharedLocks = 0
        var isLockedExclusively = false

        package init() {}
    }

    /// A change of the folder: a name given, taken away, or moved.
    package enum NameChange {
        case set(String, Inode)
        case remove(String)
        case rename(String, String, Inode)

        func apply(to names: inout [String: Inode]) {
            switch self {
            case .set(let name, let inode): names[name] = inode
            case .remove(let name): names[name] = nil
            case .rename(let name, let newName, let inode):
                names[name] = nil
                names[newName] = inode
            }
        }

        func mapInode(_ copy: (Inode) -> Inode) -> NameChange {
            switch self {
            case .set(let name, let inode): .set(name, copy(inode))
            case .remove(let name): .remove(name)
            case .rename(let name, let newName, let inode): .rename(name, newName, copy(inode))
            }
        }
    }

    package var names: [String: Inode] = [:]
    private var durableNames: [String: Inode] = [:]
    private var pendingNames: [NameChange] = []

    package init() {}

    package func change(_ change: NameChange) {
        change.apply(to: &names)
        pendingNames.append(change)
    }

    func syncNames() {
        for change in pendingNames { change.apply(to: &durableNames) }
        pendingNames = []
    }

    static func apply(_ change: Change, to data: inout [UInt8]) {
        switch change {
        case .truncate(let size):
            if size < data.count {
                data.removeLast(data.count - size)
            } else {
                data.append(contentsOf: repeatElement(0, count: size - data.count))
            }
        case .write(let offset, let bytes):
            if data.count < offset + bytes.count {
                data.append(
                    contentsOf: repeatElement(0, count: offset + bytes.count - data.count))
            }
            data.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
    }

    /// What a killed process leaves: all that was written, nobody holding a lock. What was not
    /// synced is still not on the disk: a power cut after the kill may take it.
    package func afterKill() -> MemoryDisk {
        var copies: [ObjectIdentifier: Inode] = [:]
        func copy(_ inode: Inode) -> Inode {
            if let known = copies[ObjectIdentifier(inode)] { return known }
            let new = Inode()
            new.data = inode.data
            new.durable = inode.durable
            new.pending = inode.pending
            copies[ObjectIdentifier(inode)] = new
            return new
        }
        let disk = MemoryDisk()
        disk.names = names.mapValues(copy)
        disk.durableNames = durableNames.mapValues(copy)
        disk.pendingNames = pendingNames.map { $0.mapInode(copy) }
        return disk
    }

    /// What a power cut leaves, one of very many possibilities.
    package func afterPowerCut(_ random: inout SeededRandom) -> MemoryDisk {
        var chosen = durableNames
        let isOrdered = Bool.random(using: &random)
        let count = Int.random(in: 0...pendingNames.count, using: &random)
        for (number, change) in pendingNames.enumerated() {
            let survives = isOrdered ? number < count : Bool.random(using: &random)
            if survives { change.apply(to: &chosen) }
        }
        let disk = MemoryDisk()
        // One coin for the style of the cut, so that clean prefixes happen often as well.
        let style = Int.random(in: 0..<4, using: &random)
        for (name, inode) in chosen.sorted(by: { $0.key < $1.key }) {
            let copy = Inode()
            copy.data = Self.surviving(inode, style, &random)
            copy.durable = copy.data
            disk.names[name] = copy
        }
        disk.durableNames = disk.names
        return disk
    }

    private static func surviving(
        _ inode: Inode, _ style: Int, _ random: inout SeededRandom
    ) -> [UInt8] {
        var data = inode.durable
        let prefix = Int.random(in: 0...inode.pending.count, using: &random)
        for (number, change) in inode.pending.enumerated() {
            if style <= 1 && number >= prefix && !(style == 1 && number == prefix) { break }
            switch change {
            case .truncate:
                if style <= 1 || Bool.random(using: &random) { apply(change, to: &data) }
            case .write(let offset, let bytes):
                if style == 0 || (style == 1 && number < prefix) {
                    apply(change, to: &data)
                } else {
                    tear(offset, bytes, into: &data, &random)
                }
            }
        }
        return data
    }

    /// Writes each sector, or not, or zeros.
    private static func tear(
        _ offset: Int, _ bytes: [UInt8], into data: inout [UInt8], _ random: inout SeededRandom
    ) {
        var start = offset
        while start < offset + bytes.count {
            let end = min(offset + bytes.count, (start / 512 + 1) * 512)
            let piece = Array(bytes[(start - offset)..<(end - offset)])
            switch Int.random(in: 0..<8, using: &random) {
            case 0...3: apply(.write(start, piece), to: &data)
            case 4 where !data[min(start, data.count)..<min(end, data.count)].contains { $0 != 0 }:
                // Fresh space only: a sector in place is old or new.
                let zeros = [UInt8](repeating: 0, count: piece.count)
                apply(.write(start, zeros), to: &data)
            default: break
            }
            start = end
        }
    }
}
