import Engine

// The engine for a host that has nothing but linear memory: the page, and Node.js in the tests.
//
// 1. Pointers and counts are u32, sequences and times are i64 (BigInt in JavaScript).
// 2. A status is 0, or a number from `Status`; nothing is applied half, except that the blocks
//    before a damaged one stay applied.
// 3. Bytes that the host reads lie at `engine_answer`, `engine_answer_count` of them, until the
//    next call that answers with bytes. Any call may grow the memory: views are to be made anew.
// 4. There is one engine. It needs no initialisation; `engine_reset` begins again.

/// The one session. A pointer, so that the module has no initialiser that runs by itself.
nonisolated(unsafe) private var session: UnsafeMutablePointer<Session>?

private func current() -> UnsafeMutablePointer<Session> {
    if let session { return session }
    let created = UnsafeMutablePointer<Session>.allocate(capacity: 1)
    created.initialize(to: Session())
    session = created
    return created
}

private func bytes(
    _ pointer: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: pointer, count: pointer == nil ? 0 : max(0, Int(count)))
}

private func status(_ body: () throws(Status) -> Void) -> Int32 {
    do throws(Status) {
        try body()
        return Status.done.code
    } catch {
        return error.code
    }
}

// MARK: Memory of the host

/// Memory for `count` bytes that the host writes; null when there is none.
@_cdecl("engine_allocate") @_expose(wasm, "engine_allocate")
public func engineAllocate(_ count: Int32) -> UnsafeMutablePointer<UInt8>? {
    guard count >= 0 else { return nil }
    return .allocate(capacity: Int(count))
}

/// Gives back what `engine_allocate` gave; null is allowed.
@_cdecl("engine_free") @_expose(wasm, "engine_free")
public func engineFree(_ pointer: UnsafeMutablePointer<UInt8>?) { pointer?.deallocate() }

// MARK: Fold

/// Begins again, with the state before the first event.
@_cdecl("engine_reset") @_expose(wasm, "engine_reset")
public func engineReset() { current().pointee.reset() }

/// Whether clock ticks produce frames: 1 (as at the start) or 0. The state does not depend on it.
@_cdecl("engine_produce_frames") @_expose(wasm, "engine_produce_frames")
public func engineProduceFrames(_ wanted: Int32) { current().pointee.produceFrames(wanted != 0) }

/// Keeps the checkpoint parts among raw blocks; call it once or more, then commit.
@_cdecl("engine_load_checkpoint") @_expose(wasm, "engine_load_checkpoint")
public func engineLoadCheckpoint(_ pointer: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
    status { () throws(Status) in
        try current().pointee.takeCheckpoint(bytes(pointer, count))
    }
}

/// Continues from the last complete checkpoint that was loaded.
@_cdecl("engine_commit_checkpoint") @_expose(wasm, "engine_commit_checkpoint")
public func engineCommitCheckpoint() -> Int32 {
    status { () throws(Status) in try current().pointee.commitCheckpoint() }
}

/// Applies the events of the raw blocks in the buffer up to the event `last`.
@_cdecl("engine_apply_block") @_expose(wasm, "engine_apply_block")
public func engineApplyBlock(
    _ pointer: UnsafeMutablePointer<UInt8>?, _ count: Int32, _ last: UInt64
) -> Int32 {
    status { () throws(Status) in
        try current().pointee.apply(bytes(pointer, count), upTo: last)
    }
}

/// Decodes one raw block of events and applies none of them; `engine_advance…` does.
@_cdecl("engine_load_block") @_expose(wasm, "engine_load_block")
public func engineLoadBlock(_ pointer: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
    status { () throws(Status) in _ = try current().pointee.load(bytes(pointer, count)) }
}

/// Applies what the loaded block still has, up to the event `last`.
@_cdecl("engine_advance") @_expose(wasm, "engine_advance")
public func engineAdvance(_ last: UInt64) { current().pointee.advance(upTo: last) }

/// Applies what the loaded block still has, up to the last event at or before `time`.
@_cdecl("engine_advance_to_time") @_expose(wasm, "engine_advance_to_time")
public func engineAdvanceToTime(_ time: Int64) { current().pointee.advance(toTime: time) }

// MARK: State

/// Sequence of the last applied event; 0 before the first.
@_cdecl("engine_sequence") @_expose(wasm, "engine_sequence")
public func engineSequence() -> UInt64 { current().pointee.engine.sequence }

/// Time of the last applied event, ns.
@_cdecl("engine_time") @_expose(wasm, "engine_time")
public func engineTime() -> Int64 { current().pointee.engine.time }

/// Writes the state's digest to `target`: 32 hex digits.
@_cdecl("engine_digest") @_expose(wasm, "engine_digest")
public func engineDigest(_ target: UnsafeMutablePointer<UInt8>) {
    current().pointee.writeDigest(to: target)
}

// MARK: Answers

/// Where the bytes of the last answer lie.
@_cdecl("engine_answer") @_expose(wasm, "engine_answer")
public func engineAnswer() -> UnsafeMutablePointer<UInt8> { current().pointee.answer.base }

/// How many they are.
@_cdecl("engine_answer_count") @_expose(wasm, "engine_answer_count")
public func engineAnswerCount() -> Int32 { Int32(current().pointee.answer.count) }

/// Answers with the outputs since the last call (records, then bytes: `Session.takeOutputs`) and
/// returns how many there are.
@_cdecl("engine_take_outputs") @_expose(wasm, "engine_take_outputs")
public func engineTakeOutputs() -> Int32 { Int32(current().pointee.takeOutputs()) }

/// Answers with the state as JSON, at most `levels` levels a side of each book.
@_cdecl("engine_state") @_expose(wasm, "engine_state")
public func engineState(_ levels: Int32) { current().pointee.state(levels: max(0, Int(levels))) }

/// Answers with the JSON of an order that is priced against the state; see `OrderText`.
@_cdecl("engine_execute") @_expose(wasm, "engine_execute")
public func engineExecute(_ pointer: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
    status { () throws(Status) in try current().pointee.execute(bytes(pointer, count)) }
}

/// Answers with the name of the consolidated instrument that outputs call `index`.
@_cdecl("engine_symbol") @_expose(wasm, "engine_symbol")
public func engineSymbol(_ index: Int32) -> Int32 {
    status { () throws(Status) in try current().pointee.symbol(Int(index)) }
}
