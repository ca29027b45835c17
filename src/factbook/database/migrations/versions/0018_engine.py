"""How each worker saw the engine to which it hands jobs over, and a function that tells it and how many jobs the engine has."""

from alembic import op

revision = "0018"
down_revision = "0017"

_WORKER_IS_LOST_AFTER = "interval '30 seconds'"

# While there is an engine, a job that waits until later is one that was handed over, or one whose next run the engine will start.
_STATE = f"""
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
    """Add the column and the function."""
    states = "'ok', 'nobody runs its tasks', 'unreachable', 'refuses the token'"
    op.execute(f"ALTER TABLE factbook_queue.workers ADD COLUMN engine text CHECK (engine IN ({states}))")
    op.execute(_STATE)
    op.execute("REVOKE ALL ON FUNCTION engine_state() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION engine_state() TO factbook_reader")


def downgrade() -> None:
    """Take both back."""
    op.execute("DROP FUNCTION engine_state()")
    op.execute("ALTER TABLE factbook_queue.workers DROP COLUMN engine")
