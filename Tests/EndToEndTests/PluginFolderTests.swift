import Foundation
import TestSupport
import Testing

/// Plugins come and go while the host runs.
struct PluginFolderTests {
    struct Plugin: Decodable {
        struct Component: Decodable {
            var id: String
            var kind: String
        }

        var id: String
        var components: [Component]
    }

    @Test(arguments: ["c", "swift"])
    func `scaffold, build, drop in, run, take away`(language: String) async throws {
        let plugins = temporaryFolder("plugins")
        let workshop = temporaryFolder("workshop")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(at: workshop, withIntermediateDirectories: true)
        let made = try await Shell.run(
            RunningHost.program, "plugin", "new", "greeter", "--lang", language, in: workshop)
        #expect(made.status == 0, "\(made.errors)")
        let library = workshop.appendingPathComponent("out.so")
        let built = try await Shell.run(
            RunningHost.program, "plugin", "build", "greeter", "-o", library.path, in: workshop)
        #expect(built.status == 0, "\(built.output)\(built.errors)")
        // Its manifest was written by the build: the file says what it is, and no host is there to run it.
        let shown = try await Shell.run(RunningHost.program, "plugin", "show", library.path, "--json", in: workshop)
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.output.contains("\"manifest\": true"), "\(shown.output)")
        #expect(shown.output.contains("\"id\": \"greeter\""), "\(shown.output)")

        try await RunningHost.with(plugins: plugins) { host in
            let dropped = plugins.appendingPathComponent("any-name.so")
            try FileManager.default.copyItem(at: library, to: dropped)
            let plugin = try await eventually("the plugin is there") {
                try? await host.berth("plugin", "show", "greeter", as: Plugin.self)
            }
            #expect(plugin.id == "greeter")
            #expect(plugin.components.first?.kind == "handler")
            let component = try #require(plugin.components.first?.id)
            let ran = try await host.berth("enqueue", "greeter/\(component)", "-p", "name=Ada", "--wait")
            #expect(ran.status == 0, "\(ran.errors)")
            #expect(ran.output.contains("Ada"))

            try FileManager.default.removeItem(at: dropped)
            try await eventually("the component is gone") {
                try await host.berth("component", "show", "greeter/\(component)").status == 4 ? true : nil
            }
        }
    }

    @Test func `a run in flight outlives the file of its plugin`() async throws {
        let plugins = temporaryFolder("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        let file = plugins.appendingPathComponent("chaos.so")
        try FileManager.default.copyItem(
            at: RunningHost.projectPlugins.appendingPathComponent("chaos.so"), to: file)
        try await RunningHost.with(plugins: plugins) { host in
            let run = try await eventually("the run is accepted") {
                let body = "{\"component\": \"chaos/sleep\", \"params\": {\"seconds\": 2}}"
                let answer = try? await host.post("/api/v1/runs", body, as: RunView.self)
                return answer?.status == 201 ? answer?.value : nil
            }
            // Until it is in a guest it is given back: then it waits for the file.
            try await eventually("the run is in a guest") {
                try await host.get("/api/v1/runs/\(run.id)", as: InGuest.self).value.progress == nil ? nil : true
            }
            try FileManager.default.removeItem(at: file)
            try await eventually("the component is gone") {
                try await host.berth("component", "show", "chaos/sleep").status == 4 ? true : nil
            }
            let ended = try await host.get("/api/v1/runs/\(run.id)/wait?timeout=20s", as: RunView.self).value
            #expect(ended.state == "succeeded")
        }
    }

    private struct InGuest: Decodable {
        struct Progress: Decodable { var guest: Int32 }
        var progress: Progress?
    }

    @Test func `bad files are listed with their reasons`() async throws {
        let plugins = temporaryFolder("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        let good = RunningHost.projectPlugins.appendingPathComponent("chaos.so")
        let whole = try Data(contentsOf: good)
        try Data("hello, I am no library\n".utf8).write(to: plugins.appendingPathComponent("text.so"))
        try whole.prefix(whole.count / 2).write(to: plugins.appendingPathComponent("half.so"))
        try FileManager.default.copyItem(at: good, to: plugins.appendingPathComponent("good.so"))
        try await RunningHost.with(plugins: plugins) { host in
            let listed = try await eventually("every file was judged") {
                let list = try await host.berth("plugin", "list").output
                return list.contains("active") && !list.contains("checking") ? list : nil
            }
            #expect(listed.contains("text.so"))
            #expect(listed.contains("half.so"))
            #expect(listed.components(separatedBy: "rejected").count == 3)
            let run = try await host.berth("enqueue", "chaos/noop", "--wait")
            #expect(run.status == 0, "\(run.errors)")
        }
    }
}
