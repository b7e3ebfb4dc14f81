import Glibc
import NIOPosix

/// Who may call: what the operator names, the servers, and the workers with which instances are shared. Nothing in the
/// protocol proves who calls: an address is all there is.
package actor Callers {
    private let ranges: [AddressRange]
    /// Host names and addresses of servers and workers.
    private var hosts: Set<String>
    /// As they were found the last time; none for what was never found.
    private var addresses: [String: [AddressRange]] = [:]
    private let find: @Sendable (_ host: String) async -> [AddressRange]?
    private var lookedUp: ContinuousClock.Instant?
    private var looking: Task<Void, Never>?

    package init(ranges: [AddressRange], hosts: some Sequence<String>) {
        self.init(ranges: ranges, hosts: hosts, find: Self.addresses)
    }

    /// `find` gives the addresses of a host; nil: it could not be asked.
    init(
        ranges: [AddressRange], hosts: some Sequence<String>,
        find: @escaping @Sendable (_ host: String) async -> [AddressRange]?
    ) {
        self.ranges = ranges
        self.hosts = Set(hosts)
        self.find = find
    }

    package func add(_ host: String) { hosts.insert(host) }

    /// The same by what is known, for which nobody waits.
    package func knows(_ address: String) -> Bool { holds(address) }

    /// Names are looked up again when none fits, since what they stand for changes; not more than once a second, and one after
    /// the other.
    package func allow(_ address: String) async -> Bool {
        if holds(address) { return true }
        if let lookedUp, ContinuousClock.now - lookedUp < .seconds(1), hosts.count == addresses.count { return false }
        let looking = looking ?? Task { await self.look() }
        self.looking = looking
        await looking.value
        return holds(address)
    }

    private func holds(_ address: String) -> Bool {
        ranges.contains { $0.holds(address) } || addresses.values.joined().contains { $0.holds(address) }
    }

    private func look() async {
        for host in hosts { addresses[host] = await find(host) ?? addresses[host, default: []] }
        lookedUp = .now
        looking = nil
    }

    /// On a thread that may wait for a name server.
    private static func addresses(of host: String) async -> [AddressRange]? {
        if let address = AddressRange(host) { return [address] }
        return (try? await NIOThreadPool.singleton.runIfActive { lookUp(host) }) ?? nil
    }

    private static func lookUp(_ host: String) -> [AddressRange]? {
        var list: UnsafeMutablePointer<addrinfo>?
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var found: [AddressRange] = []
        var next = list
        while let info = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0,
                let range = AddressRange(
                    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            {
                found.append(range)
            }
            next = info.ai_next
        }
        return found
    }
}
