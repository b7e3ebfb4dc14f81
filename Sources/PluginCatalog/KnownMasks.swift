import JobModel

/// Remembers which params are secret, beyond the life of host and plugin: runs of a component outlive it.
struct KnownMasks {
    private(set) var schemas: [ComponentName: ParamsSchema] = [:]

    init(path: String) {
        for (text, schema) in Self.read(path) {
            guard let name = ComponentName(text), let schema = try? ParamsSchema(schema) else { continue }
            schemas[name] = schema
        }
    }

    /// Takes in what the components of a snapshot call secret now. False: nothing was new, and nothing is to be written.
    mutating func learn(_ components: some Collection<CatalogComponent>) -> Bool {
        var isNew = false
        for component in components {
            guard component.schemaSource.mayHaveSecrets, let schema = component.schema, schema.hasSecrets,
                schemas[component.name] !== schema
            else { continue }
            isNew = isNew || schemas[component.name]?.text != schema.text
            schemas[component.name] = schema
        }
        return isNew
    }

    var bytes: [UInt8] {
        let texts = schemas.sorted { $0.key.description < $1.key.description }
        return JSONValue.object(texts.map { JSONMember($0.key.description, .string($0.value.text)) }).bytes
    }

    private static func read(_ path: String) -> [(String, String)] {
        guard let text = NoteFile(path: path).read(), let json = try? JSONParser.parse(text) else { return [] }
        return (json.members ?? []).compactMap { member in member.value.string.map { (member.name, $0) } }
    }
}
