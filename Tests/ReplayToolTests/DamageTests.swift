import Foundation
import Testing

/// Damaged journals: every command says so, and none changes what it cannot vouch for.
@Suite struct DamageTests {
    @Test func `compact refuses a damaged journal before anything is changed`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        for number in 0...2 {
            let journal = try SmallJournal(tool.path("j\(number)"), segments: 3)
            try journal.damage(number, fromEnd: 60)
            let before = try journal.contents
            let damaged = try journal.names[number]
            for arguments in [[], ["--keep-segments", "1"]] {
                let result = try tool.run(["compact", journal.path] + arguments)
                #expect(result.code == 3, "\(number): \(result.output)")
                #expect(result.errors.contains(damaged), "\(result.errors)")
                #expect(result.errors.hasSuffix("nothing was changed\n"), "\(result.errors)")
                #expect(try journal.contents == before)
            }
            #expect(try tool.run("ls", journal.path).code == 3)
            #expect(try tool.run("info", journal.path).code == 3)
        }
    }

    @Test func `compact that finds damage half-way names what it did before`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let journal = try SmallJournal(tool.path("j"), segments: 3)
        try journal.damageMiddle(2)
        let third = (name: try journal.names[2], bytes: try journal.bytes(2))
        let result = try tool.run("compact", journal.path, "--keep-segments", "2")
        #expect(result.code == 3 && result.output.isEmpty)
        let done = "before that 1 of 2 segments were re-packed, 1 deleted\n"
        #expect(result.errors.hasSuffix(done), "\(result.errors)")
        #expect(!result.errors.contains("nothing was changed"))
        #expect(try journal.names.count == 2)
        #expect(try journal.contents[third.name] == third.bytes)
    }

    @Test func `a command that only reads says that nothing was changed`() throws {
        let tool = try Tool()
        defer { tool.remove() }
        let journal = try SmallJournal(tool.path("j"), segments: 1)
        try journal.damageMiddle(0)
        for command in ["verify", "cat", "frames"] {
            let result = try tool.run(command, journal.path)
            #expect(result.code == 3, "\(command)")
            #expect(result.errors.hasSuffix("; nothing was changed\n"), "\(result.errors)")
        }
    }
}
