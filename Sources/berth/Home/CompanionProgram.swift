import Foundation

/// A program that is built together with this one and travels with it: what plugins live in.
enum CompanionProgram: String {
    case guest = "berth-guest"
    case check = "berth-check"

    func path(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Failure) -> String {
        if let named = environment[variable], !named.isEmpty {
            guard access(named, X_OK) == 0 else {
                throw Failure(.unavailable, "\(variable) names \(named), which is not an executable file.")
            }
            return AbsolutePath.of(named)
        }
        let places = candidates(executable: try executable())
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Failure(
                .unavailable,
                "The program \(rawValue) is missing: it is neither at \(places.joined(separator: " nor at ")). Install it "
                    + "beside berth, or name it with \(variable).")
        }
        return found
    }

    /// Names the program where it stands elsewhere.
    private var variable: String {
        switch self {
        case .guest: "BERTH_GUEST_PROGRAM"
        case .check: "BERTH_CHECK_PROGRAM"
        }
    }

    func candidates(executable: String) -> [String] {
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        return [
            folder.appendingPathComponent(rawValue).path,
            folder.deletingLastPathComponent().appendingPathComponent("libexec/berth/\(rawValue)").path,
        ]
    }

    private func executable() throws(Failure) -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw Failure(.unavailable, "/proc/self/exe cannot be read; mount /proc, or set \(variable).")
        }
    }
}
