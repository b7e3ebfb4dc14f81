import HostHTTP
import Testing

@testable import berth
import JobModel

struct EnvironmentBanTests {
    @Test(arguments: [
        (#"["test", "local"]"#, ["local", "test"]), (#""test;local""#, ["local", "test"]),
        (#""test, local""#, ["local", "test"]), ("\"test\u{FF1B}local\u{FF0C} dev \"", ["dev", "local", "test"]),
        (#""""#, []), (#"" ; ""#, []), ("[]", []),
    ])
    func `a list and a text of names are read`(json: String, names: [String]) throws {
        #expect(EnvironmentBan.names(try JSONParser.parse(json))?.sorted() == names)
    }

    @Test(arguments: ["5", "[1]", "{}", "true"])
    func `anything else is refused`(json: String) throws {
        #expect(EnvironmentBan.names(try JSONParser.parse(json)) == nil)
    }

    @Test func `the environment has a name`() {
        #expect(EnvironmentBan.name([:]) == "dev")
        #expect(EnvironmentBan.name(["DeployEnvironment": " test "]) == "test")
        #expect(EnvironmentBan.name(["DeployEnvironment": "test", "BERTH_ENVIRONMENT": "prod"]) == "prod")
        #expect(EnvironmentBan.name(["DeployEnvironment": "", "BERTH_ENVIRONMENT": " "]) == "dev")
    }

    @Test func `a ban is in force where it names this environment`() {
        #expect(EnvironmentBan(current: "test", banned: ["test", "local"]).isInForce)
        #expect(!EnvironmentBan(current: "prod", banned: ["test", "local"]).isInForce)
    }
}
