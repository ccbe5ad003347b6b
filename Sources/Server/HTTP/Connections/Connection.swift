import NIOCore

/// What is spoken on a connection: HTTP, and after an upgrade WebSocket. Called on the
/// connection's loop only.
protocol Conversation: AnyObject {
    /// Bytes came; what is not consumed stays in `input` for the next time.
    func received(_ input: inout ByteBuffer)
    /// The client sends nothing more.
    func inputEnded()
    /// There is room again for what is sent.
    func becameWritable()
    /// Time went by.
    func look(_ now: NIODeadline)
    /// The server stops.
    func stop()
    /// The connection is gone.
    func ended()
}

/// One accepted socket: bytes and back-pressure, no meaning. Lives on its event loop.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes that are kept of a client that sends on while its request is in work.
    private static let inputBytesMax = 256 << 10

    let shard: ConnectionShard
    /// Address of the client, without port.
    let client: String
    /// Its place in the shard.
    var index = -1
    /// Set before the handler is added.
    var conversation: (any Conversation)?
    private(set) var outbound = OutboundQueue()
    private var context: ChannelHandlerContext?
    /// Kept, as asking the context for them costs as much as using them.
    private var channel: (any Channel)?
    private var options: (any NIOSynchronousChannelOptions)?
    private var direct: DirectSocket?
    private var input = ByteBuffer()
    /// What the shard's count of unsent bytes holds of this connection.
    private var countedBytes = 0
    private var isReadHeld = false
    private var isLingering = false
    private var hasInputEnded = false
    private var cutAt: NIODeadline?

    /// A connection of `shard`.
    init(shard: ConnectionShard, client: String) {
        self.shard = shard
        self.client = client
    }

    /// Whether bytes are taken; while they are not, the client has to wait.
    var isReading = true {
        didSet {
            guard isReading, !oldValue, isReadHeld else { return }
            isReadHeld = false
            context?.read()
        }
    }

    /// Whether the channel takes more without piling up.
    var isWritable: Bool { channel?.isWritable ?? false }

    /// The loop on which everything here happens.
    var loop: (any EventLoop)? { context?.eventLoop }

    // MARK: Sending

    /// Sends bytes; `promise` succeeds once the kernel has them all.
    func send(_ buffer: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context, !isLingering else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var rest = buffer
        if promise == nil, outbound.count == 0, let direct, channel?.isActive == true {
            direct.send(&rest)
            if rest.readableBytes == 0 { return }
        }
        outbound.add(rest.readableBytes)
        context.writeAndFlush(wrapOutboundOut(rest), promise: promise)
        settleOutbound()
    }

    /// Sends bytes as the last ones: the connection ends when the client has seen them, and
    /// `time` after they left at the latest. Without `isTaking` the time runs from now on,
    /// however much still waits.
    func finish(_ buffer: ByteBuffer, within time: TimeAmount, isTaking: Bool) {
        guard let context, !isLingering else { return }
        if !isTaking { cutAt = .now() + time }
        let promise = context.eventLoop.makePromise(of: Void.self)
        send(buffer, promise: promise)
        // Closing at once would throw away what the client has not read yet (RFC 9112, 9.6).
        isLingering = true
        isReading = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            let connection = bound.value
            connection.cutAt = connection.cutAt ?? .now() + time
            connection.context?.close(
                mode: connection.hasInputEnded ? .all : .output, promise: nil)
        }
    }

    /// Ends the connection now.
    func cut() { context?.close(promise: nil) }

    /// Looks how much the kernel has taken by now. What the shard has counted of this connection
    /// is remembered: a write may lead here before it returns.
    func settleOutbound() {
        guard context != nil, outbound.count > 0 else { return }
        outbound.settle(left: (try? options?.getOption(.bufferedWritableBytes)) ?? 0)
        shard.unsentBytes += outbound.bytes - countedBytes
        countedBytes = outbound.bytes
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let channel = context.channel
        self.channel = channel
        options = channel.syncOptions
        direct = DirectSocket(channel)
        shard.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        guard context != nil else { return }
        shard.unsentBytes -= countedBytes
        countedBytes = 0
        shard.remove(self)
        context = nil
        channel = nil
        options = nil
        direct = nil
        let last = conversation
        conversation = nil
        last?.ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if isReading { context.read() } else { isReadHeld = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard !isLingering else { return }
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        process()
    }

    /// Hands on what there is.
    func process() {
        guard !isLingering, let conversation else { return }
        conversation.received(&input)
        if input.readableBytes == 0 {
            input = ByteBuffer()
        } else {
            // It came although it was not read: the rest cannot be kept.
            if input.readableBytes > Connection.inputBytesMax { cut() }
            input.discardReadBytes()
        }
    }

    /// Whether no complete headers came yet.
    var isUnheard: Bool { (conversation as? HTTPConversation)?.wasHeard == false }

    /// Whether bytes wait that were not consumed.
    var hasInput: Bool { input.readableBytes > 0 }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            settleOutbound()
            conversation?.becameWritable()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            hasInputEnded = true
            // Everything said and everything heard; else the last words are still on their way.
            if isLingering, outbound.bytes == 0 { cut() }
            if !isLingering { conversation?.inputEnded() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Time went by.
    func look(_ now: NIODeadline, stuck: TimeAmount) {
        settleOutbound()
        if let cutAt, now >= cutAt { return cut() }
        if outbound.stuckFor(now) >= stuck {
            shard.counters.stuck += 1
            return cut()
        }
        conversation?.look(now)
    }

    /// Goes on with another conversation, which gets what was not consumed.
    func become(_ other: any Conversation) {
        conversation = other
        isReading = true
    }
}
