import ArgumentParser
import Foundation
import HostHTTP
import JobModel

/// What a run gets, from the command line: made into the same request that HTTP clients send, and checked by the same
/// rules.
struct ParamOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Params as a JSON object, or @FILE that holds one.", valueName: "json|@file"))
    var params: String?

    @Option(
        name: .customShort("p"), parsing: .singleValue,
        help: ArgumentHelp(
            "One param; a value that is JSON is taken as such, else as text. Repeatable.", valueName: "key=value"))
    var param: [String] = []

    @Option(help: ArgumentHelp("Time limit such as 5s, or none.", valueName: "duration"))
    var timeout: String?

    @Option(
        parsing: .singleValue, help: ArgumentHelp("File or folder the run may read. Repeatable.", valueName: "path"))
    var read: [String] = []

    @Option(
        parsing: .singleValue, help: ArgumentHelp("File or folder the run may change. Repeatable.", valueName: "path"))
    var write: [String] = []

    func members(component: String) throws(Failure) -> [JSONMember] {
        let access: JSONValue = [
            "read": .texts(read.map(AbsolutePath.of)), "write": .texts(write.map(AbsolutePath.of)),
        ]
        return JSONValue.object(present: [
            "component": .string(component),
            "params": .object(try paramMembers()),
            "timeout": timeout.map(JSONValue.string),
            "access": read.isEmpty && write.isEmpty ? nil : access,
        ]).members ?? []
    }

    /// `-p` beats what `--params` says.
    private func paramMembers() throws(Failure) -> [JSONMember] {
        try Self.members(param, over: try params.map { text throws(Failure) in try Self.object(text) } ?? [])
    }

    /// `key=value` pairs as members, in place of those of their name.
    static func members(_ pairs: [String], over params: [JSONMember] = []) throws(Failure) -> [JSONMember] {
        var members = params
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
                throw Failure(.usage, "-p takes key=value; it is \"\(pair.excerpt)\".")
            }
            let text = String(pair[pair.index(after: equals)...])
            let value = (try? JSONParser.parse(text)) ?? .string(text)
            let name = String(pair[..<equals])
            members.removeAll { $0.name == name }
            members.append(JSONMember(name, value))
        }
        return members
    }

    static func object(_ text: String) throws(Failure) -> [JSONMember] {
        let json = text.hasPrefix("@") ? try contents(String(text.dropFirst())) : text
        do {
            guard let members = try JSONParser.parse(json).members else {
                throw Failure(.usage, "--params must be a JSON object, such as '{\"path\": \"/etc\"}'.")
            }
            return members
        } catch let error as JSONError {
            throw Failure(.usage, "--params is not JSON: \(error).")
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.usage, "--params: \(error)")
        }
    }

    private static func contents(_ path: String) throws(Failure) -> String {
        guard let data = TextFile.bytes(path) else {
            throw Failure(.usage, "--params names the file \(path), which cannot be read.")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
