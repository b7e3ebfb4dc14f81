import HostHTTP
import JobModel
import PluginCatalog

/// What a plugin file tells without being run.
struct PluginFileSheet {
    private let file: PluginFile

    init(path: String) throws(Failure) {
        do throws(Rejection) {
            file = try PluginFile(path: AbsolutePath.of(path))
        } catch .unreadable(let reason) {
            throw Failure(.notFound, "The plugin file \(path) cannot be read: \(reason).")
        } catch {
            throw Failure(.refused, "\(path): \(error.sentence).")
        }
    }

    var json: JSONValue {
        let record = PluginRecord(
            path: file.path, digest: file.digest, state: file.refusal == nil ? .checking : .rejected,
            descriptor: file.facts.manifest, arrivedAt: Instant(microseconds: 0))
        let hidden: Set<String> = ["state", "arrived_at", "reason"]
        let known = (PluginView(record).json.members ?? []).filter { !hidden.contains($0.name) }
        let facts = file.facts
        let more = JSONValue.object(present: [
            "manifest": .bool(facts.manifest != nil), "refusal": file.refusal.map { .string($0.sentence) },
            "size": .number(file.size), "build_id": facts.buildID.map(JSONValue.string),
            "needs": .texts(facts.needed), "versions": .texts(facts.versionNeeds.map(\.version)),
            "constructors": .number(facts.constructors),
        ])
        return .object(known + (more.members ?? []))
    }

    func print(json wantsJSON: Bool) {
        guard !wantsJSON else { return Terminal.print(json) }
        PluginTable.sheet(PluginView(json: json))
        var facts = Facts()
        facts.add("build id", file.facts.buildID)
        facts.add("needs", file.facts.needed.joined(separator: ", "))
        facts.add("refused", file.refusal?.sentence)
        if file.facts.manifest == nil {
            facts.add("manifest", "none: what it offers is known when it is probed, or built with `berth plugin build`")
        }
        facts.print()
    }
}
