import Glibc
import NIOCore
import NIOPosix

/// The address that this machine has towards a server: what others reach it by when nobody says better.
enum OwnAddress {
    /// Nil when there is no way to the server. May wait for a name server, on a thread that may.
    static func towards(_ server: HostPort) async -> String? {
        try? await NIOThreadPool.singleton.runIfActive { find(server) }
    }

    /// A datagram socket that is connected sends nothing and has the address from which it would.
    private static func find(_ server: HostPort) -> String? {
        guard let address = try? SocketAddress.makeAddressResolvingHost(server.host, port: server.port),
            case .v4 = address
        else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard address.withSockAddr({ connect(descriptor, $0, socklen_t($1)) }) == 0 else { return nil }
        var own = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isKnown = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        return isKnown ? SocketAddress(own).ipAddress : nil
    }
}
