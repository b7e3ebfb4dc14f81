package import JobModel

/// What can be run right now, and what every file in the plugins folder is. Replaced as a whole when anything changes.
package struct CatalogSnapshot: Sendable {
    /// Counts up from one snapshot of a host's catalog to the next.
    package var number = 0
    package var components: [ComponentName: CatalogComponent]
    /// By file name. A file that was replaced has two records while the new bytes are checked, and for as long as they
    /// are rejected: that of the plugin it held before, which is still in use, and that of the new bytes.
    package var plugins: [PluginRecord]
    /// Every file that was in the folder when the catalog began to run has been judged.
    package var isComplete: Bool
    /// What is secret in the params of a component, also of one that has gone.
    package var masks: [ComponentName: ParamsSchema] = [:]
    /// What was decided about plugins, by id, also about those that have gone.
    package var standings: [String: PluginStanding] = [:]
    /// Digests that were allowed while a host ran.
    package var allowed: [String: Ruling] = [:]

    package init(
        components: [ComponentName: CatalogComponent] = [:], plugins: [PluginRecord] = [], isComplete: Bool = false
    ) {
        self.components = components
        self.plugins = plugins
        self.isComplete = isComplete
    }
}

/// A runnable component and the library that holds it.
package struct CatalogComponent: Sendable {
    package var name: ComponentName
    package var digest: String
    /// Absolute path of the staged copy.
    package var library: String
    /// Index in the plugin's descriptor.
    package var index: UInt32
    package var descriptor: ComponentDescriptor
    /// What its params are checked against; nil when there is nothing to check, to fill in or to hide.
    package var schema: ParamsSchema? {
        get { schemaSource.schema }
        set { schemaSource = LazySchema(newValue) }
    }
    var schemaSource: LazySchema
    /// Why none of its attempts starts, in words; nil: they do.
    package var hold: String?

    package init(
        name: ComponentName, digest: String, library: String, index: UInt32, descriptor: ComponentDescriptor,
        schema: ParamsSchema? = nil, hold: String? = nil
    ) {
        self.hold = hold
        self.name = name
        self.digest = digest
        self.library = library
        self.index = index
        self.descriptor = descriptor
        schemaSource = LazySchema(schema)
    }
}

extension CatalogComponent {
    init(
        name: ComponentName, file: StagedFile, index: Int, descriptor: ComponentDescriptor, schema: LazySchema,
        hold: String?
    ) {
        self.init(
            name: name, digest: file.digest, library: file.library, index: UInt32(index), descriptor: descriptor,
            hold: hold)
        schemaSource = schema
    }
}
