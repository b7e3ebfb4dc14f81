import HostHTTP
import JobModel

/// Makes a host's jobs be those of a file, and says what that changed.
struct JobApplication {
    let file: String
    /// Delete jobs that came from files and are not in this one.
    let prune: Bool

    func run(_ host: HostOptions) async throws {
        let content = try JobFile.content(at: file)
        let wanted = JobsApplication(jobs: content.jobs, prune: prune, source: JobSource.applied)
        do {
            try await host.show({ try await $0.post("/jobs/apply", wanted.json) }) { Self.print(ApplyView(json: $0)) }
        } catch let failure as Failure {
            // What only the host can judge, such as which zones there are, has its line all the same.
            guard let line = failure.value.flatMap({ content.line(ofValue: $0, field: failure.field) }) else {
                throw failure
            }
            throw Failure(failure.exit, "\(file):\(line): \(failure.message)")
        }
    }

    private static func print(_ report: ApplyView) {
        let changes = ["added", "changed", "removed", "unchanged"]
        for change in changes {
            let names = report.names(change)
            if !names.isEmpty { Swift.print("\(change): \(names.joined(separator: ", "))") }
        }
        for warning in report.names("warnings") { Terminal.printError("warning: \(Terminal.plain(warning))") }
        if changes.allSatisfy({ report.names($0).isEmpty }) { Swift.print("the file names no jobs") }
    }
}
