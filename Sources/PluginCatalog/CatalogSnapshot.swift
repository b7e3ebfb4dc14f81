package import JobModel

/// What can be run right now, and what every file in the plugins folder is. Replaced as a whole when anything changes.
package struct CatalogSnapshot: Sendable {
    package var components: [ComponentName: CatalogComponent]
    package var plugins: [PluginRecord]

    package init(components: [ComponentName: CatalogComponent] = [:], plugins: [PluginRecord] = []) {
        self.components = components
        self.plugins = plugins
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

    package init(
        name: ComponentName, digest: String, library: String, index: UInt32, descriptor: ComponentDescriptor
    ) {
        self.name = name
        self.digest = digest
        self.library = library
        self.index = index
        self.descriptor = descriptor
    }
}
