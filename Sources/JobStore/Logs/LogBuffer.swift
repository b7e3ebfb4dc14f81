import JobModel

/// Lines that wait to be written, bounded: a plugin that floods loses lines, counted, and nobody else's memory.
struct LogBuffer {
    /// Waiting text at most, with the fixed cost of each line.
    static let maximumBytes = 16 << 20
    private static let lineCost = 64

    /// What was dropped of one run.
    fileprivate struct Loss {
        var count: Int
        var last: LogLine
    }

    private var lines: [LogLine] = []
    private var bytes = 0
    private var losses: [RunID: Loss] = [:]

    var isEmpty: Bool { lines.isEmpty && losses.isEmpty }
    var isHalfFull: Bool { bytes >= Self.maximumBytes / 2 }

    mutating func append(_ line: LogLine) {
        let size = line.text.utf8.count + Self.lineCost
        // Once a run has lost a line the marker comes before anything more of it.
        if bytes + size > Self.maximumBytes || losses[line.run] != nil {
            losses[line.run] = Loss(count: (losses[line.run]?.count ?? 0) + 1, last: line.withoutText)
        } else {
            bytes += size
            lines.append(line)
        }
    }

    /// Everything that waits, run by run, each in the order it came; losses as a last line of their run.
    mutating func take() -> [(run: RunID, lines: [LogLine])] {
        var places: [RunID: Int] = [:]
        var groups: [(run: RunID, lines: [LogLine])] = []
        for line in lines + losses.values.map(\.marker) {
            if let place = places[line.run] {
                groups[place].lines.append(line)
            } else {
                places[line.run] = groups.count
                groups.append((line.run, [line]))
            }
        }
        self = LogBuffer()
        return groups
    }
}

extension LogBuffer.Loss {
    fileprivate var marker: LogLine {
        LogLine(
            run: last.run, attempt: last.attempt, at: last.at, stream: .log, level: 3,
            text: "\(count) lines were dropped here: they came faster than they could be stored")
    }
}

extension LogLine {
    fileprivate var withoutText: LogLine {
        LogLine(run: run, attempt: attempt, at: at, stream: stream, level: level, text: "")
    }
}
