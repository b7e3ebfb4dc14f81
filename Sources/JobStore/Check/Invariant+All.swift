/// Every rule. Rules of a family of rows stand together; each is broken on purpose in a test.
extension Invariant {
    static let all: [Invariant] = rows + counts + indexes + ids

    private static let rows = [
        Invariant(
            name: "states", breach: "the state of these runs means nothing",
            remedy: .statement("UPDATE runs SET state = 2 WHERE state NOT BETWEEN 0 AND 7"),
            sql: "SELECT 'run ' || id FROM runs WHERE state NOT BETWEEN 0 AND 7"),
        Invariant(
            name: "starts", breach: "they are said to run, and no start was recorded",
            remedy: .statement("UPDATE runs SET state = 0 WHERE state = 1 AND (starts < 1 OR started_at IS NULL)"),
            sql: "SELECT 'run ' || id FROM runs WHERE state = 1 AND (starts < 1 OR started_at IS NULL)"),
        Invariant(
            name: "names", breach: "the component, queue or policy of these runs is not there",
            remedy: restore,
            sql: """
                SELECT 'run ' || id FROM runs
                WHERE component_id NOT IN (SELECT id FROM components) OR queue_id NOT IN (SELECT id FROM queues)
                    OR (policy_id IS NOT NULL AND policy_id NOT IN (SELECT id FROM policies))
                """),
        Invariant(
            name: "attempts of runs", breach: "attempts are kept of runs that are not there",
            remedy: .statement("DELETE FROM attempts WHERE run_id NOT IN (SELECT id FROM runs)"),
            sql: "SELECT DISTINCT 'run ' || run_id FROM attempts WHERE run_id NOT IN (SELECT id FROM runs)"),
        Invariant(
            name: "transitions of runs", breach: "changes are kept of runs that are not there",
            remedy: .statement("DELETE FROM transitions WHERE run_id NOT IN (SELECT id FROM runs)"),
            sql: "SELECT DISTINCT 'run ' || run_id FROM transitions WHERE run_id NOT IN (SELECT id FROM runs)"),
        Invariant(
            name: "tags", breach: "tags are kept of runs that are not there",
            remedy: .statement("DELETE FROM run_tags WHERE run_id NOT IN (SELECT id FROM runs)"),
            sql: "SELECT DISTINCT 'run ' || run_id FROM run_tags WHERE run_id NOT IN (SELECT id FROM runs)"),
        Invariant(
            name: "dispatches", breach: "a server is owed the end of runs that are not there, or are not from it",
            remedy: .statement(
                """
                DELETE FROM dispatches WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = run_id \
                AND runs.instance = dispatches.instance AND actor = 'upstream:' || upstream AND source = 4)
                """),
            sql: """
                SELECT 'run ' || run_id FROM dispatches WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = run_id
                    AND runs.instance = dispatches.instance AND actor = 'upstream:' || upstream AND source = 4)
                """),
        Invariant(
            name: "loans", verdict: .weak, breach: "attempts are said to be lent that are not under way",
            remedy: .statement(
                """
                DELETE FROM loans WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = run_id AND state = 1 \
                AND starts = number)
                """),
            sql: """
                SELECT 'run ' || run_id FROM loans
                WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = run_id AND state = 1 AND starts = number)
                """),
    ]

    private static let counts = [
        Invariant(
            name: "attempts", breach: "these runs were started more or less often than attempts are kept of them",
            remedy: restore,
            sql: """
                SELECT 'run ' || id FROM runs
                WHERE starts - (state = 1) != (SELECT count(*) FROM attempts WHERE run_id = runs.id)
                """),
        Invariant(
            name: "counters", breach: "they count more failures, crashes or interruptions than attempts ended so",
            remedy: .words("They may be given up too early: `berth runs retry` begins to count anew."),
            sql: """
                SELECT 'run ' || id FROM runs WHERE failures + crashes + interruptions > 0 AND (
                    failures > (SELECT count(*) FROM attempts WHERE run_id = runs.id AND outcome IN (100, 101, 300))
                    OR crashes > (SELECT count(*) FROM attempts WHERE run_id = runs.id AND outcome / 100 = 4)
                    OR interruptions > (SELECT count(*) FROM attempts WHERE run_id = runs.id AND outcome / 100 = 5))
                """),
        Invariant(
            name: "open children", breach: "these runs wait for another number of children than are open",
            remedy: .statement(
                """
                UPDATE runs SET open_children = (SELECT count(*) FROM runs c WHERE c.parent_id = runs.id \
                AND c.state < 3) WHERE state = 0 AND (stage = 3 OR gate = 1 OR open_children != 0)
                """),
            sql: """
                SELECT 'run ' || id FROM runs WHERE state = 0 AND (stage = 3 OR gate = 1 OR open_children != 0)
                    AND open_children != (SELECT count(*) FROM runs AS child
                        WHERE child.parent_id = runs.id AND child.state IN (0, 1, 2))
                """),
        Invariant(
            name: "children", breach: "these runs wait for another number of children in all than there are",
            remedy: .statement(
                """
                UPDATE runs SET children = (SELECT count(*) FROM runs c WHERE c.parent_id = runs.id \
                AND c.child_index >= 0) WHERE state = 0 AND stage = 3
                """),
            sql: """
                SELECT 'run ' || id FROM runs WHERE state = 0 AND stage = 3 AND children != (
                    SELECT count(*) FROM runs AS child WHERE child.parent_id = runs.id AND child.child_index >= 0)
                """),
        Invariant(
            name: "failed children",
            breach: "they count another number of children that did not succeed than there are",
            remedy: .statement(
                """
                UPDATE runs SET failed_children = (SELECT count(*) FROM runs c WHERE c.parent_id = runs.id \
                AND c.child_index >= 0 AND c.state > 3) WHERE state = 0 AND stage = 3
                """),
            sql: """
                SELECT 'run ' || id FROM runs WHERE state = 0 AND stage = 3 AND failed_children != (
                    SELECT count(*) FROM runs AS child
                    WHERE child.parent_id = runs.id AND child.child_index >= 0 AND child.state > 3)
                """),
        Invariant(
            name: "gates", breach: "they are said to wait for the step before them, and it is not so",
            remedy: .statement(
                """
                UPDATE runs SET gate = 0, open_children = 0 WHERE state = 0 AND gate = 1 AND NOT EXISTS (SELECT 1 \
                FROM runs step WHERE step.parent_id = runs.id AND step.child_index IS NULL AND step.state < 3)
                """),
            sql: """
                SELECT 'run ' || id FROM runs WHERE state = 0 AND gate = 1 AND NOT EXISTS (SELECT 1
                    FROM runs AS step
                    WHERE step.parent_id = runs.id AND step.child_index IS NULL AND step.state IN (0, 1, 2))
                """),
        Invariant(
            name: "totals", breach: "the totals of these states are not the numbers of their runs",
            remedy: .statement(
                "UPDATE totals SET runs = (SELECT count(*) FROM runs WHERE runs.state = totals.state)"),
            sql: """
                SELECT 'state ' || totals.state || ' (' || runs || ' instead of ' || coalesce(rows, 0) || ')' FROM totals
                LEFT JOIN (SELECT state, count(*) AS rows FROM runs GROUP BY state) AS counted USING (state)
                WHERE runs != coalesce(rows, 0)
                """),
        Invariant(
            name: "figures", breach: "figures are kept of components that are not there",
            remedy: .statement("DELETE FROM figures WHERE kind = 0 AND subject NOT IN (SELECT id FROM components)"),
            sql: """
                SELECT 'component ' || subject FROM figures
                WHERE kind = 0 AND subject NOT IN (SELECT id FROM components)
                """),
        Invariant(
            name: "values of jobs", breach: "plugins keep values for jobs that are not there",
            remedy: .statement(
                """
                DELETE FROM plugin_state WHERE job_id > 0 AND job_id NOT IN (SELECT id FROM jobs); \(bytesOfPlugins)
                """),
            sql: """
                SELECT DISTINCT 'plugin ' || plugin || ', job ' || job_id FROM plugin_state
                WHERE job_id > 0 AND job_id NOT IN (SELECT id FROM jobs)
                """),
        Invariant(
            name: "bytes of plugins", breach: "what these plugins keep is not as large as is counted",
            remedy: .statement(bytesOfPlugins),
            sql: """
                SELECT 'plugin ' || plugin FROM plugin_state_bytes WHERE bytes != (
                    SELECT coalesce(sum(length(key) + length(value)), 0) FROM plugin_state AS kept
                    WHERE kept.plugin = plugin_state_bytes.plugin)
                """),
    ]

    private static let indexes = [
        Invariant(
            name: "unique keys", breach: "more than one run that has not ended has these keys",
            remedy: .words("Cancel all but one of the runs of each, then `REINDEX` with the host stopped."),
            sql: """
                SELECT 'key ' || unique_key FROM runs NOT INDEXED WHERE unique_key IS NOT NULL AND state IN (0, 1, 2)
                GROUP BY unique_key HAVING count(*) > 1
                """),
        Invariant(
            name: "owed instances", breach: "a server is owed more than one end of these",
            remedy: .words("Silence all but the newest of each: `UPDATE dispatches SET silenced = 1`, then `REINDEX`."),
            sql: """
                SELECT upstream || ' ' || instance FROM dispatches NOT INDEXED WHERE silenced = 0
                GROUP BY upstream, instance HAVING count(*) > 1
                """),
        Invariant(
            name: "fires", breach: "these jobs have more than one run for one planned instant",
            remedy: restore,
            sql: """
                SELECT 'job ' || job_id FROM runs NOT INDEXED WHERE fire_at IS NOT NULL
                GROUP BY job_id, fire_at HAVING count(*) > 1
                """),
        Invariant(
            name: "ready index", breach: "the index that lanes are read from holds other runs than those that wait",
            remedy: .statement("REINDEX ready"),
            sql: """
                SELECT inside || ' instead of ' || waiting FROM
                    (SELECT count(*) AS inside FROM runs INDEXED BY ready WHERE state = 0 AND open_children = 0),
                    (SELECT count(*) AS waiting FROM runs NOT INDEXED WHERE state = 0 AND open_children = 0)
                WHERE inside != waiting
                """),
    ]

    private static let ids = [
        Invariant(
            name: "high-water marks", breach: "ids above the highest that is said to have been used",
            remedy: .statement(
                """
                UPDATE marks SET value = (SELECT max(id) FROM runs) WHERE name = 'run' \
                AND value < (SELECT max(id) FROM runs); \
                UPDATE marks SET value = (SELECT max(id) FROM jobs) WHERE name = 'job' \
                AND value < (SELECT max(id) FROM jobs)
                """),
            sql: """
                SELECT name || ' ' || used FROM marks JOIN (
                    SELECT 'run' AS name, max(id) AS used FROM runs UNION SELECT 'job', max(id) FROM jobs) USING (name)
                WHERE used > value
                """),
        Invariant(
            name: "watermarks", breach: "these jobs are said to have fired at instants that are yet to come",
            remedy: .words("Their schedules rest until then. Put the clock right and start the host anew."),
            sql: "SELECT 'job ' || name FROM jobs WHERE watermark > (strftime('%s', 'now') + 3600) * 1000000"),
    ]

    private static let bytesOfPlugins = """
        UPDATE plugin_state_bytes SET bytes = (SELECT coalesce(sum(length(key) + length(value)), 0) \
        FROM plugin_state s WHERE s.plugin = plugin_state_bytes.plugin)
        """

    private static let restore = Remedy.words("Stop the host and restore a backup: `berth restore FOLDER --force`.")
}
