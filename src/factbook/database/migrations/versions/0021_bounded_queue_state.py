"""What the queue and the engine look like is told at one price, however many jobs wait: the oldest by an index, counts up to a bound."""

from alembic import op

revision = "0021"
down_revision = "0020"

_WORKER_IS_LOST_AFTER = "interval '30 seconds'"

# From one tenant that has open jobs to the next, by the index that starts with the tenant.
_HOLDERS = """
    RECURSIVE walked AS (
        (SELECT tenant_id FROM queued_jobs WHERE state <> 'done' ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT open.tenant_id FROM queued_jobs AS open WHERE open.state <> 'done' AND open.tenant_id > walked.tenant_id
            ORDER BY open.tenant_id LIMIT 1)
        FROM walked WHERE walked.tenant_id IS NOT NULL
    ), holders AS (SELECT tenant_id FROM walked WHERE tenant_id IS NOT NULL)
"""
# Where statistics say that nearly all jobs wait, walking all of them would be chosen to find the few that do not. The order leaves one index.
_BY_INDEX = "SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off"
# Of each state, `most` jobs of a tenant are counted and as many of all tenants.
_STATE = f"""
    CREATE FUNCTION queue_state(most bigint DEFAULT 10000) RETURNS json LANGUAGE sql STABLE SECURITY DEFINER {_BY_INDEX}
    BEGIN ATOMIC
        WITH {_HOLDERS}, counted AS (
            SELECT states.state, found.name, count(*) AS count
            FROM (VALUES ('waiting'), ('running'), ('failed')) AS states (state) CROSS JOIN LATERAL (
                SELECT open.name FROM holders CROSS JOIN LATERAL (
                    SELECT name FROM queued_jobs AS job
                    WHERE job.tenant_id = holders.tenant_id AND job.state = states.state AND job.state <> 'done' ORDER BY job.due_at LIMIT most
                ) AS open LIMIT most
            ) AS found
            GROUP BY states.state, found.name
        )
        SELECT json_build_object(
            'jobs', (SELECT coalesce(json_agg(json_build_object('name', name, 'state', state, 'count', count)), '[]') FROM counted),
            'counted_in_full', NOT EXISTS (SELECT FROM counted GROUP BY state HAVING sum(count) >= most),
            'oldest_waiting_seconds', (
                SELECT extract(epoch FROM now() - min(oldest.due_at)) FROM holders CROSS JOIN LATERAL (
                    SELECT due_at FROM queued_jobs AS job
                    WHERE job.tenant_id = holders.tenant_id AND job.state = 'waiting' AND job.due_at <= now() ORDER BY due_at LIMIT 1
                ) AS oldest),
            'workers', (SELECT count(*) FROM factbook_queue.workers WHERE seen_at > now() - {_WORKER_IS_LOST_AFTER}),
            'schedules', (SELECT coalesce(json_agg(json_build_object('name', name, 'cron', cron, 'last_tick', last_tick) ORDER BY name), '[]')
                FROM factbook_queue.schedules)
        );
    END
"""
_ENGINE_STATE = f"""
    CREATE FUNCTION engine_state(most bigint DEFAULT 10000) RETURNS json LANGUAGE sql STABLE SECURITY DEFINER {_BY_INDEX}
    BEGIN ATOMIC
        WITH {_HOLDERS}
        SELECT json_build_object(
            'seen', (SELECT coalesce(json_agg(DISTINCT engine), '[]') FROM factbook_queue.workers
                WHERE engine IS NOT NULL AND seen_at > now() - {_WORKER_IS_LOST_AFTER}),
            'jobs', (SELECT count(*) FROM (
                SELECT FROM holders CROSS JOIN LATERAL (
                    SELECT FROM queued_jobs AS job
                    WHERE job.tenant_id = holders.tenant_id AND job.state = 'waiting' AND job.due_at > now() ORDER BY job.due_at LIMIT most
                ) AS later LIMIT most) AS counted)
        );
    END
"""
_STATE_BEFORE = f"""
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
_ENGINE_STATE_BEFORE = f"""
    CREATE FUNCTION engine_state() RETURNS json LANGUAGE sql STABLE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT json_build_object(
            'seen', (SELECT coalesce(json_agg(DISTINCT engine), '[]') FROM factbook_queue.workers
                WHERE engine IS NOT NULL AND seen_at > now() - {_WORKER_IS_LOST_AFTER}),
            'jobs', (SELECT count(*) FROM queued_jobs WHERE state = 'waiting' AND due_at > now())
        );
    END
"""


def upgrade() -> None:
    """Replace both functions, and the index of open jobs by one in which the oldest of a tenant and a state comes first."""
    op.execute("DROP INDEX queued_jobs_open")
    op.execute("CREATE INDEX queued_jobs_open ON queued_jobs (tenant_id, state, due_at) INCLUDE (name) WHERE state <> 'done'")
    _replace(("queue_state()", "engine_state()"), (_STATE, _ENGINE_STATE), ("queue_state(bigint)", "engine_state(bigint)"))


def downgrade() -> None:
    """Take both back."""
    _replace(("queue_state(bigint)", "engine_state(bigint)"), (_STATE_BEFORE, _ENGINE_STATE_BEFORE), ("queue_state()", "engine_state()"))
    op.execute("DROP INDEX queued_jobs_open")
    op.execute("CREATE INDEX queued_jobs_open ON queued_jobs (tenant_id, state, name, due_at) WHERE state <> 'done'")


def _replace(dropped: tuple[str, ...], definitions: tuple[str, ...], made: tuple[str, ...]) -> None:
    for signature in dropped:
        op.execute(f"DROP FUNCTION {signature}")
    for definition in definitions:
        op.execute(definition)
    op.execute(f"REVOKE ALL ON FUNCTION {', '.join(made)} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {', '.join(made)} TO factbook_reader")
