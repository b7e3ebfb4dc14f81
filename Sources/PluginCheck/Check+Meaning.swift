/// What each check means and what to do when it fails: shown with every failure, and printed as docs/checks.md.
extension Check {
    package var meaning: String { texts.meaning }
    package var remedy: String { texts.remedy }

    private var texts: (meaning: String, remedy: String) {
        fileTexts ?? loadTexts ?? valueTexts ?? lifeTexts ?? promiseTexts ?? traceTexts
    }

    private var fileTexts: (meaning: String, remedy: String)? {
        switch self {
        case .sharedObject:
            (
                "a whole ELF shared library for this machine",
                "link with -shared for this machine, and copy all of the file"
            )
        case .entryExported:
            (
                "berth_plugin_v1 is exported, a function, and visible",
                "define it with BERTH_EXPORT in C, extern \"C\" in C++, a public @c function in Swift"
            )
        case .exportsMinimal:
            (
                "nothing else is exported, and no name of libc or Swift",
                "compile with -fvisibility=hidden and link with a version script that shows berth_plugin_v1 alone"
            )
        case .noUndefined:
            (
                "every symbol it uses is in a library it asks for",
                "link with -Wl,-z,defs, which names what is missing, and add the library or the source"
            )
        case .glibcFloor:
            ("the C library of this machine is new enough for it", "build it on the oldest system it is to run on")
        case .neededAllowed:
            (
                "the libraries it asks for are installed here, and found without a path of somebody's own",
                "link the library into the plugin, and drop -rpath"
            )
        case .hardening:
            (
                "tables are read-only after the load, symbols bound at once, no page is writable and executable",
                "link with -Wl,-z,relro -Wl,-z,now, compile with -fPIC, link with -z noexecstack"
            )
        case .buildID:
            ("a build id tells which build a crash came from", "link with -Wl,--build-id")
        case .manifestPresent:
            ("it says what it is without being run", "build it with `berth plugin build`, which stamps it in")
        case .manifestMatches:
            ("what is stamped in is what it says when it runs", "build it again with `berth plugin build`")
        case .ffiSignatures:
            (
                "a plugin made of a foreign library describes functions which that library has",
                "correct symbol in plugin.yaml; `nm -D` lists what the library has"
            )
        default: nil
        }
    }

    private var loadTexts: (meaning: String, remedy: String)? {
        switch self {
        case .loadNow:
            ("it loads, with every symbol bound", "see what the loader says; constructors must not end the process")
        case .loadTime:
            (
                "load and entry take less than 100 ms",
                "move the work from constructors and the entry into start or a run"
            )
        case .loadQuiet:
            (
                "load, entry and start print nothing and make no files, threads, sockets, processes or signal handlers",
                "do it in the first run, and use the log service instead of printing"
            )
        case .loadSandboxed:
            (
                "it loads in the sandbox",
                "load and entry may not reach for files or the network; declare BERTH_FLAG_NETWORK or _SUBPROCESS for runs"
            )
        case .entryForeignMajor:
            (
                "the entry refuses a host of another major version and touches nothing",
                "begin it with: if (host->abi_version >> 16 != BERTH_ABI_MAJOR) return BERTH_UNSUPPORTED;"
            )
        case .entryOlderHost:
            (
                "it works with the first host's table, which ends where that host's services end",
                "ask BERTH_HAS before using anything newer than 1.0, and copy no more than struct_size bytes"
            )
        case .entryNewerHost:
            (
                "it works with a host whose table is longer than it knows",
                "compare struct_size with >=, never with ==, and ignore what lies behind"
            )
        case .entryOutSize:
            (
                "the entry writes no more than the struct_size it was given",
                "check out->struct_size before newer members"
            )
        case .entryTwice:
            ("a second call of the entry answers the same", "fill in *out again; keep one-time work behind a flag")
        case .descriptorValid:
            (
                "ids, kinds, sizes, texts and versions of the descriptor are as berth_plugin.h says",
                "correct the member that is named"
            )
        case .descriptorStable:
            (
                "the descriptor says the same after runs and in another process",
                "make its texts constants; they live until the process ends"
            )
        case .extensionUnknown:
            ("unknown extensions are answered with null", "compare the whole id, and return NULL for all others")
        case .schemaValid:
            (
                "params_schema is JSON Schema of the kind the host checks with, and its defaults fit it",
                "correct the place that is named; docs list what a schema may say"
            )
        default: nil
        }
    }

    private var valueTexts: (meaning: String, remedy: String)? {
        switch self {
        case .paramsRejected:
            (
                "params against the schema fail for good (100 to 199), and none make it crash or be tried again",
                "check types and presence, and return BERTH_FAIL_PARAMS with a text"
            )
        case .inputEmpty:
            ("no params at all, also as a null pointer, do no harm", "look at length before the pointer")
        case .inputRandom:
            ("a megabyte of random bytes does no harm", "trust nothing that was not parsed; bounds before bytes")
        case .inputMax:
            (
                "params of exactly max_input_bytes are taken like short ones",
                "make room for that many bytes, and the NUL if there is one"
            )
        case .outputOverLimit:
            (
                "BERTH_TOO_LARGE from emit ends in a permanent failure, not in success",
                "return what emit answered, or BERTH_FAIL with a text"
            )
        case .emitRefused:
            (
                "a service that refuses does no harm, and refused output is not called a success",
                "look at what every service answers"
            )
        case .codesInRange:
            (
                "answers are in the ranges of berth_plugin.h, and agree with set_error",
                "return a BERTH_… code; give retry_after_ms only with codes 1 to 99"
            )
        case .errorText:
            (
                "failures are explained in UTF-8 text without secrets",
                "call set_error before returning a failure, and quote no value marked x-secret"
            )
        default: nil
        }
    }

    private var lifeTexts: (meaning: String, remedy: String)? {
        switch self {
        case .lifecycleBalanced:
            ("failed runs give back all they took", "free on every way out; destroy is not called when init failed")
        case .lifecycleStop:
            (
                "stop may come before, during and after the run, and twice",
                "stop only sets a flag or wakes somebody; it frees nothing"
            )
        case .cancelImmediate:
            (
                "a run that was cancelled before it started ends at once",
                "look at cancel_state before the first long step"
            )
        case .cancelLatency:
            (
                "a cancelled run ends within its grace",
                "look at cancel_state more often, wait with cancel_descriptor, or drop BERTH_FLAG_COOPERATIVE"
            )
        case .cancelForms:
            (
                "it still ends when cancel_descriptor gives -1 or on_cancel refuses",
                "wait with a time limit, and look at cancel_state after it"
            )
        case .deadlineHonoured:
            (
                "it ends when its deadline passes",
                "treat BERTH_STOP_TIMEOUT like BERTH_STOP_CANCEL and return BERTH_TIMED_OUT"
            )
        case .heartbeatPresent:
            (
                "with stall_ms declared, a sign of life comes in half that time",
                "call heartbeat or progress in every loop, or declare a longer stall_ms"
            )
        case .runnerProtocol:
            (
                "status, stop and kill return soon during execute, and execute ends after them",
                "let them set flags and send signals, and write no more than struct_size bytes of the status"
            )
        case .mapReduceShape:
            (
                "the root makes children, each works, and reduce reads every result, also when there are none",
                "call next_result until it answers BERTH_NOT_FOUND"
            )
        default: nil
        }
    }

    private var promiseTexts: (meaning: String, remedy: String)? {
        switch self {
        case .determinism:
            (
                "with BERTH_FLAG_PURE: the same params give the same bytes, in another process too",
                "take the time from unix_ns, sort what comes in no order, or drop the flag"
            )
        case .idempotence:
            (
                "killed on the way and run again, it leaves the same keys and values as one run",
                "write keys with kv_put last and at once, or declare BERTH_FLAG_NOT_REPEATABLE"
            )
        case .concurrency:
            (
                "with BERTH_FLAG_CONCURRENT: runs at once give what they give alone",
                "keep state in the run, not in static variables, or drop the flag"
            )
        case .threadDeclaration:
            (
                "services marked [run] are called on the thread of the call",
                "hand what other threads made to the thread of the call, and emit there"
            )
        case .contextAfterReturn:
            ("no service is called with a context that is over", "join your threads before you return")
        case .sandboxNeeds:
            (
                "a run needs no more than its flags declare",
                "declare BERTH_FLAG_NETWORK or BERTH_FLAG_SUBPROCESS for the component"
            )
        default: nil
        }
    }

    private var traceTexts: (meaning: String, remedy: String) {
        switch self {
        case .memoryGrowth:
            ("a thousand runs leave less than 1 KiB each", "free what a run takes; a sanitizer build names it")
        case .fdGrowth:
            ("runs leave no descriptors, threads or processes", "close, join and wait for on every way out")
        case .allocationFailure:
            (
                "with hardly any memory it fails or aborts, and never calls wrong output a success",
                "look at what malloc returns, and return BERTH_RETRY"
            )
        case .signalsUntouched:
            ("runs change no signal handlers and no mask", "leave signals alone; the guest uses them")
        case .noExit:
            (
                "it never ends the process, whatever its params",
                "return a code; a library that calls exit needs a process of its own"
            )
        case .sanitizer:
            (
                "a sanitizer build finds nothing",
                "build with -fsanitize=address and check that file; fix what it names"
            )
        default:
            (
                "random runs, stopped at random, with a host that refuses at random, do no harm",
                "repeat it with the same --seed, under a debugger or as a sanitizer build"
            )
        }
    }
}
