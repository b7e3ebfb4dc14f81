import HostHTTP
import JobModel

/// The `scheduler:` block of the configuration: jobs in the words of another scheduler, whose files are taken as they are.
/// An entry with a mistake affects itself only.
struct SchedulerBlock {
    struct Entry {
        var name: String
        var line: Int?
        var job: Result<JobDefinition, FieldError>
    }

    /// False: no schedule of the host fires until somebody starts them.
    var isEnabled = true
    var entries: [Entry] = []

    init() {}

    /// `line` gives the line of a path. Throws for a block that is none.
    init(
        json: JSONValue, path: String, aliases: [String: ComponentName], line: (String) -> Int?
    ) throws(FieldError) {
        var fields = try FieldReader(json, path: path)
        isEnabled = try fields.bool("enabled") ?? true
        let values = try fields.convert("jobs", "must be a list of jobs") { $0.array } ?? []
        try fields.finish()
        var names: Set<String> = []
        for (index, value) in values.enumerated() {
            let place = "\(path).jobs[\(index)]"
            var job = Result { () throws(FieldError) in
                try Self.job(value, place, aliases)
            }
            let name = value["name"]?.string ?? "entry \(index + 1)"
            if !names.insert(name).inserted {
                job = .failure(FieldError(path: place, value: nil, reason: "has the name of an entry before it"))
            }
            entries.append(Entry(name: name, line: line(Self.place(of: job) ?? place), job: job))
        }
    }

    private static func place(of job: Result<JobDefinition, FieldError>) -> String? {
        if case .failure(let error) = job { error.path } else { nil }
    }

    var words: String {
        let bad = entries.count { if case .failure = $0.job { true } else { false } }
        let jobs = entries.isEmpty ? "no jobs" : "\(entries.count) jobs"
        return jobs + (bad > 0 ? " (\(bad) with mistakes)" : "") + (isEnabled ? ", enabled" : ", not enabled")
    }

    /// Throws when an entry has a mistake, with all of them.
    func check(file: String) throws(Failure) {
        let mistakes = entries.compactMap { entry in
            guard case .failure(let error) = entry.job else { return nil as String? }
            return "\(file)\(entry.line.map { ":\($0)" } ?? ""): \(error)"
        }
        guard mistakes.isEmpty else { throw Failure(.usage, mistakes.joined(separator: "\n")) }
    }

    // MARK: One entry

    private static func job(
        _ value: JSONValue, _ path: String, _ aliases: [String: ComponentName]
    ) throws(FieldError) -> JobDefinition {
        var fields = try FieldReader(value, path: path)
        let name = try fields.required("name", try fields.name("name"))
        let schedule = try schedule(&fields)
        let component = try component(name, &fields, aliases)
        var job = JobDefinition(name: name, component: component.description, schedule: schedule)
        job.description = try fields.string("description") ?? ""
        job.enabled = try fields.bool("enabled") ?? true
        job.params = String(decoding: try fields.params(), as: UTF8.self)
        if let value = fields.value("access") {
            job.policy.access = try FileAccess(json: value, path: fields.place("access"))
        }
        try fields.finish()
        return job
    }

    /// Such files join entries to code by name; here the entry says which component it means, or an alias does.
    private static func component(
        _ name: String, _ fields: inout FieldReader, _ aliases: [String: ComponentName]
    ) throws(FieldError) -> ComponentName {
        if let component = try fields.component("component") ?? aliases[name] { return component }
        throw FieldError(
            path: fields.place("name"), value: "\"\(name)\"",
            reason: "stands for no component; write \"component: plugin-id/component-id\" in the entry, "
                + "or \"aliases: {\(name): plugin-id/component-id}\" beside the block")
    }

    private static func schedule(_ fields: inout FieldReader) throws(FieldError) -> ScheduleSpec {
        let type = try fields.required("type", try fields.string("type"))
        let text = try fields.required("schedule", try fields.string("schedule"))
        let zone = try fields.string("zone")
        func mistake(_ reason: String) -> FieldError {
            FieldError(path: fields.place("schedule"), value: "\"\(text)\"", reason: reason)
        }
        let spec: ScheduleSpec
        switch type {
        case "duration":
            guard let interval = Duration(berthText: text), interval > .zero else {
                throw mistake("must be a duration above zero such as \"30s\", \"5m\" or \"1.5h\"")
            }
            guard zone == nil else {
                throw FieldError(path: fields.place("zone"), value: nil, reason: "means nothing to a duration")
            }
            return .every(interval)
        case "cron": spec = .cron(text, zone: zone)
        case "daily": spec = .daily(text, zone: zone)
        case "weekly": spec = .weekly(text, zone: zone)
        case "monthly": spec = .monthly(text, zone: zone)
        default:
            throw FieldError(
                path: fields.place("type"), value: "\"\(type)\"",
                reason: "must be duration, cron, daily, weekly or monthly")
        }
        do {
            _ = try Schedule(spec, anchor: Instant(microseconds: 0)) { _ in .utc }
        } catch {
            throw mistake("is no schedule: \(error.reason)")
        }
        return spec
    }
}
