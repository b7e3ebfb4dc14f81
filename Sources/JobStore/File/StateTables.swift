extension Schema {
    /// Version 3 of `berth.db`: what plugins keep between runs, and trace contexts that came with runs.
    static let stateTables = """
        ALTER TABLE runs ADD COLUMN traceparent TEXT;
        CREATE TABLE plugin_state (
            id INTEGER PRIMARY KEY,
            plugin TEXT NOT NULL,
            job_id INTEGER NOT NULL, -- 0: of runs that belong to no job
            component TEXT NOT NULL, -- empty where there is a job
            key BLOB NOT NULL,
            version INTEGER NOT NULL,
            value BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX state_place ON plugin_state (plugin, job_id, component, key);
        CREATE INDEX state_of_job ON plugin_state (job_id) WHERE job_id > 0;
        -- Keys and values of each plugin, kept up by every write.
        CREATE TABLE plugin_state_bytes (plugin TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """
}
