import ArgumentParser
import GuestPool
import HostHTTP
import JobModel

/// How a run that was waited for is shown: output on stdout, what went wrong on stderr and in the exit code.
struct RunResult {
    let run: RunView

    init(_ run: RunView) {
        self.run = run
    }

    /// Nil when the run succeeded.
    var complaint: String? {
        guard run.state != .succeeded else { return nil }
        let state = run.state?.word ?? "unknown"
        return "run \(run.id) (\(run.component)) \(state == "held" ? "is held" : "ended as \(state)")"
            + (run.reason.map { ": \($0)" } ?? "")
    }

    /// What it needed instead of its output.
    func leave(learned needs: LearnedNeeds) throws {
        guard let component = ComponentName(run.component) else { return try leave(asJSON: false) }
        for line in LearnedYAML(component: component, needs: needs).lines { print(line) }
        guard let complaint else { return }
        Terminal.printError("berth: \(Terminal.plain(complaint))")
        throw ExitCode(Exit.runFailed.rawValue)
    }

    /// Throws the exit code of a run that did not succeed.
    func leave(asJSON: Bool) throws {
        if asJSON { Terminal.print(run.json) } else { Terminal.print(output: run.output) }
        guard let complaint else { return }
        if !asJSON { Terminal.printError("berth: \(Terminal.plain(complaint))") }
        throw ExitCode(Exit.runFailed.rawValue)
    }
}
