import Engine
import Foundation
import Journal
import Testing

@testable import Server

@Suite struct HTTPJournalTests {
    private static func decoded(_ bytes: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["zstd", "-dcq"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        Thread.detachNewThread {
            input.fileHandleForWriting.write(Data(bytes))
            try? input.fileHandleForWriting.close()
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Array(data)
    }

    /// The bytes that `Tapefold-Ranges` names, from the files themselves.
    private static func slices(_ header: String, _ folder: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for match in header.matches(of: /([0-9]+\.zst);bytes=([0-9]+)-([0-9]+)/) {
            let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(match.1)"))
            bytes += file[Int(match.2)!...Int(match.3)!]
        }
        return bytes
    }

    @Test func `blocks come as they lie on disk, or as zstd decodes them`() async throws {
        try await TestServer.with(steps: 50, segmentBytes: 4 << 10) { server in
            let client = try server.connect()
            let last = server.core.status.acceptedSequence
            let names = try LogReader(directory: server.core.folder).journal.segmentNames()
            #expect(names.count > 2)
            for (from, to) in [(1, last), (1, 1), (last, last), (last / 3, last / 2)] {
                let target = "/api/journal/blocks?from_seq=\(from)&to_seq=\(to)"
                let stored = try client.ask(
                    "GET", target, headers: ["Accept-Encoding: gzip, zstd;q=0.5"])
                let plain = try client.ask("GET", target)
                #expect(stored["content-encoding"] == "zstd" && plain["content-encoding"] == nil)
                let ranges = stored["tapefold-ranges"] ?? ""
                #expect(stored.body == (try Self.slices(ranges, server.core.folder)))
                #expect(try Self.decoded(stored.body) == plain.body)
                for response in [stored, plain] {
                    #expect(response["vary"] == "Accept-Encoding")
                    #expect(response["tapefold-source"] == "simulated")
                    let first = UInt64(response["tapefold-first-seq"] ?? "") ?? 0
                    let end = UInt64(response["tapefold-last-seq"] ?? "") ?? 0
                    #expect(first >= 1 && first <= from && end >= to && end <= last)
                }
            }
        }
    }

    @Test func `a checkpoint and its blocks are enough to reach the same state`() async throws {
        var policy = SequencerPolicy()
        policy.nanosPerCheckpoint = 3_000_000_000
        try await TestServer.with(steps: 40, policy: policy) { server in
            let last = server.core.status.acceptedSequence
            let response = try server.connect().ask(
                "GET", "/api/journal/blocks?from_seq=\(last - 4)&to_seq=\(last)&checkpoint=1")
            let after = UInt64(response["tapefold-checkpoint-seq"] ?? "") ?? 0
            #expect(after > 1 && after < last)
            let digest = try Self.fold(response.body)
            #expect(digest == server.core.look { $0.digest })
        }
    }

    /// What a reader makes of the decoded bytes: nothing but the block codec.
    private static func fold(_ bytes: [UInt8]) throws -> Digest {
        var rest = bytes[...]
        var checkpoint: [[UInt8]] = []
        var engine: Engine?
        var decoder = BlockDecoder()
        var outputs = OutputBuffer(wantsFrames: false)
        while !rest.isEmpty {
            // A raw block begins with its own length, u32 little-endian.
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            let raw = Array(rest.prefix(length))
            let head = try DerivedBlock.head(of: raw)
            rest = rest.dropFirst(raw.count)
            switch head.kind {
            case .checkpoint where engine == nil:
                checkpoint.append(raw)
                if checkpoint.count == Int(head.count) {
                    engine = try Checkpoint.decode(checkpoint)
                }
            case .events:
                var block = EventBlock()
                try raw.withUnsafeBufferPointer { try decoder.decode($0, into: &block) }
                guard let sequence = engine?.sequence else { continue }
                let start = Int(sequence + 1 - block.firstSequence)
                engine?.apply(block, from: start, into: &outputs)
            default: break
            }
        }
        return engine?.digest ?? Digest(high: 0, low: 0)
    }

    @Test func `an answer is cut at a block, and the next one goes on there`() async throws {
        var configuration = TestServer.open
        configuration.limits.storedBytes = 1 << 10
        try await TestServer.with(configuration, steps: 40) { server in
            let client = try server.connect()
            let last = server.core.status.acceptedSequence
            var (from, parts): (UInt64, Int) = (1, 0)
            while from <= last, parts < 100 {
                let response = try client.ask(
                    "GET", "/api/journal/blocks?from_seq=\(from)&to_seq=\(last)",
                    headers: ["Accept-Encoding: zstd"])
                #expect(response.status == 200)
                let end = UInt64(response["tapefold-last-seq"] ?? "") ?? 0
                #expect(end >= from)
                from = end + 1
                parts += 1
            }
            #expect(parts > 2 && from == last + 1)
        }
    }

    @Test func `segments are listed with what is known of them`() async throws {
        try await TestServer.with(steps: 50, segmentBytes: 4 << 10) { server in
            let client = try server.connect()
            let segments =
                try client.ask("GET", "/api/journal/segments")
                .json["segments"] as? [[String: Any]] ?? []
            let listing = try LogReader(directory: server.core.folder).journal.listing()
            #expect(segments.count == listing.count && segments.count > 2)
            for (segment, listed) in zip(segments, listing) {
                #expect(segment["name"] as? String == listed.name)
                #expect(segment["first_seq"] as? UInt64 == listed.info?.firstSequence)
                #expect(segment["last_seq"] as? UInt64 == listed.info?.lastSequence)
                #expect(segment["state"] as? String == listed.info?.state.rawValue)
                #expect((segment["chain_end"] as? String)?.count == 64)
                #expect(segment["problem"] is NSNull)
            }
            for (query, status, refusal) in [
                ("?from_seq=1", 400, "to_seq missing"),
                ("?from_seq=5&to_seq=4", 400, "to_seq order"),
                ("?from_seq=99999&to_seq=99999", 404, "- outside"),
                ("?from_seq=1&to_seq=2&checkpoint=2", 400, "checkpoint range"),
            ] {
                let response = try client.ask("GET", "/api/journal/blocks\(query)")
                #expect(response.status == status && response.refusal == refusal, "\(query)")
            }
        }
    }
}
