extension Schema {
    /// Version 1 of `berth.db`.
    ///
    /// Every index costs each run it covers, so all but one are partial: a succeeded run of no job is in none of them.
    /// `ready` ends in the row id without naming it, as every index does.
    static let firstRunTables = """
        CREATE TABLE components (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE queues (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
            slots INTEGER, -- null: only a name that runs mention
            paused INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE policies (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, source TEXT NOT NULL, definition TEXT NOT NULL,
            paused INTEGER NOT NULL, watermark INTEGER, anchor INTEGER NOT NULL, created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            component_id INTEGER NOT NULL,
            queue_id INTEGER NOT NULL,
            job_id INTEGER,
            job_name TEXT,
            source INTEGER NOT NULL,
            state INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            fire_at INTEGER,
            unique_key TEXT,
            params BLOB NOT NULL,
            policy_id INTEGER, -- null: the standard policy
            parent_id INTEGER,
            root_id INTEGER, -- null: the run itself
            starts INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0,
            crashes INTEGER NOT NULL DEFAULT 0,
            interruptions INTEGER NOT NULL DEFAULT 0,
            started_at INTEGER,
            finished_at INTEGER,
            outcome INTEGER,
            code INTEGER NOT NULL DEFAULT 0,
            output BLOB,
            output_file TEXT, -- in blobs/, instead of output
            reason TEXT
        ) STRICT;
        CREATE INDEX ready ON runs (queue_id, component_id, priority, due_at) WHERE state = 0;
        CREATE INDEX running ON runs (state) WHERE state = 1;
        CREATE INDEX noteworthy ON runs (state) WHERE state IN (2, 4, 5, 6, 7);
        CREATE INDEX open_of_job ON runs (job_id) WHERE job_id IS NOT NULL AND state IN (0, 1, 2);
        CREATE INDEX of_job ON runs (job_name) WHERE job_name IS NOT NULL;
        CREATE UNIQUE INDEX unique_open ON runs (unique_key) WHERE unique_key IS NOT NULL AND state IN (0, 1, 2);
        CREATE UNIQUE INDEX unique_fire ON runs (job_id, fire_at) WHERE fire_at IS NOT NULL;

        CREATE TABLE attempts (
            run_id INTEGER NOT NULL,
            number INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            code INTEGER NOT NULL,
            message TEXT,
            retry_after INTEGER, -- microseconds
            started_at INTEGER NOT NULL,
            finished_at INTEGER NOT NULL,
            guest INTEGER NOT NULL,
            cpu INTEGER NOT NULL, -- microseconds
            evidence TEXT,
            PRIMARY KEY (run_id, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE transitions (
            id INTEGER PRIMARY KEY,
            run_id INTEGER NOT NULL,
            at INTEGER NOT NULL,
            from_state INTEGER,
            to_state INTEGER NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT
        ) STRICT;
        CREATE INDEX of_run ON transitions (run_id);

        -- How many runs are in each state, kept up by every batch: counting the rows would take ever longer.
        CREATE TABLE totals (state INTEGER PRIMARY KEY, runs INTEGER NOT NULL) STRICT;
        INSERT INTO totals VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0);
        -- The highest ids ever used; they stay when the rows go.
        CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO marks VALUES ('run', 0), ('job', 0);
        """

    /// Planned instants that got no run are one row, which names no single one of them.
    static let passedOverColumns = """
        ALTER TABLE runs ADD COLUMN passed_from INTEGER;
        ALTER TABLE runs ADD COLUMN passed_to INTEGER;
        ALTER TABLE runs ADD COLUMN passed_count INTEGER;
        """
}

extension Schema {
    /// What plugins report about attempts: an object of names and whole numbers.
    static let attemptMetrics = "ALTER TABLE attempts ADD COLUMN metrics TEXT;"
}

extension Schema {
    /// Whether a policy still has a run is asked whenever one that had it is pruned. Runs with the standard policy cost
    /// nothing.
    static let policyIndex = "CREATE INDEX of_policy ON runs (policy_id) WHERE policy_id IS NOT NULL;"
}

extension Schema {
    /// A run is found by its unique key after its end too. Runs without a key cost nothing.
    static let runsByKey = "CREATE INDEX of_key ON runs (unique_key) WHERE unique_key IS NOT NULL;"
}
