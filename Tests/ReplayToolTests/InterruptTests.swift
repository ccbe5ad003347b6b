import Foundation
import Journal
import Server
import Testing

@testable import replay_tool

/// Ctrl-C ends long work early with exit code 130; what is left is valid.
@Suite struct InterruptTests {
    @Test(arguments: [SIGINT, SIGTERM])
    func `simulate ends with a whole line and 130`(_ signal: Int32) throws {
        let process = Process()
        process.executableURL = Tool.program
        process.arguments = ["simulate", "--seconds", "86400"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        // The pipe holds far less than a day: the work is surely not at its end.
        var bytes = try #require(try pipe.fileHandleForReading.read(upToCount: 1_000))
        #expect(kill(process.processIdentifier, signal) == 0)
        while let more = try pipe.fileHandleForReading.read(upToCount: 1 << 16), !more.isEmpty {
            bytes.append(more)
            if bytes.count > 64 << 20 { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 130)
        #expect(bytes.last == 0x0a && bytes.count < 16 << 20)
        let last = bytes.dropLast().split(separator: 0x0a).last ?? Data()
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(last)) }
    }

    @Test func `compact that is interrupted says so and leaves a journal`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let journal = try SmallJournal(tool.path("j"), segments: 3)
        let before = try (0...2).map(journal.bytes)
        let reader = LogReader(directory: journal.path)
        let plain = try Verifier(reader).run(reader.bounds())
        // The number of questions tells how far the work is: once a block.
        var asked = 0
        var all = Compacting(journal: journal.path, level: 1)
        all.isCancelled = {
            asked += 1
            return false
        }
        try all.run()
        #expect(all.count == 3 && !all.isInterrupted && asked > 3)
        for limit in 0..<asked {
            for number in 0...2 {
                let file = URL(fileURLWithPath: journal.path + "/" + (try journal.names[number]))
                try before[number].write(to: file)
            }
            var left = limit
            var work = Compacting(journal: journal.path, level: 1)
            work.isCancelled = {
                left -= 1
                return left < 0
            }
            try work.run()
            #expect(work.isInterrupted && work.count < 3, "after \(limit) blocks")
            #expect(work.object["interrupted"] as? Bool == true)
            let found = try Verifier(reader).run(reader.bounds())
            #expect(found.chainHead == plain.chainHead && found.differenceCount == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: journal.path).count == 4)
        }
    }

    @Test func `reading stored rollups and verifying bytes ask for the interruption`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let reader = LogReader(
            directory: Tool.fixture("journals/v1-spot-exchange-crossed"))
        reader.isCancelled = { true }
        #expect {
            _ = try reader.forEachStoredRollup { _ in }
        } throws: {
            if case LogError.interrupted = $0 { true } else { false }
        }
        #expect {
            _ = try Verifier(reader).run(reader.bounds())
        } throws: {
            if case LogError.interrupted = $0 { true } else { false }
        }
        #expect(Failure(LogError.interrupted)?.code == 130)
    }
}
