extension Schema {
    /// Quarantines of plugins and their components, which outlive the host.
    static let streakTable = """
        CREATE TABLE crash_streaks (
            plugin TEXT NOT NULL,
            component TEXT NOT NULL, -- empty: the whole plugin
            digest TEXT NOT NULL,
            streak TEXT NOT NULL, -- JSON
            PRIMARY KEY (plugin, component)
        ) STRICT, WITHOUT ROWID;
        """
}
