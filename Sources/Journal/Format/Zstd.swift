internal import CZstd

/// Makes one zstd frame per block. The context is reused; its memory is freed with the object.
final class ZstdEncoder {
    private let context: OpaquePointer

    /// Content checksum and content size are always on.
    init(level: Int) {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
        self.context = context
        set(ZSTD_c_compressionLevel, Int32(level))
        set(ZSTD_c_checksumFlag, 1)
        set(ZSTD_c_contentSizeFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    private func set(_ parameter: ZSTD_cParameter, _ value: Int32) {
        precondition(ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)) == 0)
    }

    /// The most bytes a frame can take, with `cuts` extra ends of blocks inside it.
    static func bound(rawLength: Int, cuts: Int) -> Int {
        ZSTD_compressBound(rawLength) + (cuts + 1) * 64 + 64
    }

    /// Compresses `raw` into `output`, starting a new entropy block at each cut.
    /// - Returns: the frame's length.
    func encode(
        _ raw: UnsafeRawBufferPointer, cuts: [Int], into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        precondition(output.count >= Self.bound(rawLength: raw.count, cuts: cuts.count))
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
        let pledge = ZSTD_CCtx_setPledgedSrcSize(context, UInt64(raw.count))
        precondition(ZSTD_isError(pledge) == 0)
        var sink = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var start = 0
        for cut in cuts {
            feed(raw.slice(start..<cut), ZSTD_e_flush, &sink)
            start = cut
        }
        feed(raw.slice(start..<raw.count), ZSTD_e_end, &sink)
        return sink.pos
    }

    private func feed(
        _ part: UnsafeRawBufferPointer, _ end: ZSTD_EndDirective, _ sink: inout ZSTD_outBuffer
    ) {
        var source = ZSTD_inBuffer(src: part.baseAddress, size: part.count, pos: 0)
        while true {
            let left = ZSTD_compressStream2(context, &sink, &source, end)
            precondition(ZSTD_isError(left) == 0, "zstd refuses to compress within its bound")
            if left == 0 && source.pos == source.size { return }
        }
    }
}

/// Decodes one frame at a time, in one shot, into memory of the declared size.
final class ZstdDecoder {
    private let context: OpaquePointer

    init() {
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Decodes `frame`, which must be exactly one frame of exactly `memory.count` bytes.
    func decode(_ frame: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer)
        throws(DefectError)
    {
        try ZstdFrame(frame).check(rawLength: memory.count)
        let length = ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count)
        try check(length)
        try require(length == frame.count, .zstd("bytes after the frame"))
        let count = ZSTD_decompressDCtx(
            context, memory.baseAddress, memory.count, frame.baseAddress, frame.count)
        try check(count)
        try require(count == memory.count, .zstd("content size"))
    }

    private func check(_ result: Int) throws(DefectError) {
        if ZSTD_isError(result) != 0 {
            throw DefectError(.zstd(String(cString: ZSTD_getErrorName(result))))
        }
    }
}

/// Decompresses any `.zst` input in bounded pieces: the window is capped at 2^27 bytes, and a
/// piece of output at `pieceBytes`. Skippable frames are skipped.
public final class ZstdInputStream {
    /// Largest window that is accepted, as a power of two.
    public static let windowLogMax = 27
    private let context: OpaquePointer
    private let piece: GrowingBuffer
    private let pieceBytes: Int
    private var isInsideFrame = false
    private var consumed = 0

    /// `pieceBytes` is the most that one call of a consumer gets, at least 1.
    public init(pieceBytes: Int = 1 << 20) {
        precondition(pieceBytes >= 1)
        guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory") }
        self.context = context
        self.pieceBytes = pieceBytes
        piece = GrowingBuffer(capacity: pieceBytes)
        let limit = Int32(Self.windowLogMax)
        precondition(
            ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, limit)) == 0)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Takes more compressed input, hands every piece of output to `consumer` while it lasts.
    /// - Throws: `JournalError.zstdInput`, or what `consumer` throws.
    public func push(
        _ input: UnsafeRawBufferPointer,
        _ consumer: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        let memory = piece.reserve(pieceBytes)
        while true {
            var sink = ZSTD_outBuffer(dst: memory.baseAddress, size: memory.count, pos: 0)
            let before = source.pos
            let hint = ZSTD_decompressStream(context, &sink, &source)
            consumed += source.pos - before
            if ZSTD_isError(hint) != 0 {
                let reason = String(cString: ZSTD_getErrorName(hint))
                throw JournalError.zstdInput(reason: reason, offset: consumed)
            }
            if source.pos > before || sink.pos > 0 { isInsideFrame = hint != 0 }
            if sink.pos > 0 {
                try consumer(UnsafeRawBufferPointer(start: memory.baseAddress, count: sink.pos))
            }
            if source.pos == source.size && sink.pos < sink.size { return }
        }
    }

    /// Says that the input has ended.
    /// - Throws: `JournalError.zstdInput` when it ended inside a frame.
    public func finish() throws {
        if isInsideFrame {
            throw JournalError.zstdInput(reason: "the input ends inside a frame", offset: consumed)
        }
    }
}
