extension Schema {
    /// What runs and queues have gained: tags, correlation, follow-ups, pre-steps, settings and limits.
    ///
    /// Runs without any of it are in none of the indexes.
    static let queueTables = """
        ALTER TABLE runs ADD COLUMN tags TEXT; -- with spaces between
        ALTER TABLE runs ADD COLUMN correlation TEXT;
        ALTER TABLE runs ADD COLUMN wanted_at INTEGER; -- null: when it was made
        ALTER TABLE runs ADD COLUMN cause_id INTEGER;
        ALTER TABLE runs ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN gate INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX of_correlation ON runs (correlation) WHERE correlation IS NOT NULL;
        CREATE INDEX of_cause ON runs (cause_id) WHERE cause_id IS NOT NULL;
        CREATE TABLE run_tags (
            tag TEXT NOT NULL, run_id INTEGER NOT NULL, PRIMARY KEY (tag, run_id)
        ) STRICT, WITHOUT ROWID;
        -- Whoever deletes a run need not know of its tags.
        CREATE TRIGGER run_tags_go AFTER DELETE ON runs WHEN old.tags IS NOT NULL
        BEGIN
            DELETE FROM run_tags WHERE run_id = old.id
                AND tag IN (SELECT value FROM json_each('["' || replace(old.tags, ' ', '","') || '"]'));
        END;
        ALTER TABLE queues ADD COLUMN settings TEXT; -- null: the usual ones
        ALTER TABLE components ADD COLUMN at_once INTEGER; -- null: any number
        """
}
