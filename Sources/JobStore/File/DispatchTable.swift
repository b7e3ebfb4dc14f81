extension Schema {
    /// What servers gave us and have not acknowledged the end of. An instance is owed once; one that was silenced may
    /// come anew while its run is still being stopped.
    static let dispatchTable = """
        ALTER TABLE runs ADD COLUMN instance TEXT; -- the server's name for it; null: no server dispatched it
        CREATE INDEX of_instance ON runs (instance) WHERE instance IS NOT NULL;
        CREATE TABLE dispatches (
            run_id INTEGER PRIMARY KEY,
            upstream TEXT NOT NULL,
            instance TEXT NOT NULL,
            note BLOB NOT NULL,
            received_at INTEGER NOT NULL,
            silenced INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX owed_instance ON dispatches (upstream, instance) WHERE silenced = 0;
        """

    /// Runs that a part of another host's family made, which are that host's: told with the end, as JSON.
    static let handedOnColumn = "ALTER TABLE dispatches ADD COLUMN children TEXT;"
}
