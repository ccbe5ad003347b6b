import Engine
import Foundation
import Journal
import Server

/// A journal of a few sealed segments, made as an import makes one.
struct SmallJournal {
    let path: String

    /// Writes ten ticks for each of `segments` segments.
    init(_ path: String, segments: Int64) throws {
        self.path = path
        let second: Int64 = 1_000_000_000
        let start: Int64 = 1_767_571_200_100_000_000
        let writer = try JournalWriter(
            directory: path,
            configuration: JournalConfiguration(
                syncPolicy: .os, segmentAgeNanos: 4 * second, preallocationBytes: 0),
            canonicalBytes: LogCodec.canonicalBytes)
        let sequencer = Sequencer(writer: writer)
        try sequencer.begin(
            source: .recording, configuration: EngineConfiguration(), at: start)
        for step in 1...segments {
            try sequencer.tick(before: start + step * 5 * second - second / 2)
            if step < segments { try sequencer.flush() }
        }
        try sequencer.close()
    }

    var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: path).sorted()
                .filter { $0.hasSuffix(".zst") }
        }
    }

    /// Every segment by its name.
    var contents: [String: Data] {
        get throws {
            var contents: [String: Data] = [:]
            for name in try names {
                contents[name] = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
            }
            return contents
        }
    }

    func bytes(_ number: Int) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path + "/" + names[number]))
    }

    /// Flips a bit of the segment `number`, so many bytes from its end.
    func damage(_ number: Int, fromEnd: Int) throws {
        var bytes = try bytes(number)
        bytes[bytes.count - fromEnd] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path + "/" + names[number]))
    }

    /// Flips a bit in the middle of the segment `number`: index and footer stay good.
    func damageMiddle(_ number: Int) throws {
        try damage(number, fromEnd: bytes(number).count - 300)
    }
}
