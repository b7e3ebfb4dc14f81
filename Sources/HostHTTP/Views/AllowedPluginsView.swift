package import JobEngine
package import JobModel

/// Which plugins may be used, and who said so.
package struct AllowedPluginsView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ engine: JobEngine) async {
        let policy = engine.pluginPolicy
        let configured: [JSONValue] = policy.configured.map { ["digest": .string($0), "by": "configuration"] }
        let told = await engine.catalog.allowed.sorted { $0.key < $1.key }.map { digest, ruling in
            JSONValue.object(present: [
                "digest": .string(digest), "by": .string(ruling.by), "at": .instant(ruling.at),
            ])
        }
        json = ["policy": .string(policy.mode), "allowed": .array(configured + told)]
    }

    package var policy: String { text("policy") ?? "" }
    /// Digests with who allowed them.
    package var allowed: [(digest: String, by: String)] {
        (json["allowed"]?.array ?? []).map { ($0["digest"]?.string ?? "", $0["by"]?.string ?? "") }
    }
}
