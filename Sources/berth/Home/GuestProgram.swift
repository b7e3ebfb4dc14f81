import Foundation

/// Finds the program that plugins run in. It is built together with this one and travels with it.
enum GuestProgram {
    static func path(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Failure) -> String {
        if let named = environment["BERTH_GUEST_PROGRAM"], !named.isEmpty {
            guard access(named, X_OK) == 0 else {
                throw Failure(.unavailable, "BERTH_GUEST_PROGRAM names \(named), which is not an executable file.")
            }
            return AbsolutePath.of(named)
        }
        let places = candidates(executable: try executable())
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Failure(
                .unavailable,
                "The program berth-guest is missing: it is neither at \(places.joined(separator: " nor at ")). Install it "
                    + "beside berth, or name it with BERTH_GUEST_PROGRAM.")
        }
        return found
    }

    static func candidates(executable: String) -> [String] {
        let folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
        return [
            folder.appendingPathComponent("berth-guest").path,
            folder.deletingLastPathComponent().appendingPathComponent("libexec/berth/berth-guest").path,
        ]
    }

    private static func executable() throws(Failure) -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw Failure(.unavailable, "/proc/self/exe cannot be read; mount /proc, or set BERTH_GUEST_PROGRAM.")
        }
    }
}
