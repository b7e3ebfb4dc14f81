import Foundation
import HostHTTP
import JobModel

/// Jobs in YAML: `jobs:` with a list, a bare list, or documents with a job each. A file is read whole or refused whole.
enum JobFile {
    /// The jobs of a file, and where in it they are.
    struct Content {
        fileprivate(set) var jobs: [JobDefinition] = []
        fileprivate var places: [String: (document: Int, path: String)] = [:]
        fileprivate var documents: [YAMLDocument] = []

        /// The line in which a job has a value, or in which the job begins.
        func line(of job: String, value: String?) -> Int? {
            guard let place = places[job] else { return nil }
            let document = documents[place.document]
            let line = value.flatMap { document.line(ofValue: $0, within: place.path) }
            return line ?? document.line(of: place.path)
        }

        /// The first line that has a value, in whatever job: that of the field, if it stands there.
        func line(ofValue text: String, field: String? = nil) -> Int? {
            field.flatMap { field in documents.lazy.compactMap { $0.line(ofValue: text, field: field) }.first }
                ?? documents.lazy.compactMap { $0.line(ofValue: text, within: "") }.first
        }
    }

    static func content(at path: String) throws(Failure) -> Content {
        guard let data = TextFile.bytes(path)
        else { throw Failure(.usage, "The file \(path) cannot be read; give a file of jobs in YAML, or - for stdin.") }
        guard let text = String(validating: data, as: UTF8.self) else { throw Failure(.usage, "\(path) is not UTF-8.") }
        do { return try content(of: text) } catch { throw error.failure(file: path) }
    }

    static func content(of text: String) throws(YAMLError) -> Content {
        var content = Content()
        content.documents = try YAMLDocument.read(text).filter { $0.json != .null }
        // An empty file is a slip more often than a wish, and it would delete every job it had.
        guard !content.documents.isEmpty else {
            throw YAMLError(line: nil, reason: "the file is empty; write \"jobs: []\" if no job is wanted")
        }
        var mistakes: [YAMLError] = []
        for (index, document) in content.documents.enumerated() {
            for (path, entry) in entries(in: document.json) {
                do throws(FieldError) {
                    try content.add(try entry.get(), at: (index, path))
                } catch {
                    mistakes.append(YAMLError(line: document.line(of: error.path), reason: error.description))
                }
            }
        }
        if let error = YAMLError(all: mistakes) { throw error }
        return content
    }

    static func jobs(in text: String) throws(YAMLError) -> [JobDefinition] { try content(of: text).jobs }

    private typealias Entry = (path: String, job: Result<JobDefinition, FieldError>)

    private static func entries(in json: JSONValue) -> [Entry] {
        if let list = json.array { return entries(list, path: "") }
        guard json["jobs"] != nil || json.members?.contains(where: { $0.name == "jobs" }) == true else {
            return [("", Result { () throws(FieldError) in try JobDefinition(json: json) })]
        }
        do throws(FieldError) {
            var fields = try FieldReader(json)
            let list = try fields.convert("jobs", "must be a list of jobs") { $0.array }
            try fields.finish()
            return entries(list ?? [], path: "jobs")
        } catch {
            return [("", .failure(error))]
        }
    }

    private static func entries(_ list: [JSONValue], path: String) -> [Entry] {
        var places: [String: Int] = [:]
        return JobsApplication.entries(list, path: path, &places).enumerated().map { ("\(path)[\($0)]", $1) }
    }
}

extension JobFile.Content {
    fileprivate mutating func add(_ job: JobDefinition, at place: (document: Int, path: String)) throws(FieldError) {
        guard places.updateValue(place, forKey: job.name) == nil else {
            throw FieldError(
                path: place.path.isEmpty ? "name" : "\(place.path).name", value: "\"\(job.name)\"",
                reason: "comes twice in this file")
        }
        jobs.append(job)
    }
}
