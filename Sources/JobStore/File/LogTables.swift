extension Schema {
    /// Version 1 of `logs.db`: one row holds many lines of one run, packed.
    static let firstLogTables = """
        CREATE TABLE chunks (id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, lines BLOB NOT NULL) STRICT;
        CREATE INDEX of_run ON chunks (run_id);
        """
}
