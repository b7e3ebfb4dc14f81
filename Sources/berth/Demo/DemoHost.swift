import Foundation
import Synchronization

/// The demo's host: a `berth serve` of its own, which is started again whenever somebody kills it.
final class DemoHost: Sendable {
    private struct State {
        var process: Process?
        var kills = 0
        var isStopping = false
    }

    let home: HomeFolder
    let plugins: String
    private let state = Mutex(State())

    init(home: HomeFolder, plugins: String) {
        self.home = home
        self.plugins = plugins
    }

    /// How often it was killed and came back.
    var kills: Int { state.withLock { $0.kills } }
    var pid: Int32 { state.withLock { $0.process?.processIdentifier ?? 0 } }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            "serve", "--home", home.path, "--plugins", plugins, "--listen", "none", "--log-level", "error",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.terminationHandler = { [weak self] in self?.ended($0) }
        try process.run()
        state.withLock { $0.process = process }
    }

    /// Ends the host in good order and waits for it.
    func stop() {
        let process = state.withLock { state in
            state.isStopping = true
            return state.process
        }
        process?.terminate()
        process?.waitUntilExit()
    }

    /// A host that ended by itself or was told to stays down: Ctrl-C reaches the host before it reaches the demo.
    private func ended(_ process: Process) {
        let again = state.withLock { state in
            guard process.terminationReason == .uncaughtSignal, !state.isStopping else { return false }
            state.kills += 1
            return true
        }
        guard again else { return }
        do { try start() } catch { Terminal.printError("berth: the demo's host cannot be started again: \(error)") }
    }
}
