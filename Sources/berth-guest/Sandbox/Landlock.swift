import CGuestWire
import CGuestWire.Shims

/// The kernel's rules about files, sockets and signals. They only ever tighten.
enum Landlock {
    /// Enters a domain as tight as the kernel and `landlock_cap` allow; ABI 0 when there is none.
    static func enter(_ order: SetupOrder) throws(GuestFailure) -> (abi: UInt32, inForce: UInt32) {
        let abi = version(cap: order.limits.landlock_cap)
        guard abi > 0 else { return (0, 0) }
        let keepsNetwork = order.limits.grants & GW_GRANT_NETWORK != 0
        var rules = LandlockRights.ruleset(abi: abi, keepsNetwork: keepsNetwork)
        let handle = guest_landlock_create(&rules, LandlockRights.rulesetSize(abi: abi))
        guard handle >= 0 else { throw .sandbox("landlock_create_ruleset") }
        let filter = Places(ruleset: handle, handled: rules.files)
        try filter.allow(order)
        guard guest_landlock_enter(handle) == 0 else { throw .sandbox("landlock_restrict_self") }
        close(handle)
        return (abi, LandlockRights.inForce(rules))
    }

    private static func version(cap: UInt32) -> UInt32 {
        let known = UInt32(max(0, guest_landlock_version()))
        return cap == 0 ? known : min(cap, known)
    }

    /// Adds the places that may be reached.
    private struct Places {
        let ruleset: Int32
        let handled: UInt64

        func allow(_ order: SetupOrder) throws(GuestFailure) {
            try allow(SystemPlaces.always)
            if order.limits.grants & GW_GRANT_NETWORK != 0 {
                try allow(SystemPlaces.network)
            }
            if order.limits.grants & GW_GRANT_SUBPROCESS != 0 {
                try allow(SystemPlaces.subprocess)
            }
            for place in order.places {
                try place.path.withUnsafeBufferPointer { (path) throws(GuestFailure) in
                    guard let base = path.baseAddress else { return }
                    let text = UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)
                    try allow(text, LandlockRights.rights(UInt32(place.access)))
                }
            }
        }

        private func allow(_ places: [SystemPlaces.Place]) throws(GuestFailure) {
            for place in places {
                let path = UnsafeRawPointer(place.path.utf8Start).assumingMemoryBound(to: CChar.self)
                try allow(path, LandlockRights.rights(place.access))
            }
        }

        /// A place that is not there needs no rule.
        private func allow(_ path: UnsafePointer<CChar>, _ rights: UInt64) throws(GuestFailure) {
            let place = guest_open_place(path)
            guard place >= 0 else { return }
            defer { close(place) }
            var allowed = rights & handled
            if guest_is_folder(place) == 0 {
                allowed &= LandlockRights.ofFiles
            }
            guard allowed == 0 || guest_landlock_allow(ruleset, allowed, place) == 0 else {
                throw .sandbox("landlock_add_rule")
            }
        }
    }
}

/// What every plugin needs to load and run at all, and what comes with a grant.
enum SystemPlaces {
    struct Place {
        var path: StaticString
        var access: UInt32
    }

    private static let read = GW_ACCESS_READ
    private static let execute = GW_ACCESS_READ | GW_ACCESS_EXECUTE

    static var always: [Place] {
        [
            Place(path: "/usr/lib", access: execute), Place(path: "/lib", access: execute),
            Place(path: "/usr/lib64", access: execute), Place(path: "/lib64", access: execute),
            Place(path: "/usr/local/lib", access: execute), Place(path: "/etc/ld.so.cache", access: read),
            Place(path: "/etc/localtime", access: read), Place(path: "/usr/share/zoneinfo", access: read),
            Place(path: "/dev/null", access: read | GW_ACCESS_WRITE), Place(path: "/dev/zero", access: read),
            Place(path: "/dev/urandom", access: read), Place(path: "/proc/self", access: read),
        ]
    }

    /// Names and certificates.
    static var network: [Place] {
        [
            Place(path: "/etc/resolv.conf", access: read), Place(path: "/etc/hosts", access: read),
            Place(path: "/etc/host.conf", access: read), Place(path: "/etc/nsswitch.conf", access: read),
            Place(path: "/etc/gai.conf", access: read), Place(path: "/etc/services", access: read),
            Place(path: "/etc/protocols", access: read), Place(path: "/etc/ssl", access: read),
            Place(path: "/usr/share/ca-certificates", access: read),
        ]
    }

    /// Programs and what they read.
    static var subprocess: [Place] {
        [
            Place(path: "/usr/bin", access: execute), Place(path: "/bin", access: execute),
            Place(path: "/usr/sbin", access: execute), Place(path: "/sbin", access: execute),
            Place(path: "/usr/local/bin", access: execute), Place(path: "/usr/libexec", access: execute),
            Place(path: "/usr/share", access: read), Place(path: "/etc", access: read),
        ]
    }
}
