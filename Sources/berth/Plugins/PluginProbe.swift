import Foundation
import GuestPool
import JobModel
import PluginCatalog

/// Asks a plugin file what it offers, in a guest of its own, without a host.
enum PluginProbe {
    static func descriptor(of library: String) async throws(Failure) -> PluginDescriptor {
        let result = try await LonePool.with { pool throws(Failure) in
            await pool.probe(GuestSpec(library: library, digest: library), deadline: .seconds(10))
        }
        switch result {
        case .loaded(let descriptor, _): return descriptor
        case .failed(let failure):
            throw Failure(.runFailed, "\(library) was built and cannot be used: \(Rejection.probe(failure).sentence).")
        }
    }

    /// Writes what the plugin says of itself into its file, so that it can be read without running it. A library for
    /// another machine is left as it is: nobody here can ask it.
    static func stamp(_ library: String) async throws(Failure) {
        do throws(Rejection) {
            if let refusal = try PluginFile(path: library).refusal { throw refusal }
        } catch .otherMachine(let found, let host) {
            return Terminal.printError(
                "no manifest: it is for \(found), and only such a machine can ask it (this is \(host))")
        } catch {
            throw Failure(.runFailed, "\(library) was built and cannot be used: \(error.sentence).")
        }
        let descriptor = try await descriptor(of: library)
        do throws(Rejection) {
            try PluginFile.stamp(library, with: descriptor)
        } catch {
            throw Failure(.unavailable, "The manifest was not written into \(library): \(error.sentence).")
        }
    }
}
