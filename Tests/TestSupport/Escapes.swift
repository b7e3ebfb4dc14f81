package import Foundation

/// The plugin under Tests/Fixtures whose components try to get out of the sandbox, one way each.
package enum Escapes {
    /// The components that try one way each.
    package static func names() throws -> [String] {
        try FixturePlugin.components("escapes").filter { !["every", "old-door"].contains($0) }
    }

    /// The same under another id, with components that ask for what these flags of the plugin header say.
    package static func library(id: String, flags: String = "0") throws -> URL {
        try FixturePlugin.library("escapes", flags: ["-DPLUGIN_ID=\"\(id)\"", "-DFLAGS=(\(flags))"])
    }
}
