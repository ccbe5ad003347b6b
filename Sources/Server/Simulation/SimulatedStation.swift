import Engine
import NIOCore
import NIOWebSocket
import Venues

/// One simulated venue behind its sockets: the market, a copy of it for every open socket, and the
/// faults in force. Lives on one event loop.
final class SimulatedStation {
    /// One open socket: what it is subscribed to, and what is on its way to the client.
    final class Socket {
        var simulator: any VenueSimulator
        var onItsWay: [SimulatedMessage] = []
        let channel: any Channel
        let openedAt: Int64

        init(_ simulator: any VenueSimulator, _ channel: any Channel, at time: Int64) {
            self.simulator = simulator
            self.channel = channel
            openedAt = time
        }
    }

    let name: String
    private(set) var faults: [VenueFault]
    private var market: any VenueSimulator
    private var sockets: [Socket] = []
    private var plan: FaultPlan
    private var planned: [FaultPlan.Fault: Int] = [:]
    private let start: Int64
    private let seed: UInt64
    /// Which messages are cut, and where.
    private var chance: Jitter
    /// REST answers of a minute ago, by symbol.
    private var oldBodies: [(time: Int64, bodies: [String: [UInt8]])] = []

    static let stepNanos: Int64 = 10_000_000
    private static let oldNanos: Int64 = 60_000_000_000
    static let ageNanosMax: Int64 = 10_000_000_000
    private static let faultsMax = 64

    init(name: String, market: any VenueSimulator, seed: UInt64, start: Int64, faults: [VenueFault])
    {
        self.name = name
        self.market = market
        self.seed = seed
        self.start = start
        self.faults = faults
        plan = FaultPlan(seed: seed, perMille: [:])
        chance = Jitter(seed: seed)
    }

    /// Adds a fault that begins `offsetNanos` from now.
    func add(_ fault: VenueFault, at time: Int64) {
        var fault = fault
        fault.offsetNanos += time - start
        faults.removeAll { $0.kind != .disconnect && $0.isOver(time - start) }
        // Somebody who asks again and again gets the newest ones.
        if faults.count >= Self.faultsMax { faults.removeFirst() }
        faults.append(fault)
    }

    private func isOn(_ kind: VenueFault.Kind, _ time: Int64) -> Bool {
        faults.contains { $0.kind == kind && $0.isOn(time - start) }
    }

    /// Whether a client can reach it.
    func isReachable(_ time: Int64) -> Bool { !isOn(.down, time) }

    /// A client has connected.
    func open(_ channel: any Channel, at time: Int64) -> Socket {
        _ = market.advance(to: time)
        let socket = Socket(market, channel, at: time)
        sockets.append(socket)
        queue(socket.simulator.open(at: time), socket)
        return socket
    }

    /// A client has sent a message.
    func receive(_ message: [UInt8], from socket: Socket, at time: Int64) {
        queue(socket.simulator.receive(message), socket)
        send(socket, until: time)
    }

    /// A client is gone.
    func forget(_ socket: Socket) { sockets.removeAll { $0 === socket } }

    /// Lets the market go on to `time` and sends what is due.
    func advance(to time: Int64) {
        _ = market.advance(to: time)
        keepOldBodies(time)
        planFaults(time)
        for socket in sockets {
            queue(socket.simulator.advance(to: time), socket)
            send(socket, until: time)
        }
        closeSockets(time)
    }

    private func planFaults(_ time: Int64) {
        var rates: [FaultPlan.Fault: Int] = [:]
        for fault in faults where fault.isOn(time - start) {
            if let kind = fault.message { rates[kind] = fault.perMille }
        }
        guard rates != planned else { return }
        planned = rates
        plan = FaultPlan(seed: seed &+ UInt64(bitPattern: time), perMille: rates)
    }

    private func closeSockets(_ time: Int64) {
        // A disconnect happens once.
        let count = faults.count
        faults.removeAll { $0.kind == .disconnect && $0.offsetNanos <= time - start }
        if isOn(.down, time) || faults.count < count {
            for socket in sockets { socket.channel.close(promise: nil) }
            sockets = []
        }
        guard isOn(.age, time) else { return }
        for socket in sockets where time - socket.openedAt >= Self.ageNanosMax {
            write(WebSocketFrames.close(1001), to: socket)
            end(socket)
        }
    }

    /// Writes the bytes of a frame, or of a part of one, past the handler that makes whole frames.
    private func write(_ bytes: ByteBuffer, to socket: Socket) {
        let place = try? socket.channel.pipeline.syncOperations.context(
            handlerType: WebSocketFrameEncoder.self)
        place?.writeAndFlush(NIOAny(bytes), promise: nil)
    }

    private func end(_ socket: Socket) {
        socket.channel.close(promise: nil)
        forget(socket)
    }

    /// Whether a connection is cut in this message; then it is gone.
    private func cut(_ message: SimulatedMessage, _ socket: Socket, _ time: Int64) -> Bool {
        let rate = faults.first { $0.kind == .cut && $0.isOn(time - start) }?.perMille ?? 0
        guard rate > 0, chance.below(1_000) < Int64(rate) else { return false }
        var frame = WebSocketFrames.encode(.text, message.bytes)
        let part = frame.readSlice(length: Int(chance.below(Int64(frame.readableBytes))))
        if let part { write(part, to: socket) }
        end(socket)
        return true
    }

    private func queue(_ messages: [SimulatedMessage], _ socket: Socket) {
        socket.onItsWay += planned.isEmpty ? messages : plan.apply(messages)
    }

    /// Sends what has arrived by `time`; a silent venue says nothing, and that is lost.
    private func send(_ socket: Socket, until time: Int64) {
        var count = 0
        while count < socket.onItsWay.count, socket.onItsWay[count].receivedAt <= time {
            count += 1
        }
        guard count > 0 else { return }
        if !isOn(.silent, time) {
            for message in socket.onItsWay[..<count] {
                if cut(message, socket, time) { return }
                let frame = WebSocketFrame(
                    fin: true, opcode: .text, data: ByteBuffer(bytes: message.bytes))
                socket.channel.write(frame, promise: nil)
            }
            socket.channel.flush()
        }
        socket.onItsWay.removeFirst(count)
    }

    private func keepOldBodies(_ time: Int64) {
        guard faults.contains(where: { $0.kind == .stale }) else { return }
        if let last = oldBodies.last, time - last.time < Self.oldNanos / 12 { return }
        var bodies: [String: [UInt8]] = [:]
        for symbol in market.symbols { bodies[symbol] = market.snapshot(symbol: symbol) }
        oldBodies.append((time, bodies))
        oldBodies.removeAll { time - $0.time > Self.oldNanos }
    }

    /// Status and body of the answer to a request for the book of `symbol`.
    func answer(symbol: String, at time: Int64) -> (status: Int, body: [UInt8]) {
        if isOn(.limited, time) { return (429, Array(#"{"code":-1003,"msg":"Too many"}"#.utf8)) }
        if isOn(.banned, time) { return (418, Array(#"{"code":-1003,"msg":"Banned"}"#.utf8)) }
        if isOn(.stale, time), let old = oldBodies.first?.bodies[symbol] { return (200, old) }
        guard let body = market.snapshot(symbol: symbol) else {
            return (400, Array(#"{"code":-1121,"msg":"Invalid symbol."}"#.utf8))
        }
        return (200, body)
    }
}
