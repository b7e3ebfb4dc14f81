extension Schema {
    /// Runs whose attempt another host makes, and how many children of a run ended other than well. A row counts for the
    /// attempt it names, and for nothing once that has ended.
    static let loanTables = """
        CREATE TABLE loans (run_id INTEGER PRIMARY KEY, number INTEGER NOT NULL, host TEXT NOT NULL) STRICT;
        ALTER TABLE runs ADD COLUMN failed_children INTEGER NOT NULL DEFAULT 0;
        """
}
