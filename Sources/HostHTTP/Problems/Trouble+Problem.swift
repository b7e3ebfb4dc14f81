package import JobEngine

// What keeps the host from being ready, with what to do about it. All but a damaged store pass by themselves when their
// cause does.
extension Problem {
    package init(_ trouble: Trouble) {
        switch trouble {
        case .store(let error): self.init(EngineError.store(error))
        case .stopping: self.init(EngineError.stopping)
        case .room(let reason):
            self.init(
                .diskFull, "The disk is nearly full: \(reason). Runs are taken on and wait; make room, and they go on.")
        case .guests(let reason):
            self.init(
                .noGuests,
                "The system has no processes for guests: \(reason). Runs are taken on and wait; raise the limit of "
                    + "processes (ulimit -u, TasksMax) or of files, or end what uses them up.")
        }
    }

    init(fault: MachineFault, _ reason: String) {
        self.init(fault.code, "\(fault.words): \(reason). \(fault.advice)")
    }
}

extension MachineFault {
    fileprivate var code: ProblemCode {
        switch self {
        case .diskFull: .diskFull
        case .readOnly: .readOnly
        case .locked: .storeLocked
        case .corrupt: .storeCorrupt
        case .tooManyFiles: .tooManyFiles
        case .failingDisk: .failingDisk
        }
    }

    fileprivate var words: String {
        switch self {
        case .diskFull: "The disk under the store is full"
        case .readOnly: "The store cannot be written, it is on a read-only file system"
        case .locked: "Another program holds a lock on the store"
        case .corrupt: "The store is damaged"
        case .tooManyFiles: "The host has no file descriptors left for the store"
        case .failingDisk: "The disk under the store fails"
        }
    }

    fileprivate var advice: String {
        switch self {
        case .diskFull: "Make room; the host then goes on by itself."
        case .readOnly: "Mount it writable; the host then goes on by itself."
        case .locked: "End that program (fuser names it); the host then goes on by itself."
        case .corrupt: "`berth doctor` says where; stop the host and restore a backup with `berth restore`."
        case .tooManyFiles: "Raise its limit (ulimit -n, LimitNOFILE); the host goes on when some are free."
        case .failingDisk: "The kernel's log says why; the host goes on by itself when the disk does."
        }
    }
}
