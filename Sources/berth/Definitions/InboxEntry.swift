import HostHTTP
import JobModel
import JobStore

/// Why a row of the inbox cannot be taken as it is.
struct InboxRefusal: Error, Hashable {
    var reason: String
}

/// Rows of the inbox, in the words of the systems they were written for, as jobs and runs of ours: a service is a plugin, a
/// method a component, and a system is the queue of that name where there is one.
struct InboxEntry {
    var aliases: [String: ComponentName]
    var queues: Set<String>

    func job(_ row: InboxJob) throws(InboxRefusal) -> JobDefinition {
        let isName = Identifier.isName(row.name)
        let work = try work(row)
        var job = JobDefinition(
            name: isName ? row.name : "inbox.\(row.id)", component: work.component, params: work.params,
            schedule: .cron(row.cron, zone: nil))
        job.description = isName ? "" : row.name
        job.enabled = row.isEnabled
        job.queue = queue(row.system)
        job.policy.timeout = .seconds(row.timeout > 0 ? min(row.timeout, Self.longest) : 300)
        return job
    }

    /// What the job runs: a component by the names of those systems, or a URL.
    private func work(_ row: InboxJob) throws(InboxRefusal) -> (component: String, params: String) {
        switch row.type {
        case "cron_job": return (try component(row.service, row.method).description, try params(row.args, "args"))
        case "cron_hook":
            let url = row.url.filter { !$0.isWhitespace }
            guard !url.isEmpty else { throw InboxRefusal(reason: "a cron_hook needs its hook_url, which is empty") }
            return (HookJob.component, HookJob.params(url: url, body: row.args).text)
        default:
            throw InboxRefusal(reason: "job_type must be cron_job or cron_hook, not \"\(row.type.excerpt)\"")
        }
    }

    func request(_ row: InboxTask) throws(InboxRefusal) -> RunRequest {
        var request = RunRequest(
            component: try component(row.service, row.method), params: Array(try params(row.argument, "arg").utf8),
            queue: queue(row.system), priority: Int(max(-100, min(100, row.priority))), uniqueKey: row.key)
        request.policy.retry.attempts = Int(max(0, min(999, row.retries))) + 1
        return request
    }

    /// A year.
    private static let longest: Int64 = 365 * 86_400

    private func queue(_ system: String) -> String { queues.contains(system) ? system : "default" }

    private func component(_ service: String, _ method: String) throws(InboxRefusal) -> ComponentName {
        let name = "\(service)/\(method)"
        if let component = aliases[name] ?? ComponentName(name) { return component }
        throw InboxRefusal(
            reason:
                "\"\(name.excerpt)\" is no component: the service must be a plugin id and the method a component id, "
                + "or the setting aliases must say which component \"\(name.excerpt)\" means")
    }

    /// The text as it is; nothing, and what those systems write for nothing, is an empty object.
    private func params(_ text: String, _ column: String) throws(InboxRefusal) -> String {
        let bare = text.filter { !$0.isWhitespace }
        if bare.isEmpty || bare == "[]" || bare == "null" { return "{}" }
        do {
            guard case .object = try JSONParser.parse(text) else {
                throw InboxRefusal(reason: "\(column) must be a JSON object; it is \(text.excerpt)")
            }
            return text
        } catch let error as JSONError {
            throw InboxRefusal(reason: "\(column) is no JSON: \(error); it is \(text.excerpt)")
        } catch {
            throw InboxRefusal(reason: "\(column) must be a JSON object; it is \(text.excerpt)")
        }
    }
}

extension InboxResult {
    /// Texts longer than this are cut.
    private static let longest = 64 << 10

    init(_ run: RunRecord) {
        let text = String(decoding: run.output.prefix(Self.longest), as: UTF8.self)
        self.init(
            run: run.id, succeeded: run.state.isEnd ? run.state == .succeeded : nil, output: text,
            reason: run.state == .succeeded ? nil : "\(run.state.word)\(run.reason.map { ": \($0)" } ?? "")",
            startedAt: run.startedAt, finishedAt: run.finishedAt,
            retries: Int64(run.counters.failures) - (run.state == .succeeded ? 0 : min(1, Int64(run.counters.failures)))
        )
    }
}
