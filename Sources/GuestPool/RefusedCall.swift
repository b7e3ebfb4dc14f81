import CGuestWire
import CGuestWire.Calls
import CLinux
import Glibc

/// A system call that a guest's filter refused.
package struct RefusedCall: Hashable, Sendable {
    /// `ptrace`, `socket(AF_UNIX)`; `call 1234` when nobody here knows it.
    package let words: String
    /// With which it would have been allowed.
    package let grant: Grants
    /// Without which it would have been allowed: a feature of the sandbox, as its users write it.
    package var feature: String?

    /// The errno that the plugin gets: what a kernel says that has no such call, or no such memory to give.
    var code: Int32 {
        if feature != nil { return EACCES }
        return words == "memfd_create" ? ENOSYS : EPERM
    }

    /// Programs try it and do without: that it was refused says little about why one failed.
    var isTry: Bool { feature != nil || words == "memfd_create" }
}

extension RefusedCall {
    init(_ call: berth_refusal) {
        guard let known = KnownCall(number: call.number, architecture: call.architecture) else {
            self.init(words: "call \(call.number)", grant: [])
            return
        }
        switch known.group {
        case GW_CALL_SOCKET, GW_CALL_PAIR:
            let family = UInt32(truncatingIfNeeded: call.arguments.0)
            let isOfNetwork = family == 2 || family == 10 || family == 16 && call.arguments.2 == 0
            self.init(
                words: "\(known.name)(\(Self.families[family] ?? "family \(family)"))",
                grant: known.group == GW_CALL_SOCKET && isOfNetwork ? .network : [])
        case GW_CALL_NETWORK: self.init(words: known.name, grant: .network)
        case GW_CALL_FCNTL where call.arguments.1 == 1031: self.init(words: "fcntl(F_SETPIPE_SZ)", grant: [])
        case GW_CALL_TIMES where call.arguments.1 == 0: self.init(words: "futimens", grant: .subprocess)
        case GW_CALL_MODE, GW_CALL_MEMORY_FILE: self.init(words: known.name, grant: .subprocess)
        case GW_CALL_MAP, GW_CALL_PROTECT:
            self.init(words: "\(known.name)(PROT_EXEC)", grant: [], feature: "MemoryDenyWriteExecute")
        case GW_CALL_CLONE where call.arguments.0 & Self.neverCloned != 0: self.init(words: known.name, grant: [])
        case GW_CALL_PROGRAM, GW_CALL_CLONE, GW_CALL_PROCESS: self.init(words: known.name, grant: .subprocess)
        default: self.init(words: known.name, grant: [])
        }
    }

    /// New namespaces, and children of the parent's, which no grant allows.
    private static let neverCloned: UInt64 = 0x7E02_8000

    private static let families: [UInt32: String] = [
        1: "AF_UNIX", 2: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK", 17: "AF_PACKET", 40: "AF_VSOCK",
    ]
}

/// A call that the filter's table knows.
struct KnownCall {
    let name: String
    /// GW_CALL_…
    let group: UInt32

    /// Nil for one that stands in no table.
    init?(number: Int32, architecture: UInt32) {
        let isX86 = architecture == 0xC000_003E
        var index = 0
        while let call = gw_call_at(index)?.pointee {
            if Int32(isX86 ? call.x86 : call.arm) == number {
                name = String(cString: call.name)
                group = UInt32(call.group)
                return
            }
            index += 1
        }
        return nil
    }
}

/// Calls that were refused since the last attempt ended, and how many more the host listens to.
struct Refusals {
    private(set) var calls: [RefusedCall] = []
    /// A guest that asks for ever would keep its host busy.
    private(set) var patience = 1000

    private static let mostNamed = 8

    mutating func add(_ call: RefusedCall) {
        patience -= 1
        guard calls.count < Self.mostNamed, !calls.contains(call) else { return }
        calls.append(call)
    }

    mutating func forget() {
        calls.removeAll()
    }

    /// `the sandbox refused execve, which the grant subprocess allows`; nil when nothing was.
    var sentence: String? { Self.sentence(calls) }

    /// Of an attempt that failed with these words.
    func sentence(on message: String?) -> String? {
        let isRefusal = AccessHint.speaksOfRefusal(message ?? "")
        return Self.sentence(calls.filter { isRefusal || !$0.isTry })
    }

    private static func sentence(_ calls: [RefusedCall]) -> String? {
        guard !calls.isEmpty else { return nil }
        let names = calls.map(\.words).joined(separator: ", ")
        let grants = calls.reduce(into: Grants()) { $0.formUnion($1.grant) }.words
        let features = Set(calls.compactMap(\.feature)).sorted().map { "\($0): no" }
        let remedies =
            (grants.isEmpty ? [] : ["the flag and the grant \(grants.joined(separator: " and "))"])
            + (features.isEmpty ? [] : ["\(features.joined(separator: ", ")) in the plugin's sandbox"])
        let remedy = remedies.isEmpty ? "" : "; allowed with \(remedies.joined(separator: ", and "))"
        return "the sandbox refused \(names)\(remedy)"
    }
}
