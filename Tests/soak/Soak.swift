internal import Foundation
internal import Journal

/// Hours of the live system in virtual time, with faults. See `scripts/soak`.
///
///     soak live [--seed N] [--count N] [--hours N] [--folder F]
///     soak memory [--seed N] [--hours N] [--folder F]
///     soak control [--seed N]
@main struct Soak {
    private var name = ""
    private var seed: UInt64 = 1
    private var count: UInt64 = 50
    private var hours = 1
    private var folder = NSTemporaryDirectory()

    static func main() {
        do {
            let soak = try Soak(Array(CommandLine.arguments.dropFirst()))
            exit(try soak.run() ? 0 : 1)
        } catch let error as Usage {
            Self.say(
                "soak: \(error)\nusage: soak live|memory|control [--seed N] [--count N] [--hours N]"
            )
            exit(64)
        } catch {
            Self.say("soak: \(error)")
            exit(3)
        }
    }

    private struct Usage: Error, CustomStringConvertible { let description: String }

    private init(_ arguments: [String]) throws {
        guard let name = arguments.first, ["live", "memory", "control"].contains(name) else {
            throw Usage(description: "which soak?")
        }
        self.name = name
        if name == "memory" { (count, hours) = (1, 24) }
        if name == "control" { count = 1 }
        var index = 1
        while index < arguments.count {
            guard index + 1 < arguments.count else {
                throw Usage(description: "a value is missing")
            }
            let value = arguments[index + 1]
            switch (arguments[index], Int(value)) {
            case ("--folder", _): folder = value
            case ("--seed", .some(let number)) where number >= 0:
                seed = UInt64(number)
                if !arguments.contains("--count") { count = 1 }
            case ("--count", .some(let number)) where number > 0: count = UInt64(number)
            case ("--hours", .some(let number)) where number > 0: hours = number
            default: throw Usage(description: "\(arguments[index]) \(value)?")
            }
            index += 2
        }
    }

    /// Prints at once, also into a file.
    private static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }

    /// Whether nothing was wrong.
    private func run() throws -> Bool {
        let start = ContinuousClock.now
        var total = Counts()
        var memory: [Int] = []
        for seed in seed..<(seed + count) {
            total += try run(seed, &memory)
        }
        let minutes = (ContinuousClock.now - start) / .seconds(60)
        let virtual = Double(total.seconds) / 3_600
        let seeds = "seeds \(seed)…\(seed + count - 1)"
        Self.say("soak \(name): \(String(format: "%g", virtual)) h, \(seeds), \(total.text)")
        Self.say("faults: \(total.faultsText)")
        Self.say(
            String(format: "%.1f minutes, %.2f virtual hours a minute", minutes, virtual / minutes))
        let isFlat = name != "memory" || Self.isFlat(memory)
        // What was planted has to be found: wrong books, and that one frame.
        let isFound = total.booksWrong > 0 && total.framesDifferent == 1
        let hasPassed = name == "control" ? isFound : total.isClean && isFlat
        Self.say(hasPassed ? "1 passed, 0 failed" : "0 passed, 1 failed")
        return hasPassed
    }

    private func run(_ seed: UInt64, _ memory: inout [Int]) throws -> Counts {
        let directory = "\(folder)/soak-\(ProcessInfo.processInfo.processIdentifier)-\(seed)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let world = try SoakWorld(
            seed: seed, storage: FileStorage(directory: directory), isControl: name == "control")
        for hour in 1...hours {
            let start = ContinuousClock.now
            try world.run(seconds: 3_600)
            if hour == hours { try world.finish() }
            memory.append(Self.residentKiB())
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let spent = String(format: "%.1f s", seconds)
            Self.say(
                "seed \(seed) hour \(hour): \(world.counts.text); \(spent),"
                    + " \(memory[memory.count - 1]) KiB resident")
            if name != "control", !world.counts.isClean { break }
        }
        if !world.counts.isClean {
            for complaint in world.counts.complaints { Self.say(complaint) }
            Self.say("again: scripts/soak live --seed \(seed) --hours \(hours)")
        }
        return world.counts
    }

    /// Memory of the second half of the hours is not above that of the first one, less the first
    /// hour, by more than what an allocator may hold.
    private static func isFlat(_ memory: [Int]) -> Bool {
        guard memory.count >= 4 else { return true }
        let middle = memory.count / 2
        let (early, late) = (memory[1..<middle].max() ?? 0, memory[middle...].max() ?? 0)
        Self.say("resident: at most \(early) KiB in hours 2…\(middle), \(late) KiB behind them")
        return late <= early + (8 << 10)
    }

    private static func residentKiB() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}
