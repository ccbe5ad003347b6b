import ArgumentParser
import Engine
import Foundation
import Journal
import Server
import Venues

/// `import`: recordings of venues in, a journal out.
struct Import: ParsableCommand, ChangesJournal {
    static let configuration = CommandConfiguration(
        abstract: "Import recorded venue traffic into a new journal.",
        discussion: """
            Reads capture JSONL, `<recv> <json>` lines, L2 CSV and per-level CSV; plain, gzip or \
            zstd, recognised by content. Several files are merged by receive time. What cannot be \
            used is counted by reason and listed. Equal input gives byte-identical journals.
            """)

    @Option(name: .long, help: "Folder of the new journal.")
    var out: String

    @OptionGroup var options: EngineOptions

    @Flag(name: .long, help: "Report as one JSON object.")
    var json = false

    @Flag(name: .long, help: "The traffic was made by simulated venues: label it so.")
    var simulated = false

    @Argument(help: "Recordings, in order.")
    var files: [String]

    mutating func run() throws {
        var isFolder: ObjCBool = false
        if files.count == 1,
            FileManager.default.fileExists(atPath: files[0], isDirectory: &isFolder),
            isFolder.boolValue
        {
            return try importRaw(files[0])
        }
        let importer = Importer(
            out: out, configuration: try options.configuration(),
            source: simulated ? .simulated : .recording)
        let result = try importer.run(files)
        var output = StandardOutput()
        if json {
            output.line(try jsonLine(result.object))
        } else {
            for line in result.lines { output.line(line) }
        }
        output.flush()
        if result.isInterrupted { throw Failure("interrupted", code: ExitCodes.interrupted) }
    }
}

extension Import {
    /// Imports a raw capture, which brings its own configuration.
    private func importRaw(_ folder: String) throws {
        try Importer.refuseOldJournal(out)
        let importer = RawImport(
            writer: try JournalWriter(
                directory: out, configuration: .batch, canonicalBytes: LogCodec.canonicalBytes))
        try importer.run(JournalReader(directory: folder))
        var output = StandardOutput()
        if json {
            output.line("{\"records\":\(importer.records),\"events\":\(importer.sequence)}")
        } else {
            output.line("raw capture      \(importer.records) records")
            output.line("journal          \(importer.sequence) events")
        }
        output.flush()
    }
}

/// What changes results: it becomes the configuration event at the head of the log.
struct EngineOptions: ParsableArguments {
    @Option(name: .customLong("tick-hz"), help: "Clock ticks a second, 1…10.")
    var tickHz = 2

    @Option(name: .long, help: "Windows around mid in bps; the first one is the default window.")
    var windows = "50,10,25,100"

    @Option(
        name: .long,
        help: "An explicit routing group: NAME=venue:SYMBOL,venue:SYMBOL… May be repeated.")
    var group: [String] = []

    func configuration() throws -> EngineConfiguration {
        var configuration = EngineConfiguration()
        guard (1...Int(Limits.tickHzMax)).contains(tickHz) else {
            throw ValidationError("--tick-hz is a whole number from 1 to \(Limits.tickHzMax)")
        }
        configuration.tickHz = UInt32(tickHz)
        configuration.windowsBps = try windows.split(
            separator: ",", omittingEmptySubsequences: false
        )
        .map {
            guard let window = UInt32($0), (1...9_999).contains(window) else {
                throw ValidationError("--windows: '\($0)' is not a whole number from 1 to 9999")
            }
            return window
        }
        guard configuration.windowsBps.count <= Limits.windowsMax,
            Set(configuration.windowsBps).count == configuration.windowsBps.count
        else { throw ValidationError("--windows: at most \(Limits.windowsMax), each once") }
        configuration.groups = try group.map(EngineOptions.group)
        do throws(CodecError) {
            try configuration.check()
        } catch {
            throw ValidationError(
                "--group: names and symbols of 1 to 128 plain bytes, each name once, at most "
                    + "\(Limits.groupsMax) groups (\(error))")
        }
        return configuration
    }

    private static func group(_ text: String) throws -> RoutingGroup {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else {
            throw ValidationError("--group: '\(text)' is not NAME=venue:SYMBOL,…")
        }
        var members: [GroupMember] = []
        for part in parts[1].split(separator: ",") {
            let names = part.split(separator: ":", maxSplits: 1)
            guard names.count == 2, let venue = Venue(id: Array(names[0].utf8)) else {
                throw ValidationError("--group: '\(part)' is not venue:SYMBOL with a known venue")
            }
            guard !members.contains(where: { $0.venue == venue }) else {
                throw ValidationError("--group: \(names[0]) stands twice in \(parts[0])")
            }
            members.append(GroupMember(venue: venue, venueSymbol: Array(names[1].utf8)))
        }
        guard (1...Limits.venuesPerFrameMax).contains(members.count),
            parts[0].utf8.count <= Limits.textBytesMax
        else { throw ValidationError("--group: 1 to \(Limits.venuesPerFrameMax) members") }
        return RoutingGroup(name: Array(parts[0].utf8), members: members)
    }
}
