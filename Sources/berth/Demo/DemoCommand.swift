import ArgumentParser
import Foundation
import HostHTTP

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Watch a host work, with jobs that crash and hang on purpose.",
        discussion: """
            Starts a host in a temporary home with copies of the given plugins, and jobs on real files. Kill the host: the \
            demo starts it again. Ctrl-C ends everything and removes the home.
            """)

    @Option(help: ArgumentHelp("Folder of plugin libraries.", valueName: "dir"))
    var plugins: String

    @Option(help: ArgumentHelp("Folder whose files the jobs read.", valueName: "dir"))
    var files = "."

    func run() async throws {
        let stage = try DemoStage(plugins: AbsolutePath.of(plugins), files: AbsolutePath.of(files))
        defer { stage.remove() }
        let host = DemoHost(home: stage.home, plugins: stage.plugins)
        try host.start()
        defer { host.stop() }
        try await HostClient.with(.socket(path: stage.home.socket)) { client in
            try await stage.prepare(client)
            await untilInterrupted { await Self.watch(client, host, stage) }
        }
    }

    /// Ends when cancelled.
    private static func watch(_ client: HostClient, _ host: DemoHost, _ stage: DemoStage) async {
        let load = DemoLoad()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await load.run(client) }
            var feed = DemoFeed()
            var screen = DemoScreen(hints: stage.hints(pid: host.pid))
            if Terminal.isOutput { print("\u{1b}[2J", terminator: "") }
            while !Task.isCancelled {
                // A host that was just killed answers again soon.
                if let table = try? await feed.table(client, load: load, hostKills: host.kills) {
                    screen.hints = stage.hints(pid: host.pid)
                    screen.show(table)
                }
                try? await Task.sleep(for: .seconds(1))  // the pace of the screen; a cancellation ends the loop
            }
            group.cancelAll()
        }
    }
}

/// Runs `body` until SIGINT, SIGTERM or SIGHUP, then cancels it and waits for it.
private func untilInterrupted(_ body: @escaping @Sendable () async -> Void) async {
    let task = Task { await body() }  // awaited below
    let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { task.cancel() }
        source.resume()
        return source
    }
    await task.value
    withExtendedLifetime(sources) {}
}
