"""Jobs: what is to be done and what became of it, and beside that the tables from which pgqueuer hands the jobs out.

`queued_jobs` is the record. What pgqueuer holds is which job to hand out when, by ids alone. It lies in a schema of its own, so that the role
that hands out needs no way into the schema of customers; writers can only put a job of their own tenant into it.
"""

from alembic import op

from factbook.database.migrations.walls import protect
from factbook.database.queue_schema import install_statements, uninstall_statements

revision = "0016"
down_revision = "0015"

# The queue's role picks and removes; it cannot make up a job. pgqueuer's schedules and statistics are not used, but it asks whether they are there.
_RIGHTS_OF_THE_QUEUE = {
    "pgqueuer": "SELECT, UPDATE, DELETE",
    "pgqueuer_log": "SELECT, INSERT, DELETE",
    "pgqueuer_schedules": "SELECT",
    "pgqueuer_statistics": "SELECT",
    "workers": "SELECT, INSERT, UPDATE, DELETE",
    "schedules": "SELECT, INSERT, UPDATE, DELETE",
}
_WORKER_IS_LOST_AFTER = "interval '30 seconds'"

# Bodies of this form are bound to what they name when they are made: a caller's search_path and temporary objects change nothing.
_STATE = f"""
    CREATE FUNCTION queue_state() RETURNS json LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT json_build_object(
            'jobs', (SELECT coalesce(json_agg(json_build_object('name', name, 'state', state, 'count', count)), '[]') FROM (
                SELECT name, state, count(*) FROM queued_jobs WHERE state <> 'done' GROUP BY name, state) AS counted),
            'oldest_waiting_seconds', (
                SELECT extract(epoch FROM now() - min(due_at)) FROM queued_jobs WHERE state = 'waiting' AND due_at <= now()),
            'workers', (SELECT count(*) FROM factbook_queue.workers WHERE seen_at > now() - {_WORKER_IS_LOST_AFTER}),
            'schedules', (SELECT coalesce(json_agg(json_build_object('name', name, 'cron', cron, 'last_tick', last_tick) ORDER BY name), '[]')
                FROM factbook_queue.schedules)
        );
    END
"""
# A job that is due and that nobody hands out is handed out anew. One that is being handed out has its row, and a second is refused.
_HAND_OUT_LOST = """
    CREATE FUNCTION factbook_queue.hand_out_lost_jobs(overdue interval) RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        WITH handed_out AS (
            INSERT INTO factbook_queue.pgqueuer (tenant_id, priority, status, entrypoint, dedupe_key, payload)
            SELECT tenant_id, 0, 'queued', name, id::text, convert_to(tenant_id::text || ' ' || id::text, 'UTF8')
            FROM queued_jobs WHERE state IN ('waiting', 'running') AND due_at < now() - overdue
            ON CONFLICT DO NOTHING RETURNING 1
        )
        SELECT count(*) FROM handed_out;
    END
"""
# Nobody deletes but this function, and it deletes nothing but what is done, and not before a day is over.
_FORGET_DONE = """
    CREATE FUNCTION forget_done_jobs(finished_before timestamptz, at_most bigint) RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        WITH old AS (
            SELECT tenant_id, id FROM queued_jobs
            WHERE tenant_id = current_tenant() AND state = 'done' AND finished_at < least(finished_before, now() - interval '1 day')
            ORDER BY finished_at LIMIT at_most
        ), forgotten AS (
            DELETE FROM queued_jobs USING old WHERE queued_jobs.tenant_id = old.tenant_id AND queued_jobs.id = old.id RETURNING 1
        )
        SELECT count(*) FROM forgotten;
    END
"""


_DUE = "status = 'active' AND expires_at IS NOT NULL AND deleted_at IS NULL"
_WALKS = [
    *((f"{table}_due", table, "tenant_id, expires_at", _DUE) for table in ("profile_fields", "profile_assets")),
    *((f"{table}_derived", table, "tenant_id, source_item_id", "source_item_id IS NOT NULL") for table in ("profile_fields", "profile_assets")),
]


def _index(name: str, table: str, columns: str, condition: str) -> None:
    """Make the index anew under its name."""
    op.execute(f"DROP INDEX {name}")
    op.execute(f"CREATE INDEX {name} ON {table} ({columns}) WHERE {condition}")


def upgrade() -> None:
    """Create the record, what hands out, and the functions through which alone anybody looks over all tenants."""
    # Jobs walk along these in steps, from one key to the next.
    for name, table, columns, condition in _WALKS:
        _index(name, table, f"{columns}, id", condition)
    op.execute("CREATE SCHEMA factbook_queue")
    _create_record()
    _create_what_hands_out()
    for definition in (_STATE, _HAND_OUT_LOST, _FORGET_DONE):
        op.execute(definition)
    functions = "queue_state(), forget_done_jobs(timestamptz, bigint), factbook_queue.hand_out_lost_jobs(interval)"
    op.execute(f"REVOKE ALL ON FUNCTION {functions} FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION queue_state() TO factbook_reader")
    op.execute("GRANT EXECUTE ON FUNCTION forget_done_jobs(timestamptz, bigint) TO factbook_writer")
    op.execute("GRANT EXECUTE ON FUNCTION factbook_queue.hand_out_lost_jobs(interval) TO factbook_queue")


def _create_record() -> None:
    op.execute(
        """
        CREATE TABLE queued_jobs (
            tenant_id      uuid NOT NULL REFERENCES tenants,
            id             uuid NOT NULL,
            name           text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
            key            text COLLATE "C" CHECK (length(key) BETWEEN 1 AND 200),
            tick           timestamptz(3),
            input          json NOT NULL,
            state          text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
            attempts       integer NOT NULL CHECK (attempts >= 0),
            reason         text CHECK (length(reason) <= 500),
            progress_done  bigint,
            progress_total bigint,
            created_at     timestamptz(3) NOT NULL,
            due_at         timestamptz(3) NOT NULL,
            begun_at       timestamptz(3),
            finished_at    timestamptz(3),
            PRIMARY KEY (tenant_id, id),
            CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL)),
            CHECK ((state = 'failed') <= (reason IS NOT NULL))
        )
        """
    )
    protect(
        "queued_jobs",
        writer_updates=("state", "attempts", "reason", "progress_done", "progress_total", "due_at", "begun_at", "finished_at"),
    )
    # A job that has been begun may have read what has changed since, so it no longer stands in for a new one of its key.
    op.execute("CREATE UNIQUE INDEX queued_jobs_unbegun ON queued_jobs (tenant_id, name, key) WHERE begun_at IS NULL AND key IS NOT NULL")
    op.execute("CREATE UNIQUE INDEX queued_jobs_of_tick ON queued_jobs (tenant_id, name, tick) WHERE tick IS NOT NULL")
    op.execute("CREATE INDEX queued_jobs_open ON queued_jobs (tenant_id, state, name, due_at) WHERE state <> 'done'")
    op.execute("CREATE INDEX queued_jobs_done ON queued_jobs (tenant_id, finished_at) WHERE state = 'done'")
    # Only the owner sees the jobs of all tenants, and only its functions ask as the owner.
    op.execute("CREATE POLICY overseen ON queued_jobs FOR SELECT TO factbook_owner USING (true)")


def _create_what_hands_out() -> None:
    op.execute(install_statements())
    op.execute("ALTER TABLE factbook_queue.pgqueuer ADD COLUMN tenant_id uuid NOT NULL")
    op.execute(
        """
        CREATE TABLE factbook_queue.workers (
            id          uuid PRIMARY KEY,
            started_at  timestamptz(3) NOT NULL,
            seen_at     timestamptz(3) NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE factbook_queue.schedules (
            name      text COLLATE "C" PRIMARY KEY,
            cron      text NOT NULL,
            last_tick timestamptz(3)
        )
        """
    )
    op.execute("GRANT USAGE ON SCHEMA factbook_queue TO factbook_queue, factbook_writer")
    op.execute("REVOKE ALL ON FUNCTION factbook_queue.fn_pgqueuer_changed() FROM PUBLIC")
    for table, rights in _RIGHTS_OF_THE_QUEUE.items():
        op.execute(f"ALTER TABLE factbook_queue.{table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE factbook_queue.{table} FORCE ROW LEVEL SECURITY")
        if rights != "SELECT":
            op.execute(f"CREATE POLICY handing_out ON factbook_queue.{table} TO factbook_queue USING (true) WITH CHECK (true)")
        op.execute(f"GRANT {rights} ON factbook_queue.{table} TO factbook_queue")
    for table in ("workers", "schedules"):
        op.execute(f"CREATE POLICY overseen ON factbook_queue.{table} FOR SELECT TO factbook_owner USING (true)")
    op.execute("CREATE POLICY handed_out_anew ON factbook_queue.pgqueuer FOR INSERT TO factbook_owner WITH CHECK (true)")
    op.execute(
        "CREATE POLICY tenant_wall ON factbook_queue.pgqueuer FOR INSERT TO factbook_writer WITH CHECK (tenant_id = factbook.current_tenant())"
    )
    op.execute("GRANT INSERT ON factbook_queue.pgqueuer TO factbook_writer")
    op.execute("GRANT USAGE ON SEQUENCE factbook_queue.pgqueuer_id_seq TO factbook_writer")


def downgrade() -> None:
    """Drop all of it. Jobs that wait are lost with it."""
    op.execute("DROP FUNCTION factbook_queue.hand_out_lost_jobs(interval)")
    op.execute("DROP FUNCTION forget_done_jobs(timestamptz, bigint)")
    op.execute("DROP FUNCTION queue_state()")
    op.execute("DROP TABLE queued_jobs")
    op.execute("DROP TABLE factbook_queue.schedules")
    op.execute("DROP TABLE factbook_queue.workers")
    op.execute(uninstall_statements())
    op.execute("DROP SCHEMA factbook_queue")
    for name, table, columns, condition in _WALKS:
        _index(name, table, columns, condition)
