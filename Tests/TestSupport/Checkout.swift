package import Foundation

/// Where things are in the checkout the tests were built from.
package enum Checkout {
    /// The folder that holds Package.swift.
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The folder with the programs of this build: that of the test bundle.
    package static var products: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    }
}
