import JobModel
import PluginCatalog

/// Holds the functions that a plugin made of a foreign library describes against the symbols which that library has here.
/// Runs nothing of either.
struct ForeignCheck: Sendable {
    typealias Verdict = CheckResult.Verdict

    private let plugin: LibraryReport

    init(_ plugin: LibraryReport) {
        self.plugin = plugin
    }

    var verdict: Verdict {
        guard let bytes = plugin.foreign else { return .notApplicable("it is not made of a foreign library") }
        guard let description = try? JSONParser.parse(bytes), let library = description["library"]?.string,
            let components = description["components"]?.array
        else { return .failed("the description in it cannot be read") }
        let wanted = components.compactMap { $0["function"]?.string ?? $0["id"]?.string }
        guard wanted.count == components.count else { return .failed("the description in it names no function") }
        return verdict(wanted, in: library, isVerified: description["unverified"]?.bool != true)
    }

    private func verdict(_ functions: [String], in library: String, isVerified: Bool) -> Verdict {
        let asked = asked(library)
        let found = asked.compactMap { name in plugin.path(of: name).flatMap { try? LibraryReport.read(path: $0) } }
        guard !found.isEmpty else { return .notRun("\(library) is not installed here") }
        for function in functions where !found.contains(where: { $0.functions.contains(function) }) {
            let isData = found.contains { $0.exported.contains(function) }
            return .failed(
                isData
                    ? "\(function) is in \(library), but is no function that can be called"
                    : "\(library) has no function \(function)")
        }
        guard isVerified else {
            return .passed(
                "\(library) has the functions; nobody could check their signatures: an operator has to say "
                    + "config: {unverified: true}")
        }
        return .passed("")
    }

    /// The library by its name. One that was named by a path may go by another name at run time: any that the plugin asks
    /// for may be it.
    private func asked(_ library: String) -> [String] {
        let name = library.split(separator: "/").last.map(String.init) ?? library
        return plugin.path(of: name) == nil ? plugin.facts.needed : [name]
    }
}
