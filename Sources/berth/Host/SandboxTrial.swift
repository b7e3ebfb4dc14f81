import GuestPool

/// Whether this machine gives the sandboxes that the settings ask for. Guests are started that load nothing.
struct SandboxTrial {
    let settings: Settings

    /// Throws when a sandbox has a gap.
    func check(_ pool: GuestPool) async throws(Failure) {
        for (whose, plugin) in asked {
            let gaps: [String]
            do throws(ProbeFailure) {
                gaps = try await pool.tryOut(plugin.sandbox, grants: plugin.grants).gaps
            } catch {
                gaps = [error.message]
            }
            guard let gap = gaps.first else { continue }
            let more = gaps.count == 1 ? "" : " (and \(gaps.count - 1) more: `berth doctor` lists them)"
            throw Failure(
                .unavailable,
                "This machine cannot give all of the sandbox \(plugin.sandbox.words) that \(whose) asks for: \(gap)\(more). "
                    + "Choose another sandbox in \(settings.layers.file), or do not require it.")
        }
    }

    private var asked: [(whose: String, settings: PluginSettings)] {
        [("every plugin", PluginSettings(sandbox: settings.sandbox))]
            + settings.layers.plugins.sorted { $0.key < $1.key }.map { ("the plugin \($0.key)", $0.value) }
    }
}
