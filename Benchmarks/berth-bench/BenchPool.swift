import Foundation
import GuestPool
import Logging

extension GuestPool {
    /// A pool with nothing around it.
    convenience init(
        _ options: BenchOptions, scratch: URL, lacks: KernelLacks = KernelLacks(),
        deliver: @escaping @Sendable ([GuestEvent]) -> Void = { _ in }
    ) throws {
        try self.init(
            configuration: .init(
                program: options.guest, scratch: scratch.path, marker: UUID().uuidString, lacks: lacks,
                makesGroups: true),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        self.deliver(to: deliver)
    }
}

extension GuestSpec {
    /// The plugin in that file of those that are measured, in the standard sandbox.
    init(_ options: BenchOptions, _ file: String) {
        let library = URL(fileURLWithPath: options.plugins).appendingPathComponent(file)
        self.init(library: library.standardizedFileURL.path, digest: "bench")
    }
}
