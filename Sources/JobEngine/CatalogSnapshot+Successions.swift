import GuestPool
import PluginCatalog

extension CatalogSnapshot {
    /// The versions that take over from others which an earlier snapshot had.
    func successions(after earlier: CatalogSnapshot) -> Set<Succession> {
        var successions: Set<Succession> = []
        for (name, component) in components where component.hold == nil {
            guard let before = earlier.components[name], before.digest != component.digest else { continue }
            successions.insert(
                Succession(from: before.digest, to: component.digest, library: component.library))
        }
        return successions
    }
}
