package import Foundation

/// The plugin under Tests/Fixtures whose components try to get out of the sandbox, one way each.
package enum Escapes {
    /// The components, in the order of the fixture's table; "every" and "old-door" follow.
    package static func names() throws -> [String] {
        let source = try String(
            contentsOf: Checkout.root.appendingPathComponent("Tests/Fixtures/escapes.c"), encoding: .utf8)
        return source.matches(of: /ROW\(\w+, "([a-z0-9-]+)"\)/).map { String($0.output.1) }
    }

    /// The same under another id, with components that ask for what these flags of the plugin header say.
    package static func library(id: String, flags: String = "0") throws -> URL {
        try FixturePlugin.library("escapes", flags: ["-DPLUGIN_ID=\"\(id)\"", "-DFLAGS=(\(flags))"])
    }
}
