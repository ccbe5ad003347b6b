import Engine
import Server
import Venues

/// One file of recorded traffic with the record that waits to be sequenced.
final class CaptureFile {
    let lines: LineSource
    let reader: CaptureReader
    /// The record that comes next; nil at the end.
    private(set) var pending: CaptureRecord?
    /// Messages whose receive time is before that of the message before in this file.
    private(set) var outOfOrder = 0
    private var lastTime: Int64 = 0
    private var isFinished = false

    init(path: String, session: CaptureSession) throws {
        lines = try LineSource(path: path)
        let head = try lines.head()
        guard let format = head.withUnsafeBufferPointer({ CaptureFormat.recognise($0) }) else {
            throw Failure(
                "\(path): not a recording in a known format (capture JSONL, `<recv> <json>` lines, "
                    + "L2 CSV, per-level CSV; plain, gzip or zstd)")
        }
        reader = CaptureReader(format: format, session: session)
    }

    /// Reads on until a record is complete.
    func advance() throws {
        pending = nil
        while pending == nil, !isFinished {
            let record = try lines.withNextLine { reader.push($0) }
            if let record {
                pending = record
            } else {
                isFinished = true
                pending = reader.finish()
            }
        }
        guard let pending, pending.isMessage else { return }
        if pending.receivedAt < lastTime { outOfOrder += 1 }
        lastTime = max(lastTime, pending.receivedAt)
    }
}

/// Several recordings as one stream: by receive time, then by order of the files.
struct CaptureMerge {
    let files: [CaptureFile]

    init(paths: [String], session: CaptureSession) throws {
        files = try paths.map { try CaptureFile(path: $0, session: session) }
        for file in files { try file.advance() }
    }

    /// The file whose record comes next. Records that are no messages come as soon as they stand
    /// first in their file.
    var next: CaptureFile? {
        var best: CaptureFile?
        for file in files {
            guard let record = file.pending else { continue }
            if !record.isMessage { return file }
            guard let leader = best?.pending else {
                best = file
                continue
            }
            if record.receivedAt < leader.receivedAt { best = file }
        }
        return best
    }

    var bytesRead: Int { files.reduce(0) { $0 + $1.lines.position } }
    var bytesTotal: Int { files.reduce(0) { $0 + $1.lines.size } }
}
