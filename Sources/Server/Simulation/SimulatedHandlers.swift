import Engine
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Venues

/// One client of a simulated venue. Lives on the station's event loop.
final class SimulatedSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let station: SimulatedStation
    private var socket: SimulatedStation.Socket?

    init(_ station: SimulatedStation) { self.station = station }

    func handlerAdded(context: ChannelHandlerContext) {
        socket = station.open(context.channel, at: SimulatedVenues.now())
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard let socket else { return }
        switch frame.opcode {
        case .text:
            station.receive(
                Array(frame.unmaskedData.readableBytesView), from: socket,
                at: SimulatedVenues.now())
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let socket { station.forget(socket) }
        socket = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// REST of the simulated venues: the book of `symbol`.
final class SimulatedRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let stations: NIOLoopBound<[String: SimulatedStation]>
    private var head: HTTPRequestHead?

    init(_ stations: NIOLoopBound<[String: SimulatedStation]>) { self.stations = stations }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            let (status, body) = answer(head)
            respond(context, head, status, body)
        }
    }

    private func answer(_ head: HTTPRequestHead) -> (Int, [UInt8]) {
        let now = SimulatedVenues.now()
        guard head.method == .GET, let station = SimulatedVenues.station(head.uri, stations),
            station.isReachable(now)
        else { return (503, Array(#"{"msg":"unreachable"}"#.utf8)) }
        let query = URLComponents(string: head.uri)?.queryItems ?? []
        let symbol = query.first { $0.name == "symbol" || $0.name == "instId" }?.value ?? ""
        return station.answer(symbol: symbol, at: now)
    }

    private func respond(
        _ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ status: Int, _ body: [UInt8]
    ) {
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: "application/json")
        headers.add(name: "content-length", value: "\(body.count)")
        if status == 429 || status == 418 { headers.add(name: "retry-after", value: "10") }
        let response = HTTPResponseHead(
            version: head.version, status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !head.isKeepAlive { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
