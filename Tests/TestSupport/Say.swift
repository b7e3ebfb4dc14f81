import Foundation

/// Tells whoever watches a long test how far it is, at once, whatever the output goes to.
package func say(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
}
