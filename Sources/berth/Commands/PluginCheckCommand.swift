import ArgumentParser
import Foundation
import HostHTTP
import JobModel
import PluginCheck

extension PluginCommand {
    struct CheckFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Say whether a plugin is fit to be shipped.",
            discussion: """
                Makes some fifty checks, each in a process of its own, sandboxed and with a deadline: of the file, of \
                loading it, of what its components do with params nobody expects and with a host that refuses, of being \
                stopped at any time, and of what they leave behind. Every failure comes with what to do about it; \
                docs/checks.md lists them all. Needs no host. The same seed makes the same checks.

                Exit codes: 0 fit as far as it was checked, 1 a check of level error failed, 2 usage.
                """)
        @Argument(help: "The library.")
        var file: String
        @Argument(help: "Components to look at; all when none are named.")
        var components: [String] = []
        @Option(help: ArgumentHelp("quick takes seconds, full some minutes.", valueName: "quick|full"))
        var profile: Profile = .quick
        @Option(help: ArgumentHelp("Makes what is random the same again.", valueName: "number"))
        var seed: UInt64?
        @OptionGroup var inputs: CheckInputs
        @Flag(help: "Let it try the network, programs and all files that can be read, to tell what it needs.")
        var trust = false
        @Flag(help: "Print JSON instead of a table.")
        var json = false

        enum Profile: String, ExpressibleByArgument, CaseIterable {
            case quick, full
        }

        func run() async throws {
            var request = try inputs.request(
                file: file, components: components, profile: profile == .full ? .full : .quick,
                seed: seed ?? UInt64.random(in: 1...999_999_999))
            request.isTrusted = trust
            let report: CheckReport
            do throws(CheckError) {
                report = try await PluginExam.run(request)
            } catch {
                throw error.failure
            }
            if json { Terminal.print(CheckPrint.json(report)) } else { CheckPrint.print(report) }
            if !report.failures(.error).isEmpty { throw ExitCode(Exit.runFailed.rawValue) }
        }
    }

    struct BenchFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bench", abstract: "Measure a plugin's components without a host around them.",
            discussion: """
                Calls each component as the guest does, in the same sandbox, one run after the other, and says how many \
                runs it makes in a second, how long one takes, and how much memory each leaves. What the host adds is not \
                in these figures.
                """)
        @Argument(help: "The library.")
        var file: String
        @Argument(help: "Components to measure; all when none are named.")
        var components: [String] = []
        @Option(help: ArgumentHelp("How long to measure each component.", valueName: "seconds"))
        var seconds: Double = 1
        @OptionGroup var inputs: CheckInputs
        @Flag(help: "Print JSON instead of a table.")
        var json = false

        func run() async throws {
            guard seconds > 0, seconds <= 50 else {
                throw Failure(.usage, "--seconds must be above 0 and at most 50, is \(seconds).")
            }
            let request = try inputs.request(file: file, components: components, profile: .full, seed: 1)
            let measures: [BenchResult]
            do throws(CheckError) {
                measures = try await PluginBench.run(request, seconds: seconds)
            } catch {
                throw error.failure
            }
            if json { Terminal.print(BenchPrint.json(measures)) } else { BenchPrint.table(measures).print() }
            if measures.contains(where: { $0.figures == nil }) { throw ExitCode(Exit.runFailed.rawValue) }
        }
    }
}

/// What an ordinary run gets.
struct CheckInputs: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Params of an ordinary run, or @FILE; made from the schema when not given.", valueName: "json|@file"))
    var params: String?
    @Option(help: ArgumentHelp("Configuration for the plugin's start, or @FILE.", valueName: "json|@file"))
    var configuration: String?

    func request(
        file: String, components: [String], profile: Check.Profile, seed: UInt64
    ) throws(Failure) -> CheckRequest {
        let path = AbsolutePath.of(file)
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw Failure(.usage, "\(file) cannot be read; give the library that `berth plugin build` made.")
        }
        // As `berth run` names them.
        let ids = components.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        return CheckRequest(
            file: path, components: ids,
            params: try params.map { text throws(Failure) in try Self.json(text, "--params") },
            configuration: try configuration.map { text throws(Failure) in
                String(decoding: try Self.json(text, "--configuration"), as: UTF8.self)
            } ?? "{}",
            profile: profile, seed: seed, checkProgram: try CompanionProgram.check.path(),
            guestProgram: try CompanionProgram.guest.path())
    }

    private static func json(_ text: String, _ option: String) throws(Failure) -> [UInt8] {
        var bytes = Array(text.utf8)
        if text.hasPrefix("@") {
            let path = String(text.dropFirst())
            guard let read = TextFile.bytes(path) else { throw Failure(.usage, "\(path) cannot be read.") }
            bytes = Array(read)
        }
        do {
            return try JSONParser.parse(bytes).bytes
        } catch {
            throw Failure(.usage, "\(option) is not JSON: \(error).")
        }
    }
}

extension CheckError {
    var failure: Failure {
        switch self {
        case .noSuchFile(let path): Failure(.usage, "\(path) cannot be copied; is it a file that can be read?")
        case .noSuchComponent(let id, let known):
            Failure(.usage, "The plugin has no component \"\(id)\"; it has \(known.joined(separator: ", ")).")
        case .unusable(let words):
            Failure(.runFailed, "The library cannot be loaded: \(words). `berth plugin check` says more.")
        case .system(let words): Failure(.unavailable, "The system refused: \(words).")
        }
    }
}
