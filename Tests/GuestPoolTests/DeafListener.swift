import CGuestWire.Shims
import Glibc
import Testing

/// A port on this machine whose connections nobody reads from.
struct DeafListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var room: Int32 = 4096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var place = Self.place(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (own, length) = (descriptor, size)
        let isOpen = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(own, $0, length) == 0 && listen(own, 8) == 0 && getsockname(own, $0, &size) == 0
            }
        }
        try #require(isOpen)
        port = UInt16(bigEndian: place.sin_port)
    }

    /// Somebody has connected and was not let go.
    var hasConnection: Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) == 1
    }

    /// Full of what nobody reads: its last close takes five minutes, or until the listener is gone.
    func lingeringConnection() throws -> Int32 {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = Self.place(port)
        let result = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(made, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
        let (block, flags) = ([UInt8](repeating: 0, count: 1 << 16), fcntl(made, F_GETFL))
        _ = fcntl(made, F_SETFL, flags | O_NONBLOCK)
        while write(made, block, block.count) > 0 {}
        var lingers = linger(l_onoff: 1, l_linger: 300)
        let isSet = setsockopt(made, SOL_SOCKET, SO_LINGER, &lingers, socklen_t(MemoryLayout<linger>.size))
        try #require(isSet == 0)
        return made
    }

    /// Whoever waits for it to read waits no longer.
    func leave() { close(descriptor) }

    private static func place(_ port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return place
    }
}

/// Two stream sockets that are connected.
struct StreamPair {
    let sender: Int32
    let receiver: Int32

    init() throws {
        var pair: [Int32] = [-1, -1]
        let made = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        try #require(made == 0)
        (sender, receiver) = (pair[0], pair[1])
    }
}
