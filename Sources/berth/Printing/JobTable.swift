import HostHTTP
import JobModel

/// Jobs as a table, and one closely.
enum JobTable {
    static func table(_ jobs: [JobView], now: Instant) -> Table {
        var table = Table([
            .init("JOB"), .init("COMPONENT"), .init("SCHEDULE"), .init("NEXT"), .init("LAST"), .init("TOOK"),
            .init("WHY"),
        ])
        for job in jobs {
            table.add([
                job.name, job.component, job.schedule, next(job, now: now), job.lastRun?.state?.word, job.lastRun?.took,
                job.obstacle ?? job.lastRun?.reason,
            ])
        }
        return table
    }

    private static func next(_ job: JobView, now: Instant) -> String? {
        if job.paused { return "paused" }
        return job.enabled ? RelativeTime.words(job.nextFire, now: now) : "disabled"
    }

    static func facts(_ job: JobView) -> Facts {
        var facts = Facts()
        facts.add("job", job.name)
        facts.add("description", job.text("description"))
        facts.add("component", job.component)
        facts.add("obstacle", job.obstacle)
        for warning in job.warnings { facts.add("warning", warning) }
        facts.add("params", job.json["params"]?.text)
        facts.add("schedule", job.schedule)
        facts.add("next", job.nextFire.map { "\($0.rfc3339) (\(RelativeTime.words($0) ?? ""))" })
        facts.add("paused", job.paused ? "yes" : nil)
        facts.add("enabled", job.enabled ? nil : "no")
        facts.add("source", job.source)
        for name in ["queue", "priority", "at_once", "timeout", "grace", "not_after", "limits"] {
            facts.add(name, job.json[name].map { $0.string ?? $0.text })
        }
        for name in ["missed", "missed_within", "missed_spread", "overlap", "jitter", "on_unknown"] {
            facts.add(name, job.text(name))
        }
        facts.add("retry", job.json["retry"]?.text)
        facts.add("access", job.json["access"]?.text)
        facts.add("tags", (job.json["tags"]?.array ?? []).compactMap(\.string).joined(separator: ", "))
        for name in ["pre_step", "post_step", "on_success", "on_failure"] {
            facts.add(name, job.json[name].map { $0.string ?? $0.text })
        }
        if let history = job.json["history"] { facts.add("history", history.text) }
        facts.add(figures: job.figures)
        facts.add(
            "last run",
            job.lastRun.map { "\($0.id), \($0.state?.word ?? "")" + ($0.reason.map { ": \($0)" } ?? "") })
        return facts
    }
}
