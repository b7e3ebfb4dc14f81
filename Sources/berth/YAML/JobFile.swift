import Foundation
import HostHTTP
import JobModel

/// Jobs in YAML: `jobs:` with a list, a bare list, or documents with a job each. A file is read whole or refused whole.
enum JobFile {
    static func jobs(at path: String) throws(Failure) -> [JobDefinition] {
        guard let data = TextFile.bytes(path)
        else { throw Failure(.usage, "The file \(path) cannot be read; give a file of jobs in YAML, or - for stdin.") }
        guard let text = String(validating: data, as: UTF8.self) else { throw Failure(.usage, "\(path) is not UTF-8.") }
        do { return try jobs(in: text) } catch { throw error.failure(file: path) }
    }

    static func jobs(in text: String) throws(YAMLError) -> [JobDefinition] {
        let documents = try YAMLDocument.read(text).filter { $0.json != .null }
        // An empty file is a slip more often than a wish, and --prune would delete every job for it.
        guard !documents.isEmpty else {
            throw YAMLError(line: nil, reason: "the file is empty; write \"jobs: []\" if no job is wanted")
        }
        var jobs: [JobDefinition] = []
        for document in documents {
            do {
                for job in try Self.jobs(in: document.json) {
                    guard !jobs.contains(where: { $0.name == job.name }) else {
                        throw FieldError(path: "name", value: "\"\(job.name)\"", reason: "comes twice in this file")
                    }
                    jobs.append(job)
                }
            } catch let error as FieldError {
                throw YAMLError(line: document.line(of: error.path), reason: error.description)
            } catch {
                throw YAMLError(line: nil, reason: "\(error)")
            }
        }
        return jobs
    }

    private static func jobs(in json: JSONValue) throws(FieldError) -> [JobDefinition] {
        if let list = json.array { return try JobsApplication.jobs(list, path: "") }
        guard json["jobs"] != nil || json.members?.contains(where: { $0.name == "jobs" }) == true else {
            return [try JobDefinition(json: json)]
        }
        var fields = try FieldReader(json)
        let list = try fields.convert("jobs", "must be a list of jobs") { $0.array }
        try fields.finish()
        return try JobsApplication.jobs(list ?? [], path: "jobs")
    }
}
