import CGuestWire
import CGuestWire.Places
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
            var index = 0
            while let place = gw_place_at(index)?.pointee {
                if place.grant == 0 || order.limits.grants & place.grant != 0 {
                    try allow(place.path, LandlockRights.rights(place.access))
                }
                index += 1
            }
            for place in order.places {
                try place.path.withUnsafeBufferPointer { (path) throws(GuestFailure) in
                    guard let base = path.baseAddress else { return }
                    let text = UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)
                    try allow(text, LandlockRights.rights(UInt32(place.access)))
                }
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
