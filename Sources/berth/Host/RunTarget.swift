import Foundation
import JobModel
import PluginCatalog

/// What `berth run` was asked to run.
enum RunTarget: Hashable {
    case component(ComponentName)
    /// A plugin file, and the component within it where it was named.
    case file(path: String, id: String?)

    init(_ text: String, id: String?) throws(Failure) {
        let isPath = text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") || text.hasSuffix(".so")
        if isPath {
            let path = AbsolutePath.of(text)
            guard access(path, R_OK) == 0 else {
                throw Failure(.notFound, "The plugin file \(text) cannot be read: \(HomeFolder.reason).")
            }
            self = .file(path: path, id: id)
        } else {
            guard let name = ComponentName(text) else {
                throw Failure(
                    .usage,
                    "\"\(text)\" is neither a component, such as text/wordcount, nor a plugin file, such as ./text.so.")
            }
            guard id == nil else {
                throw Failure(.usage, "\(text) is a component already; a component's id follows a plugin file only.")
            }
            self = .component(name)
        }
    }

    /// The component meant, once the catalog has looked.
    func resolve(_ catalog: CatalogSnapshot) throws(Failure) -> ComponentName {
        switch self {
        case .component(let name): return name
        case .file(let path, let id): return try Self.resolve(path, id, catalog)
        }
    }

    private static func resolve(
        _ path: String, _ id: String?, _ catalog: CatalogSnapshot
    ) throws(Failure) -> ComponentName {
        let names = catalog.components.keys.sorted { $0.description < $1.description }
        guard let first = names.first else {
            let reason = catalog.plugins.first?.reason ?? "it holds no component"
            throw Failure(.refused, "\(path) cannot be used as a plugin: \(reason)")
        }
        let known = names.map(\.component).joined(separator: ", ")
        guard let id else {
            guard names.count == 1 else {
                throw Failure(.usage, "\(path) has several components; say which one after it: \(known).")
            }
            return first
        }
        guard let name = names.first(where: { $0.component == id || $0.description == id }) else {
            throw Failure(.notFound, "\(path) has no component \"\(id)\"; it has \(known).")
        }
        return name
    }
}
