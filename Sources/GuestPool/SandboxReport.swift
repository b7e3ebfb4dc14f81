import CGuestWire

extension SandboxReport {
    /// What a guest said of itself in HELLO.
    init(_ hello: GuestFrame.Hello) {
        func has(_ bit: UInt32) -> Bool { hello.inForce & bit != 0 }
        self.init(
            noNewPrivileges: has(GW_FEATURE_NO_NEW_PRIVS), memoryDenyWriteExecute: has(GW_FEATURE_MDWE),
            landlockABI: hello.landlockABI, signalScope: has(GW_FEATURE_SIGNAL_SCOPE),
            networkRules: has(GW_FEATURE_NET_RULES), seccomp: has(GW_FEATURE_SECCOMP))
    }
}
