import Foundation
import JobModel

/// Remembers which params are secret, beyond the life of host and plugin: runs of a component outlive it.
struct KnownMasks {
    private let path: String
    private(set) var schemas: [ComponentName: ParamsSchema] = [:]

    init(path: String) {
        self.path = path
        for (text, schema) in Self.read(path) {
            guard let name = ComponentName(text), let schema = try? ParamsSchema(schema) else { continue }
            schemas[name] = schema
        }
    }

    /// Takes in what the components of a snapshot call secret now.
    mutating func learn(_ components: some Collection<CatalogComponent>) {
        var isNew = false
        for component in components {
            guard let schema = component.schema, schema.hasSecrets, schemas[component.name] !== schema else { continue }
            isNew = isNew || schemas[component.name]?.text != schema.text
            schemas[component.name] = schema
        }
        if isNew { save() }
    }

    /// A failure is no reason to stop: the masks hold as long as this host lives, and are written with the next ones.
    private func save() {
        let texts = Dictionary(uniqueKeysWithValues: schemas.map { ($0.key.description, $0.value.text) })
        guard let data = try? JSONEncoder().encode(texts) else { return }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func read(_ path: String) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        return (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
    }
}
