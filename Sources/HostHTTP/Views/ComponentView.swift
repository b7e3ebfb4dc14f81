package import JobModel

/// One thing a plugin offers to run. Limits that the plugin leaves to the host are missing.
package struct ComponentView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ component: ComponentDescriptor, plugin: String, figures: RunFigures? = nil) {
        json = .object(present: [
            "id": .string(component.id),
            "name": .string("\(plugin)/\(component.id)"),
            "kind": .string(component.kind.word),
            "plugin": .string(plugin),
            "version": component.version.isEmpty ? nil : .string(component.version),
            "title": component.title.isEmpty ? nil : .string(component.title),
            "description": component.description.isEmpty ? nil : .string(component.description),
            "flags": .texts(Self.words(component.flags)),
            "max_concurrency": .number(component.maxConcurrency),
            "timeout": Self.limit(component.defaultTimeout),
            "grace": Self.limit(component.grace),
            "stall": Self.limit(component.stall),
            "max_input_bytes": component.maxInputBytes == 0 ? nil : .number(component.maxInputBytes),
            "max_output_bytes": component.limits.output.map { .number($0) },
            "limits": component.limits == AttemptLimits() ? nil : component.limits.json,
            "params_schema": component.paramsSchema.isEmpty ? nil : .passThrough(Array(component.paramsSchema.utf8)),
            "result_type": component.resultType.isEmpty ? nil : .string(component.resultType),
            "figures": figures.map { FiguresView($0).json },
        ])
    }

    private static func limit(_ duration: Duration) -> JSONValue? {
        duration == .zero ? nil : .string(duration.berthText)
    }

    private static func words(_ flags: ComponentFlags) -> [String] {
        let known: KeyValuePairs<String, ComponentFlags> = [
            "concurrent": .concurrent, "self_concurrent": .selfConcurrent, "same_thread": .sameThread,
            "not_repeatable": .notRepeatable, "cooperative": .cooperative, "pure": .pure, "network": .network,
            "subprocess": .subprocess,
        ]
        return known.filter { flags.contains($0.value) }.map(\.key)
    }

    package var id: String { text("id") ?? "" }
    package var name: String { text("name") ?? "" }
    package var kind: String { text("kind") ?? "" }
    package var title: String { text("title") ?? "" }
    package var details: String { text("description") ?? "" }
    package var figures: FiguresView? { json["figures"].map(FiguresView.init(json:)) }
    package var flags: [String] { (json["flags"]?.array ?? []).compactMap(\.string) }
}
