extension Schema {
    /// Who made a run, what its attempts took and gave, and what became of all runs of a component
    /// or a job.
    static let historyTables = """
        ALTER TABLE runs ADD COLUMN actor TEXT; -- null: follows from the source
        ALTER TABLE attempts ADD COLUMN output_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE attempts ADD COLUMN peak INTEGER NOT NULL DEFAULT 0; -- bytes
        CREATE TABLE figures (
            kind INTEGER NOT NULL, -- 0: subject is a component's id, 1: a job's
            subject INTEGER NOT NULL,
            runs_succeeded INTEGER NOT NULL,
            runs_failed INTEGER NOT NULL,
            runs_cancelled INTEGER NOT NULL,
            runs_skipped INTEGER NOT NULL,
            runs_expired INTEGER NOT NULL,
            succeeded INTEGER NOT NULL, -- attempts, from here on
            failed INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            timed_out INTEGER NOT NULL,
            crashed INTEGER NOT NULL,
            interrupted INTEGER NOT NULL,
            durations BLOB NOT NULL,
            PRIMARY KEY (kind, subject)
        ) STRICT, WITHOUT ROWID;
        """
}
