/// Everything that is looked at before a plugin ships. The raw value is its name for people and scripts.
package enum Check: String, CaseIterable, Sendable {
    // The file, without running it.
    case sharedObject = "elf-is-shared-object"
    case entryExported = "elf-entry-exported"
    case exportsMinimal = "elf-exports-minimal"
    case noUndefined = "elf-no-undefined-surprises"
    case glibcFloor = "elf-glibc-floor"
    case neededAllowed = "elf-needed-allowed"
    case hardening = "elf-hardening"
    case buildID = "elf-build-id"
    case manifestPresent = "manifest-present"
    case manifestMatches = "manifest-matches-descriptor"
    case ffiSignatures = "ffi-signatures"
    // Loading it.
    case loadNow = "load-now"
    case loadTime = "load-time"
    case loadQuiet = "load-quiet"
    case loadSandboxed = "load-sandboxed"
    case entryForeignMajor = "entry-foreign-major"
    case entryOlderHost = "entry-older-host"
    case entryNewerHost = "entry-newer-host"
    case entryOutSize = "entry-respects-out-size"
    case entryTwice = "entry-twice"
    case descriptorValid = "descriptor-valid"
    case descriptorStable = "descriptor-stable"
    case extensionUnknown = "extension-unknown"
    case schemaValid = "schema-valid"
    // What comes in and goes out.
    case paramsRejected = "params-rejected"
    case inputEmpty = "input-empty"
    case inputRandom = "input-random"
    case inputMax = "input-max"
    case outputOverLimit = "output-over-limit"
    case emitRefused = "emit-refused"
    case codesInRange = "codes-in-range"
    case errorText = "error-text"
    // Beginning, ending and being stopped.
    case lifecycleBalanced = "lifecycle-balanced"
    case lifecycleStop = "lifecycle-stop-any-time"
    case cancelImmediate = "cancel-immediate"
    case cancelLatency = "cancel-latency"
    case cancelForms = "cancel-fd-and-callback"
    case deadlineHonoured = "deadline-honoured"
    case heartbeatPresent = "heartbeat-present"
    case runnerProtocol = "runner-protocol"
    case mapReduceShape = "mapreduce-shape"
    // Promises.
    case determinism
    case idempotence
    case concurrency
    case threadDeclaration = "thread-declaration"
    case contextAfterReturn = "context-after-return"
    case sandboxNeeds = "sandbox-needs"
    // What it leaves behind.
    case memoryGrowth = "memory-growth"
    case fdGrowth = "fd-growth"
    case allocationFailure = "allocation-failure"
    case signalsUntouched = "signals-untouched"
    case noExit = "no-exit"
    case sanitizer
    case fuzz
}

extension Check {
    /// How bad it is to fail.
    package enum Level: String, Sendable {
        case error, warning, info
    }

    /// How much is done.
    package enum Profile: String, CaseIterable, Sendable {
        /// Seconds: what a build can afford each time.
        case quick
        /// Minutes: more rounds of everything, and what needs time.
        case full
    }

    package var name: String { rawValue }

    package var level: Level {
        switch self {
        case .exportsMinimal, .hardening, .buildID, .manifestPresent, .loadTime, .loadQuiet, .entryTwice, .errorText,
            .cancelImmediate, .cancelForms, .deadlineHonoured, .idempotence, .memoryGrowth, .allocationFailure,
            .signalsUntouched:
            .warning
        case .sanitizer: .info
        default: .error
        }
    }
}
