import NIOCore
import NIOHTTP1

/// Closes connections on which nothing comes for long, and those with a request that takes too long to come in.
final class DoorPatience: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let patience: TimeAmount
    private var deadline: Scheduled<Void>?

    /// For a request, from its head to its end.
    init(_ patience: TimeAmount) {
        self.patience = patience
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            deadline = context.eventLoop.scheduleTask(in: patience) { [channel = context.channel] in
                channel.close(promise: nil)
            }
        case .body: break
        case .end: deadline?.cancel()
        }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
