extension Schema {
    /// Conditions that every change of a run has to answer, so that they are comparisons: `IN` with a list of more than two
    /// makes SQLite build a table for each row it looks at, which cost more than all else of a start and an end together.
    ///
    /// A run that has ended well is in none of the indexes that name a state, nor is a pending one in `unsettled`.
    static let plainIndexConditions = """
        DROP INDEX running;
        DROP INDEX noteworthy;
        CREATE INDEX unsettled ON runs (state) WHERE state <> 0 AND state <> 3;
        DROP INDEX waiting;
        CREATE INDEX waiting ON runs (open_children) WHERE open_children > 0;
        DROP INDEX open_of_job;
        CREATE INDEX open_of_job ON runs (job_id) WHERE job_id IS NOT NULL AND state < 3;
        DROP INDEX unique_open;
        CREATE UNIQUE INDEX unique_open ON runs (unique_key) WHERE unique_key IS NOT NULL AND state < 3;
        """
}
