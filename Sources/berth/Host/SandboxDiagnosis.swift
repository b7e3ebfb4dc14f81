import CLinux
import Foundation
import GuestPool
import JobModel

/// What this machine can do for sandboxes. The profiles are tried out on guests that load nothing; the rest is looked up.
struct SandboxDiagnosis {
    func findings() async -> [Finding] {
        var findings = [user, landlock, memory, seccomp]
        do throws(Failure) {
            findings += try await LonePool.with { pool throws(Failure) in await tried(pool) }
        } catch {
            findings.append(Finding(.bad, "sandbox", error.message))
        }
        return findings + [cgroup, coreDumps]
    }

    // MARK: Tried out

    private func tried(_ pool: GuestPool) async -> [Finding] {
        let all: Grants = [.network, .subprocess]
        let strict = await report(pool, .strict, [])
        return [
            finding("sandbox standard", await report(pool, .standard, [])),
            finding("with grants", await report(pool, .standard, all)),
            finding("sandbox strict", strict),
        ]
            + namespaces(strict)
    }

    /// Guests get of what their sandbox wants all that the system gives, and strict wants every kind.
    private func namespaces(_ strict: Result<SandboxReport, ProbeFailure>) -> [Finding] {
        let kinds: [(name: String, feature: SandboxFeatures, without: String)] = [
            ("user", .privateUsers, "they are of the host's users, and an unprivileged host has no other kind either"),
            (
                "pid", .privateProcesses,
                "programs that plugins start end with their guest all the same; those of a host that is killed run on until "
                    + "the next one starts"
            ),
            ("network", .privateNetwork, "the rest of the sandbox keeps plugins from the network"),
        ]
        return kinds.map { name, feature, without in
            guard case .success(let report) = strict else {
                return Finding(.weak, "\(name) namespace", "not known, since no guest starts in the strict sandbox")
            }
            let isThere = report.inForce.contains(feature)
            return Finding(
                isThere ? .good : .weak, "\(name) namespace", isThere ? "allowed" : "guests get none: \(without)")
        }
    }

    private func report(
        _ pool: GuestPool, _ sandbox: SandboxRules, _ grants: Grants
    ) async -> Result<SandboxReport, ProbeFailure> {
        do throws(ProbeFailure) {
            return .success(try await pool.tryOut(sandbox, grants: grants))
        } catch {
            return .failure(error)
        }
    }

    private func finding(_ subject: String, _ result: Result<SandboxReport, ProbeFailure>) -> Finding {
        switch result {
        case .success(let report) where report.gaps.isEmpty:
            Finding(.good, subject, "complete, entered in \(report.setup.berthText)")
        case .success(let report): Finding(.weak, subject, report.gaps.joined(separator: "; "))
        case .failure(let failure): Finding(.bad, subject, "guests cannot be started in it: \(failure.message)")
        }
    }

    // MARK: Looked up

    private var user: Finding {
        geteuid() == 0
            ? Finding(.good, "user", "root: guests keep only what reaches files of all users")
            : Finding(.good, "user", "uid \(geteuid()), unprivileged")
    }

    private var landlock: Finding {
        let abi = berth_landlock_abi()
        guard abi > 0 else {
            return Finding(.weak, "landlock", "not there: guests can touch every file that the host's user can")
        }
        let levels = [
            (2, "moving files between folders (refused altogether)"), (3, "truncation (the call filter stops it)"),
            (4, "TCP (the call filter stops it)"), (5, "commands to devices"), (6, "signals and abstract sockets"),
        ]
        let missing = levels.filter { abi < $0.0 }.map { "\($0.1): ABI \($0.0)" }
        let note = missing.isEmpty ? "" : "; this kernel's cannot restrict \(missing.joined(separator: ", "))"
        return Finding(missing.isEmpty ? .good : .weak, "landlock", "ABI \(abi)\(note)")
    }

    private var memory: Finding {
        berth_has_mdwe() != 0
            ? Finding(.good, "write xor execute", "the kernel refuses memory that is both (MDWE)")
            : Finding(
                .weak, "write xor execute",
                "this kernel has no MDWE (Linux 6.3 has): the call filter stands in, except for plugins that start programs"
            )
    }

    private var seccomp: Finding {
        let actions = Self.line("/proc/sys/kernel/seccomp/actions_avail")
        return actions.map {
            Finding(
                $0.contains("user_notif") ? .good : .weak, "seccomp",
                $0.contains("user_notif") ? $0 : "\($0); without user_notif refused calls are not named in errors")
        } ?? Finding(.weak, "seccomp", "not there: system calls are not filtered")
    }

    /// Of this process: a host that a service manager starts has what its unit gives it.
    private var cgroup: Finding {
        let (tree, objections) = ControlGroupTree.find()
        if let tree { return Finding(.good, "cgroup", "\(tree.words): each guest gets a group of its own in it") }
        let why = objections.isEmpty ? "this process is in none that holds memory" : objections.joined(separator: "; ")
        return Finding(
            .weak, "cgroup",
            "none for guests: \(why). Memory that no process has mapped, and what programs of a plugin hold together, is "
                + "not counted. A unit hands one down with `Delegate=memory pids` and `DelegateSubgroup=host`")
    }

    private var coreDumps: Finding {
        let pattern = Self.line("/proc/sys/kernel/core_pattern") ?? "unknown"
        return Finding(.good, "core dumps", "\(pattern); guests leave none: limit 0, and their memory is hidden")
    }

    static func line(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: 4096) else {
            return nil
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
