extension Schema {
    /// Version 8 of `berth.db`: that a running run is to be cancelled survives the host. Rows of attempts that have ended
    /// mean nothing and go with the next one.
    static let cancelTable = """
        CREATE TABLE cancels (
            run_id INTEGER PRIMARY KEY,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT
        ) STRICT;
        """
}
