import HostHTTP

/// Definitions that are not in force, and why.
enum RefusedTable {
    static func table(_ refused: [RefusedDefinitionView]) -> Table {
        var table = Table([.init("SOURCE"), .init("LINE"), .init("JOB"), .init("WHY")])
        for definition in refused {
            table.add([definition.source, definition.line.map(String.init), definition.job, definition.reason])
        }
        return table
    }
}
