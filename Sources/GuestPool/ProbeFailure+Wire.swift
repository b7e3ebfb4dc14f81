import CGuestWire

extension ProbeFailure {
    /// What a guest said in FAILED.
    init(stage: UInt32, code: Int32, text: String) {
        let stages: [UInt32: Stage] = [
            GW_STAGE_SANDBOX: .sandbox, GW_STAGE_OPEN: .open, GW_STAGE_ENTRY: .entry, GW_STAGE_REFUSED: .refused,
            GW_STAGE_DESCRIPTOR: .descriptor, GW_STAGE_START: .start,
        ]
        let words = text.isEmpty ? "failed with code \(code)" : String(text.prefix(2048))
        self.init(stage: stages[stage] ?? .violation, message: words)
    }
}
