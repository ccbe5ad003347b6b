internal import Engine
internal import Journal
internal import Server

/// The second fold: reads the journal back through the offline reader while it grows, folds it
/// from its first event on, and compares every frame that was published with its own.
final class FrameCheck {
    private let log: LogReader
    private var engine = Engine()
    private var outputs = OutputBuffer(wantsFrames: true)
    /// Frames that were published and not compared yet.
    private var published: [UInt8] = []
    private var ends: [Int] = []
    private var compared = 0
    private(set) var equal = 0
    private(set) var different = 0
    private(set) var problem: String?
    /// There is no going on behind the problem.
    private var isLost = false

    /// The published frame of this number is kept with one byte changed: a control.
    private var damaged: Int?

    init(storage: any Storage, damaged: Int? = nil) {
        log = LogReader(journal: JournalReader(storage: storage))
        self.damaged = damaged
    }

    /// The last event that was folded.
    var sequence: UInt64 { engine.sequence }
    /// Events that the fold refused.
    var refused: UInt64 { engine.refusedEvents }

    /// Keeps a published frame until the journal gives it again.
    func publish(_ frame: ArraySlice<UInt8>) {
        published.append(contentsOf: frame)
        if let left = damaged {
            if left == 0 { published[published.count - 10] ^= 1 }
            damaged = left == 0 ? nil : left - 1
        }
        ends.append(published.count)
    }

    /// Folds what the journal has up to now and compares; `accepted` is the writer's last event.
    func follow(accepted: UInt64) {
        guard !isLost, accepted > engine.sequence else { return }
        do {
            try log.forEachBlock(from: engine.sequence + 1) { block throws(LogError) in
                let start = try LogReader.start(of: block, after: engine.sequence)
                try log.apply(block, start..<block.count, to: &engine, &outputs) { outputs, _ in
                    for output in outputs.outputs where output.kind == .frame {
                        compare(outputs.bytes(of: output), output.sequence)
                    }
                }
                return engine.sequence < accepted
            }
        } catch {
            problem = "the journal cannot be read back behind seq \(engine.sequence): \(error)"
            isLost = true
        }
        if engine.sequence != accepted {
            problem = problem ?? "seq \(accepted) was accepted, the journal ends at \(sequence)"
        }
        if compared < ends.count {
            different += ends.count - compared
            problem = problem ?? "frames were published that the journal does not give"
        }
        published.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        compared = 0
    }

    private func compare(_ frame: ArraySlice<UInt8>, _ sequence: UInt64) {
        guard compared < ends.count else {
            different += 1
            problem = problem ?? "the frame of seq \(sequence) was never published"
            return
        }
        let start = compared == 0 ? 0 : ends[compared - 1]
        if published[start..<ends[compared]].elementsEqual(frame) {
            equal += 1
        } else {
            different += 1
            problem = problem ?? "the frame of seq \(sequence) is another one"
        }
        compared += 1
    }
}
