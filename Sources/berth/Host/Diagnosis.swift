import Foundation
import HostHTTP
import JobModel
import JobStore

/// One thing `berth doctor` looked at.
struct Finding: Hashable {
    enum Verdict: String {
        case good = "ok"
        /// Works, with less protection.
        case weak
        /// A host could not work.
        case bad
    }

    var verdict: Verdict
    var subject: String
    var text: String

    init(_ verdict: Verdict, _ subject: String, _ text: String) {
        self.verdict = verdict
        self.subject = subject
        self.text = text
    }

    var json: JSONValue {
        ["verdict": .string(verdict.rawValue), "subject": .string(subject), "text": .string(text)]
    }
}

/// What this machine and home can do. Looks only; changes nothing.
struct Diagnosis {
    let settings: Settings

    func findings() async -> [Finding] {
        [kernel, guest] + (await SandboxDiagnosis().findings()) + home + store + [await host]
    }

    private var kernel: Finding {
        Finding(.good, "kernel", SandboxDiagnosis.line("/proc/sys/kernel/osrelease") ?? "unknown")
    }

    private var guest: Finding {
        do {
            return Finding(.good, "guest program", try CompanionProgram.guest.path())
        } catch {
            return Finding(.bad, "guest program", error.message)
        }
    }

    private var home: [Finding] {
        let folder = HomeFolder(path: settings.home)
        guard FileManager.default.fileExists(atPath: folder.path) else {
            return [Finding(.good, "home", "\(folder.path) will be made at the first start")]
        }
        var facts = stat()
        var findings: [Finding] = []
        if stat(folder.path, &facts) == 0 {
            let isPrivate = facts.st_mode & 0o077 == 0
            findings.append(
                Finding(
                    isPrivate ? .good : .weak, "home",
                    folder.path + (isPrivate ? "" : " can be read by others; the host sets mode 0700 when it starts")))
        }
        do {
            try FileSystem(of: folder.path).check(for: folder.path)
        } catch {
            findings.append(Finding(.bad, "file system", error.message))
        }
        if folder.socket.utf8.count > HomeFolder.longestSocketPath {
            findings.append(
                Finding(.bad, "socket", "\(folder.socket) is longer than \(HomeFolder.longestSocketPath) bytes"))
        }
        return findings
    }

    /// Looked at beside a host that may be at work, by connections that cannot write.
    private var store: [Finding] {
        let folder = HomeFolder(path: settings.home)
        let check = StoreCheck(home: folder.path, isLive: HomeLock.isHeld(folder), now: SystemClock.now)
        return check.findings().map { finding in
            switch finding.verdict {
            case .good: Finding(.good, finding.subject, finding.text)
            case .weak: Finding(.weak, finding.subject, finding.text)
            case .broken: Finding(.bad, finding.subject, finding.text)
            }
        }
    }

    private var host: Finding {
        get async {
            let folder = HomeFolder(path: settings.home)
            guard HomeLock.isHeld(folder) else { return Finding(.good, "host", "none is running in this home") }
            do {
                let json = try await HostClient.with(.socket(path: folder.socket)) { try await $0.get("/status") }
                let store = json["store"]
                let words = ["sqlite", "journal_mode", "synchronous"].map { store?[$0]?.string ?? "?" }
                if let trouble = StatusView(json: json).trouble { return Finding(.bad, "host", trouble) }
                return Finding(
                    words[2].uppercased() == "FULL" ? .good : .bad, "host",
                    "running, SQLite \(words[0]), journal \(words[1]), synchronous \(words[2])")
            } catch {
                return Finding(.bad, "host", (error as? Failure)?.message ?? "\(error)")
            }
        }
    }
}
