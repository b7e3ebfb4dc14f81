import CGuestWire
import CGuestWire.Shims

/// Which rights a Landlock ABI knows. Numbers are the kernel's (Documentation/userspace-api/landlock.rst).
enum LandlockRights {
    static let execute: UInt64 = 1 << 0
    static let writeFile: UInt64 = 1 << 1
    static let readFile: UInt64 = 1 << 2
    static let readFolder: UInt64 = 1 << 3
    static let removeFolder: UInt64 = 1 << 4
    static let removeFile: UInt64 = 1 << 5
    static let makeFolder: UInt64 = 1 << 7
    static let makeFile: UInt64 = 1 << 8
    static let makeFifo: UInt64 = 1 << 10
    static let makeLink: UInt64 = 1 << 12
    static let refer: UInt64 = 1 << 13
    static let truncate: UInt64 = 1 << 14
    static let deviceControl: UInt64 = 1 << 15

    /// Those that make sense for something that is not a folder.
    static let ofFiles = execute | writeFile | readFile | truncate | deviceControl

    private static let bindAndConnect: UInt64 = 3
    private static let abstractSockets: UInt64 = 1
    private static let signals: UInt64 = 2

    /// The tightest ruleset of an ABI.
    static func ruleset(abi: UInt32, keepsNetwork: Bool) -> guest_ruleset {
        var files = (makeLink << 1) - 1
        if abi >= 2 { files |= refer }
        if abi >= 3 { files |= truncate }
        if abi >= 5 { files |= deviceControl }
        let network = abi >= 4 && !keepsNetwork ? bindAndConnect : 0
        let scoped = abi >= 6 ? abstractSockets | signals : 0
        return guest_ruleset(files: files, network: network, scoped: scoped)
    }

    /// Bytes of the ruleset that a kernel of this ABI knows.
    static func rulesetSize(abi: UInt32) -> Int {
        abi >= 6 ? 24 : abi >= 4 ? 16 : 8
    }

    /// What GW_ACCESS_… bits of a path stand for.
    static func rights(_ access: UInt32) -> UInt64 {
        var rights: UInt64 = 0
        if access & GW_ACCESS_READ != 0 { rights |= readFile | readFolder }
        if access & GW_ACCESS_EXECUTE != 0 { rights |= execute }
        if access & GW_ACCESS_WRITE != 0 {
            rights |=
                writeFile | removeFolder | removeFile | makeFolder | makeFile | makeFifo | makeLink | refer | truncate
        }
        return rights
    }

    /// Bits of gw_hello for a ruleset that is in force.
    static func inForce(_ rules: guest_ruleset) -> UInt32 {
        var bits = GW_FEATURE_LANDLOCK
        if rules.network != 0 { bits |= GW_FEATURE_NET_RULES }
        if rules.scoped != 0 { bits |= GW_FEATURE_SIGNAL_SCOPE }
        return bits
    }
}
