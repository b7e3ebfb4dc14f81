import JobModel

// What a plugin did that it is left alone for.
extension PluginStory {
    mutating func tell(_ crash: CrashReport) {
        let streak = crash.record.streak
        let times = streak.crashes == 1 ? "crashed" : "crashed \(streak.crashes) times in a row"
        if let since = streak.quarantinedAt {
            tell("\(crash.record.name) is quarantined since \(time(since)): it \(times), its runs wait, others go on.")
            tell(
                told.now < streak.until
                    ? "From \(time(streak.until)) on one run at a time is tried; a success ends the quarantine, a crash doubles it."
                    : "One run at a time is tried now; a success ends the quarantine, a crash doubles it.")
            tell("`berth plugin release \(id)`, or another version of its file, ends it at once.")
        } else {
            let next = told.now < streak.until ? "at \(time(streak.until))" : "when it is due"
            tell("\(crash.record.name) \(times); its next attempt starts \(next).")
        }
        let evidence = streak.evidence
        tell(
            "The last crash was in run \(evidence.run), attempt \(evidence.attempt): \(evidence.message). Limits: "
                + "\(evidence.limits).")
        for line in crash.lines { tell("  | \(line)") }
    }
}
