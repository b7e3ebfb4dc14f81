import HostHTTP
import JobModel

/// The demo's own client: asks for a run ten times a second and remembers every one that the host acknowledged, so that
/// a lost one would show.
actor DemoLoad {
    private(set) var acknowledged = 0
    private(set) var lost = 0
    private var open: [RunID] = []

    /// Most runs that are followed at once; beyond it no more are asked for.
    private static let window = 200

    /// Until cancelled. What fails while the host is away is asked for again.
    func run(_ client: HostClient) async {
        while !Task.isCancelled {
            if open.count < Self.window { await enqueue(client) }
            await follow(client)
            try? await Task.sleep(for: .milliseconds(100))  // the load's pace; a cancellation ends the loop
        }
    }

    private func enqueue(_ client: HostClient) async {
        let request: JSONValue = [
            "component": "text/wordcount", "params": ["path": "/usr/share/common-licenses/GPL-3"],
            "access": ["read": ["/usr/share/common-licenses"]],
        ]
        guard let run = try? await client.post("/runs", request) else { return }
        acknowledged += 1
        open.append(RunView(json: run).id)
    }

    /// Looks at the oldest open runs; those that ended need no more looks.
    private func follow(_ client: HostClient) async {
        for id in open.prefix(5) {
            do {
                if try await client.whole(String(id)).state?.isEnd == true { open.removeAll { $0 == id } }
            } catch  where error.exit == .notFound {
                lost += 1
                open.removeAll { $0 == id }
            } catch {
                return
            }
        }
    }
}
