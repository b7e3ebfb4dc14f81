import JobModel

/// What runs for the server's own categories, as far as components that come with Berth can.
package enum StandardCategory {
    package static let components = [
        "command": "command/shell", "default": "command/shell", "script": "script/script", "http": "http/request",
        "file": "file/action", "container": "container/action",
    ]

    /// Why the others have none, and what stands in for them.
    package static let refusals = [
        "message":
            "mail and chat need an account each, which no component that comes with Berth holds; a chat robot is a POST "
            + "(category http), mail is a program (category command)",
        "database":
            "no database driver comes with Berth; psql, mysql or redis-cli as a command can do it, or a plugin of your own",
        "git": "no git comes with Berth; the program git as a command can do it",
        "approval": "a run waits for nobody: the question and its answer stay with whoever asks",
    ]

    /// Why nothing runs for a category, and what to do.
    package static func refusal(of category: String) -> String {
        let why = refusals[category] ?? "nothing runs for it here"
        return "category \"\(category.excerpt)\": \(why). A component of the operator's choice can stand for it: "
            + "categories: {\(category.excerpt): PLUGIN/COMPONENT} of this upstream in berth.yaml"
    }

    /// Seconds that a task may run whose own time limit is 0.
    static func standardTimeout(of component: ComponentName) -> Int64 {
        component.plugin == "http" ? 30 : 24 * 3600
    }
}
