package import GuestPool
package import JobModel

/// Why a file in the plugins folder is not used. `sentence` is what people read.
package enum Rejection: Error, Hashable, Sendable {
    // The file itself.
    case symbolicLink
    case notAFile(kind: String)
    case unreadable(reason: String)
    case tooLarge(bytes: UInt64, limit: UInt64)
    case empty
    case notStaged(reason: String)
    // The operator's policy.
    case notAllowed(digest: String)
    case openFile(path: String, why: String)
    case openFolder(path: String, why: String)
    // Its format.
    case notALibrary(beginning: String)
    case truncated(holds: UInt64, needs: UInt64)
    case malformed(what: String)
    case tablesTooLarge(what: String)
    case otherMachine(found: String, host: String)
    case notShared(found: String)
    // What the loader or the sandbox would refuse.
    case executableStack
    case textRelocations
    case writableCode
    case newerLibc(needs: String, host: String)
    case newerLibrary(name: String, needs: String, has: String?)
    case libraryMissing(name: String)
    case symbolsMissing(names: [String], libraries: [String])
    case runpathRelative(folder: String)
    case runpathOpen(folder: String)
    // What it says of itself in its manifest.
    case manifest(what: String)
    case manifestDiffers(what: String, claim: String, truth: String)
    // The entry.
    case entryMissing
    case entryHidden
    case entryNotAFunction
    case entryUndefined
    case entryOfOtherMajor(names: [String])
    // What loading it in a guest showed.
    case probe(ProbeFailure)
    case descriptor(what: String)
    case schema(component: String, fault: SchemaFault)

    package static let entry = "berth_plugin_v1"
}

extension Rejection {
    /// What is wrong, with the value, and what to do.
    package var sentence: String {
        fileSentence ?? policySentence ?? formatSentence ?? loadSentence ?? claimSentence ?? entrySentence
    }

    private var fileSentence: String? {
        switch self {
        case .symbolicLink:
            "this is a symbolic link, which could change behind the host's back: copy the file itself here"
        case .notAFile(let kind): "this is \(kind), not a file: move it elsewhere"
        case .unreadable(SystemError.notThere): "there is no such file: name another"
        case .unreadable(let reason): "the file cannot be read (\(reason)): make it readable for the host's user"
        case .tooLarge(let bytes, let limit):
            "the file has \(bytes) bytes, more than the \(limit) a plugin may have: strip it, or read data from elsewhere"
        case .empty: "the file is empty: copy it again"
        case .notStaged(let reason): "the file could not be copied into the staged folder: \(reason)"
        default: nil
        }
    }

    private var policySentence: String? {
        switch self {
        case .notAllowed(let digest):
            "it is not on the list of allowed plugins: `berth plugin allow \(digest)`, or plugin_policy in berth.yaml, "
                + "puts it there"
        case .openFile(let path, let why):
            "\(path) \(why), so that what was allowed could be exchanged: chown it to the host's user, chmod go-w"
        case .openFolder(let path, let why):
            "the folder \(path) \(why), so that others could put plugins there: chown it to the host's user, chmod go-w"
        default: nil
        }
    }

    private var formatSentence: String? {
        switch self {
        case .notALibrary(let beginning): "this is not a shared library: it begins with \"\(beginning)\""
        case .truncated(let holds, let needs):
            "the file ends early: \(holds) bytes of \(needs) are there; copy it again"
        case .malformed(let what): "this library is damaged: \(what); build or copy it again"
        case .tablesTooLarge(let what):
            "the library's tables are larger than a plugin's may be: \(what); export its entry alone (-fvisibility=hidden) "
                + "and strip it"
        case .otherMachine(let found, let host):
            "built for \(found), this host is \(host): build the plugin for \(host)"
        case .notShared(let found): "this is \(found), not a shared library: link it with -shared"
        default: nil
        }
    }

    private var loadSentence: String? {
        switch self {
        case .executableStack:
            "asks for an executable stack, which no plugin gets: link with -z noexecstack, "
                + "and mark assembler sources with .note.GNU-stack"
        case .textRelocations: "has relocations in its code (TEXTREL): compile every source with -fPIC"
        case .writableCode: "has a segment that is writable and executable at once: link without -N or --omagic"
        case .newerLibc(let needs, let host): "needs GLIBC_\(needs), this host has \(host): \(Self.buildAdvice(host))"
        case .newerLibrary(let name, let needs, let has):
            "needs \(needs) of \(name), which \(has.map { "has \($0) here" } ?? "is another one here"): "
                + Self.libraryAdvice(name)
        case .runpathRelative(let folder):
            "looks for libraries in \"\(folder)\", a place that depends on where the host was started: link without this "
                + "-rpath, or link the libraries into the plugin"
        case .runpathOpen(let folder):
            "looks for libraries in \(folder), where everybody can put some: link without this -rpath, or take the right to "
                + "write there from others"
        case .libraryMissing(let name):
            "needs \(name), which is not installed here: install it on this machine or link it into the plugin"
        case .symbolsMissing(let names, let libraries):
            Self.missing(names, libraries)
        case .probe(let failure) where failure.stage == .refused:
            "refuses this host (\(failure.message)): build it with the berth_plugin.h of this host, `berth plugin header`"
        case .probe(let failure) where failure.message.contains("undefined symbol"):
            "\(failure.message): link the source or the library that defines it"
        case .probe(let failure): failure.message
        default: nil
        }
    }

    private var claimSentence: String? {
        switch self {
        case .manifest(let what):
            "its manifest cannot be used: \(what); build it again with `berth plugin build`"
        case .manifestDiffers(let what, let claim, let truth):
            "its manifest says \(claim.excerpt) for \(what), the plugin itself \(truth.excerpt): build it again with "
                + "`berth plugin build`"
        case .descriptor(let what): "its descriptor cannot be used: \(what)"
        case .schema(let component, let fault): "the params schema of \"\(component)\" cannot be used: \(fault)"
        default: nil
        }
    }

    private var entrySentence: String {
        switch self {
        case .entryHidden:
            "\(Self.entry) is there but hidden: mark it BERTH_EXPORT in C, public in Swift"
        case .entryNotAFunction:
            "\(Self.entry) is exported but is not a function: define it as berth_plugin.h declares it"
        case .entryUndefined: "\(Self.entry) is used but not defined here: link the source that defines it"
        case .entryOfOtherMajor(let names):
            "exports \(names.joined(separator: ", ")) only, this host speaks \(Self.entry): "
                + "build it with this host's berth_plugin.h"
        default:
            "does not export \(Self.entry): define it with BERTH_EXPORT in C, or as a public function with "
                + "@c(\(Self.entry)) in Swift"
        }
    }

    private static func missing(_ names: [String], _ libraries: [String]) -> String {
        let more = names.count > 3 ? " and \(names.count - 3) more" : ""
        let those =
            libraries.isEmpty
            ? "it names no library" : "none of its libraries (\(libraries.joined(separator: ", "))) defines"
        return
            "needs \(names.count == 1 ? "the symbol" : "the symbols") \(names.prefix(3).joined(separator: ", "))\(more), "
            + (libraries.isEmpty ? "and \(those)" : "which \(those)")
            + ": link the source or the library that defines \(names.count == 1 ? "it" : "them")"
    }

    private static func libraryAdvice(_ name: String) -> String {
        let flags = ["libstdc++.so.6": "-static-libstdc++", "libgcc_s.so.1": "-static-libgcc"]
        let other = flags[name].map { ", or link with \($0)" } ?? ", or link it into the plugin"
        return "build it on a system as old as this one\(other)"
    }

    private static func buildAdvice(_ host: String) -> String {
        let systems = ["2.31": "Debian 11", "2.36": "Debian 12", "2.41": "Debian 13"]
        return "build it on \(systems[host] ?? "a system with glibc \(host)") or older"
    }
}
