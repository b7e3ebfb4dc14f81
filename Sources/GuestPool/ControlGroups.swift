import Glibc
import Logging

/// The control groups of a host's guests.
struct ControlGroups: Sendable {
    private let tree: ControlGroupTree
    /// All of this host's groups begin so, and those of no other.
    private let prefix: String
    /// Links to where the groups are, for a host after this one that is in other groups.
    private let notes: [String]
    private let logger: Logger

    /// Removes the groups that an earlier host left, and says where new ones go; nil: there will be none. Blocks while
    /// processes in the old ones end, for some seconds at most.
    static func open(_ configuration: GuestPool.Configuration, logger: Logger) -> ControlGroups? {
        guard configuration.makesGroups else { return nil }
        let notes = [".groups", ".threads"].map { configuration.scratch + $0 }
        let prefix = configuration.marker + "."
        ControlGroup.clear(notes.flatMap { groups(in: $0, prefix) })
        guard !configuration.lacks.controlGroups else { return nil }
        let (tree, objections) = ControlGroupTree.find()
        guard let tree else {
            logger.info("no control groups for guests", metadata: ["reason": "\(objections.joined(separator: "; "))"])
            return nil
        }
        do throws(GuestPoolError) {
            try tree.prepare()
        } catch {
            logger.warning("no control groups for guests", metadata: ["reason": "\(error.words)"])
            return nil
        }
        for (folder, note) in zip(tree.folders, notes) {
            unlink(note)
            symlink(folder, note)
        }
        logger.info("guests have control groups", metadata: ["below": "\(tree.words)"])
        return ControlGroups(tree: tree, prefix: prefix, notes: notes, logger: logger)
    }

    /// A group with a process in it, or none when the system refuses: then the host's own look is what holds the guest.
    func group(of process: Int32, number: UInt64, _ limits: GuestLimits) -> ControlGroup? {
        do throws(GuestPoolError) {
            let group = try ControlGroup.make("\(prefix)\(number)", in: tree, limits)
            do throws(GuestPoolError) {
                try group.admit(process)
            } catch {
                group.remove()
                throw error
            }
            return group
        } catch {
            logger.warning("a guest has no control group", metadata: ["reason": "\(error.words)"])
            return nil
        }
    }

    /// Returns when all groups are gone, or after some seconds: those of guests that cannot be killed are left to the next
    /// host. This process is then again where it was found.
    func close() {
        ControlGroup.clear((tree.folders + notes).flatMap { Self.groups(in: $0, prefix) })
        for note in notes where Self.groups(in: note, prefix).isEmpty { unlink(note) }
        tree.leave()
    }

    /// Below a folder, or a note, which may lead nowhere.
    private static func groups(in folder: String, _ prefix: String) -> [String] {
        FolderTree.names(in: folder).filter { $0.hasPrefix(prefix) }.map { "\(folder)/\($0)" }
    }
}
