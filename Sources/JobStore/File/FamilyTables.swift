extension Schema {
    /// Version 2 of `berth.db`: runs that other runs emit.
    ///
    /// A run that waits for its children is in none of the lanes: `ready` leaves it out until the last of them ends.
    static let familyTables = """
        ALTER TABLE runs ADD COLUMN stage INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE runs ADD COLUMN child_index INTEGER;
        ALTER TABLE runs ADD COLUMN label TEXT;
        ALTER TABLE runs ADD COLUMN children INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE runs ADD COLUMN open_children INTEGER NOT NULL DEFAULT 0;
        DROP INDEX ready;
        CREATE INDEX ready ON runs (queue_id, component_id, priority, due_at) WHERE state = 0 AND open_children = 0;
        CREATE INDEX waiting ON runs (state) WHERE state = 0 AND open_children > 0;
        -- A second end of one root stage makes no second children.
        CREATE UNIQUE INDEX children ON runs (parent_id, child_index) WHERE parent_id IS NOT NULL;
        """
}
