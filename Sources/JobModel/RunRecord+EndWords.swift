extension RunRecord {
    /// How it ended, to go on a sentence that began with it.
    package var endWords: String {
        let word =
            switch state {
            case .cancelled: "was cancelled"
            case .skipped: "was skipped"
            default: state.word
            }
        // Most reasons of persons begin with what was just said.
        guard let reason else { return word }
        return reason.hasPrefix("\(state.word) by ") ? "was \(reason)" : "\(word): \(reason)"
    }
}
