import GRDB

/// The tables of `inbox.db`. Names, columns and defaults are those that programs already write to elsewhere, so that their
/// statements work unchanged; columns that begin with `berth_` are ours.
enum InboxTables {
    private static let jobs = """
        CREATE TABLE IF NOT EXISTS job_center (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            job_name TEXT NOT NULL, job_type TEXT NOT NULL, cron_expr TEXT NOT NULL,
            hook_url TEXT, service_name TEXT, service_method TEXT, args TEXT,
            timeout INTEGER DEFAULT 300, enabled INTEGER DEFAULT 1,
            run_status TEXT DEFAULT '待运行', last_run_time TEXT,
            create_time TEXT DEFAULT CURRENT_TIMESTAMP, update_time TEXT DEFAULT CURRENT_TIMESTAMP,
            system_name TEXT DEFAULT '', lease_owner TEXT DEFAULT '', lease_expire_at TEXT, last_heartbeat_time TEXT,
            berth_state TEXT, berth_reason TEXT
        );
        """
    private static let tasks = """
        CREATE TABLE IF NOT EXISTS asynctasks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            service_name TEXT NOT NULL, method_name TEXT NOT NULL, task_name TEXT NOT NULL, arg TEXT,
            max_retry_time INTEGER DEFAULT 3, system_name TEXT NOT NULL DEFAULT '', task_status TEXT DEFAULT 'Wait',
            last_run_time TEXT, last_run_end_time TEXT, last_run_duration INTEGER DEFAULT 0,
            create_time TEXT DEFAULT CURRENT_TIMESTAMP, update_time TEXT DEFAULT CURRENT_TIMESTAMP,
            retry_time INTEGER DEFAULT 0, last_result TEXT, last_err_msg TEXT, log_id TEXT,
            priority INTEGER DEFAULT 0, tenant_id TEXT DEFAULT '',
            berth_run INTEGER, berth_key TEXT, berth_reason TEXT
        );
        """
    /// A row tells when it was touched; what we write back into `job_center` does not count.
    private static let touches = """
        CREATE TRIGGER IF NOT EXISTS berth_job_touched AFTER UPDATE OF
            job_name, job_type, cron_expr, hook_url, service_name, service_method, args, timeout, enabled, system_name
        ON job_center WHEN NEW.update_time IS OLD.update_time
        BEGIN UPDATE job_center SET update_time = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
        CREATE TRIGGER IF NOT EXISTS berth_task_touched AFTER UPDATE ON asynctasks
        WHEN NEW.update_time IS OLD.update_time
        BEGIN UPDATE asynctasks SET update_time = CURRENT_TIMESTAMP WHERE id = NEW.id; END;
        """

    /// What a table that somebody else made may lack.
    private static let wanted: [(table: String, columns: [String])] = [
        (
            "job_center",
            [
                "hook_url TEXT", "system_name TEXT", "update_time TEXT", "last_run_time TEXT", "run_status TEXT",
                "berth_state TEXT",
            ]
                + ["berth_reason TEXT"]
        ),
        (
            "asynctasks",
            ["priority INTEGER", "update_time TEXT", "last_run_time TEXT", "last_run_end_time TEXT"]
                + ["last_run_duration INTEGER", "retry_time INTEGER", "last_result TEXT", "last_err_msg TEXT"]
                + ["berth_run INTEGER", "berth_key TEXT", "berth_reason TEXT"]
        ),
    ]

    static func make(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            try db.execute(sql: jobs + tasks)
            for (table, columns) in wanted {
                let present = Set(try db.columns(in: table).map { $0.name.lowercased() })
                for column in columns where !present.contains(String(column.prefix { $0 != " " })) {
                    try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(column)")
                }
            }
            try db.execute(
                sql: touches + "CREATE INDEX IF NOT EXISTS berth_status ON asynctasks (task_status, id);")
            return .commit
        }
    }
}
