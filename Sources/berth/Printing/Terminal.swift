import Foundation
import HostHTTP
import JobModel

/// What the process prints to.
enum Terminal {
    static let isOutput = isatty(STDOUT_FILENO) == 1

    /// Columns of the terminal; nil when output goes elsewhere.
    static var width: Int? {
        var size = winsize()
        guard isOutput, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// What was printed goes out now: before something else is, and when somebody waits for it.
    static func flush() {
        fflush(nil)
    }

    static func printError(_ message: String) {
        flush()
        write(Array((message + "\n").utf8), to: .standardError)
    }

    static func print(_ json: JSONValue) {
        Swift.print(json.prettyText)
    }

    /// A line of text from outside.
    static func print(line text: String) {
        Swift.print(plain(text))
    }

    /// Bytes as they are, with a line end where a terminal needs one; to a terminal itself, text that cannot steer it.
    static func print(output: [UInt8]) {
        guard !output.isEmpty else { return }
        flush()
        write(isOutput ? plain(output: output) : output, to: .standardOutput)
        if output.last != UInt8(ascii: "\n") { write([UInt8(ascii: "\n")], to: .standardOutput) }
    }

    /// A reader that has gone, such as `head`, wants no more; that is no fault.
    private static func write(_ bytes: [UInt8], to file: FileHandle) {
        try? file.write(contentsOf: Data(bytes))
    }

    /// Text from outside without the control characters that steer terminals, and those that turn the order of what is read.
    static func plain(_ text: String) -> String { plain(text, keeping: ["\t"]) }

    static func plain(output: [UInt8]) -> [UInt8] {
        Array(plain(String(decoding: output, as: UTF8.self), keeping: ["\t", "\n"]).utf8)
    }

    private static func plain(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { steers($0) && !kept.contains($0) ? " " : $0 }))
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
    }
}
