import CLinux
import Glibc

/// The files by which a control group is asked and told.
enum ControlGroupFile {
    static func text(_ path: String) -> String {
        String(decoding: ProcessFacts.contents(path), as: UTF8.self)
    }

    static func words(_ path: String) -> [Substring] {
        text(path).split(whereSeparator: \.isWhitespace)
    }

    /// The number behind a name in a file of lines such as `oom_kill 3`; 0 when there is none.
    static func number(_ name: String, in path: String) -> UInt64 {
        for line in text(path).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return UInt64(words[1]) ?? 0 }
        }
        return 0
    }

    /// The system's error, or 0. No file is made.
    static func write(_ text: String, to path: String) -> Int32 {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return errno }
        defer { close(file) }
        return Glibc.write(file, text, text.utf8.count) < 0 ? errno : 0
    }
}
