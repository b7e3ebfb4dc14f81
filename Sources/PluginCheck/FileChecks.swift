import Foundation
import JobModel
import PluginCatalog

/// What can be said of the file without running any of it.
struct FileChecks: Sendable {
    typealias Verdict = CheckResult.Verdict

    private let report: Result<LibraryReport, Rejection>

    init(path: String) {
        report = Result { () throws(Rejection) -> LibraryReport in try LibraryReport.read(path: path) }
    }

    func verdict(_ check: Check) -> Verdict? {
        let report: LibraryReport
        switch self.report {
        case .success(let found): report = found
        case .failure(let rejection):
            guard check == .sharedObject else { return .notRun("the file is no library that can be read") }
            return .failed(rejection.sentence)
        }
        switch check {
        case .sharedObject: return .passed("")
        case .entryExported: return entry(report)
        case .exportsMinimal: return exports(report)
        case .noUndefined: return undefined(report)
        case .glibcFloor: return glibc(report)
        case .neededAllowed: return needed(report)
        case .hardening: return hardening(report)
        case .buildID: return report.facts.buildID != nil ? .passed("") : .failed("it has no build id")
        case .manifestPresent:
            return report.facts.manifest != nil ? .passed("") : .failed("it has no manifest")
        case .ffiSignatures: return ForeignCheck(report).verdict
        default: return nil
        }
    }

    static let checks: [Check] = [
        .sharedObject, .entryExported, .exportsMinimal, .noUndefined, .glibcFloor, .neededAllowed, .hardening, .buildID,
        .manifestPresent, .ffiSignatures,
    ]

    /// What is stamped in, held against what the plugin says of itself.
    func manifest(against descriptor: PluginDescriptor) -> Verdict {
        guard case .success(let report) = report, let manifest = report.facts.manifest else {
            return .notApplicable("it has no manifest")
        }
        guard let difference = PluginManifest.difference(manifest, from: descriptor) else { return .passed("") }
        return .failed(difference.sentence)
    }

    /// The runtime of the sanitizer that is built in, which has to come first in a process.
    var sanitizer: String? {
        guard case .success(let report) = report else { return nil }
        let runtimes = ["libasan.so", "libtsan.so", "libubsan.so"]
        return report.facts.needed.first { name in runtimes.contains { name.hasPrefix($0) } }.flatMap(report.path(of:))
    }

    /// Why no host would load it; nil when one would.
    var obstacle: String? {
        switch report {
        case .failure(let rejection): return rejection.sentence
        case .success(let report):
            if let rejection = report.rejection { return rejection.sentence }
            if case .failed(let text) = undefined(report) { return text }
            return nil
        }
    }

    private func entry(_ report: LibraryReport) -> Verdict {
        guard report.facts.entry != .exported else { return .passed("") }
        return .failed(report.rejection?.sentence ?? "it does not export \(Rejection.entry)")
    }

    private func exports(_ report: LibraryReport) -> Verdict {
        let linkers: Set<String> = ["_init", "_fini", "_edata", "_end", "__bss_start"]
        let others = report.exported.filter { !$0.hasPrefix("berth_plugin_v") && !linkers.contains($0) }.sorted()
        guard !others.isEmpty else { return .passed("") }
        let known = others.prefix(4).joined(separator: ", ") + (others.count > 4 ? ", …" : "")
        return .failed("it exports \(others.count) other names: \(known)")
    }

    private func undefined(_ report: LibraryReport) -> Verdict {
        let names = report.unresolved().sorted()
        guard !names.isEmpty else { return .passed("") }
        return .failed("nothing it asks for defines \(names.prefix(4).joined(separator: ", "))")
    }

    private func glibc(_ report: LibraryReport) -> Verdict {
        if case .newerLibc = report.rejection { return .failed(report.rejection?.sentence ?? "") }
        let newest = report.facts.versions.filter { $0.hasPrefix("GLIBC_") }
            .max { $0.compare($1, options: .numeric) == .orderedAscending }
        return .passed(newest.map { "needs \($0)" } ?? "")
    }

    private func needed(_ report: LibraryReport) -> Verdict {
        if case .libraryMissing = report.rejection { return .failed(report.rejection?.sentence ?? "") }
        if let path = report.facts.runpaths.first(where: { !$0.hasPrefix("$ORIGIN") }) {
            return .failed("it looks for libraries in \(path), which is a place of the machine it was built on")
        }
        if let path = report.facts.needed.first(where: { $0.contains("/") }) {
            return .failed("it asks for the library at \(path), by its path")
        }
        return .passed("")
    }

    private func hardening(_ report: LibraryReport) -> Verdict {
        if report.facts.executableStack { return .failed("it asks for an executable stack") }
        if report.facts.textRelocations { return .failed("it has relocations in its code (TEXTREL)") }
        if report.facts.writableCode { return .failed("it has a segment that is writable and executable") }
        if !report.facts.readOnlyRelocations { return .failed("its tables stay writable after the load (no RELRO)") }
        if !report.facts.bindsNow { return .failed("it binds symbols when they are first used (no BIND_NOW)") }
        return .passed("")
    }
}
