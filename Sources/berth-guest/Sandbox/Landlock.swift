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
                    try allow(place)
                }
                index += 1
            }
            for place in order.places {
                try place.path.withUnsafeBufferPointer { (path) throws(GuestFailure) in
                    guard let base = path.baseAddress else { return }
                    let text = UnsafeRawPointer(base).assumingMemoryBound(to: CChar.self)
                    try allow(text, UInt32(place.access))
                }
            }
        }

        /// A place that is not there needs no rule. Rights of files on a folder are those on the files in it.
        private func allow(_ place: gw_place) throws(GuestFailure) {
            let handle = guest_open_place(place.path)
            guard handle >= 0 else { return }
            defer { close(handle) }
            try allow(handle, LandlockRights.rights(place.access), isFolder: place.is_folder != 0)
        }

        /// Links on the way are an error where `access` (bits of GW_ACCESS_…) says so.
        private func allow(_ path: UnsafePointer<CChar>, _ access: UInt32) throws(GuestFailure) {
            let isDirect = access & GW_ACCESS_DIRECT != 0
            let place = isDirect ? guest_open_place_directly(path) : guest_open_place(path)
            guard place >= 0 else {
                // A plugin that may write beside the place could have put the link there.
                guard isDirect, guest_errno() == ELOOP else { return }
                throw .link(on: path)
            }
            defer { close(place) }
            try allow(place, LandlockRights.rights(access), isFolder: guest_is_folder(place) != 0)
        }

        private func allow(_ place: Int32, _ rights: UInt64, isFolder: Bool) throws(GuestFailure) {
            let allowed = rights & handled & (isFolder ? UInt64.max : LandlockRights.ofFiles)
            guard allowed == 0 || guest_landlock_allow(ruleset, allowed, place) == 0 else {
                throw .sandbox("landlock_add_rule")
            }
        }
    }
}

extension GuestFailure {
    fileprivate static func link(on path: UnsafePointer<CChar>) -> GuestFailure {
        var text = Sentence("access: a symbolic link is on the way to ")
        text.append(Text.terminated(path, limit: 4096) ?? UnsafeRawBufferPointer(start: nil, count: 0))
        text.append("; name the place that it leads to")
        return GuestFailure(stage: GW_STAGE_SANDBOX, code: ELOOP, text: text)
    }
}
