package import JobModel

/// {"jobs": [job, …], "prune": false, "source": "api"}: the jobs a source wants to exist.
package struct JobsApplication: Hashable, Sendable {
    package var jobs: [JobDefinition]
    /// Delete the source's other jobs.
    package var prune: Bool
    /// Who defines them: `api`, or `file` for job files.
    package var source: String

    package init(jobs: [JobDefinition], prune: Bool = false, source: String = "api") {
        self.jobs = jobs
        self.prune = prune
        self.source = source
    }

    package init(json: JSONValue) throws(FieldError) {
        var fields = try FieldReader(json)
        let values = try fields.convert("jobs", "must be a list of jobs") { $0.array }
        prune = try fields.bool("prune") ?? false
        source =
            try fields.convert("source", "must be \"api\" or \"file\"") {
                $0.string.flatMap { ["api", "file"].contains($0) ? $0 : nil }
            } ?? "api"
        try fields.finish()
        jobs = try Self.jobs(fields.required("jobs", values), path: "jobs")
    }

    /// A list of jobs with different names.
    package static func jobs(_ values: [JSONValue], path: String) throws(FieldError) -> [JobDefinition] {
        var places: [String: Int] = [:]
        var jobs: [JobDefinition] = []
        for entry in entries(values, path: path, &places) { jobs.append(try entry.get()) }
        return jobs
    }

    /// Each entry of a list as the job it is, or with its first mistake. `places`: where names were met.
    package static func entries(
        _ values: [JSONValue], path: String, _ places: inout [String: Int]
    ) -> [Result<JobDefinition, FieldError>] {
        var entries: [Result<JobDefinition, FieldError>] = []
        for (index, value) in values.enumerated() {
            let place = "\(path)[\(index)]"
            var entry = Result { () throws(FieldError) in try JobDefinition(json: value, path: place) }
            if case .success(let job) = entry, let first = places.updateValue(index, forKey: job.name) {
                entry = .failure(
                    FieldError(
                        path: "\(place).name", value: JSONValue.string(job.name).text,
                        reason: "is already the name of \(path)[\(first)]"))
            }
            entries.append(entry)
        }
        return entries
    }

    package var json: JSONValue {
        ["jobs": .array(jobs.map(\.json)), "prune": .bool(prune), "source": .string(source)]
    }
}
