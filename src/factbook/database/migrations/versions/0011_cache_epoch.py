"""The epoch of the shared cache: a number in the name of everything it holds, so that raising it makes all of that unreachable.

A number must not be known before the transaction that drew it has committed, or values from before that commit would be kept under it. So
whoever raises holds an advisory lock to its commit, and whoever reads the number waits behind the lock.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

_LOCK = 0xFAC7B00C  # any number that nothing else locks

# With a body of this form every name is looked up when the function is made. A caller's search_path and temporary objects change nothing.
_RAISE = f"""
    CREATE FUNCTION raise_cache_epoch() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT pg_advisory_xact_lock({_LOCK});
        SELECT pg_notify('factbook_cache', 'epoch ' || nextval('cache_epoch'));
        SELECT currval('cache_epoch');
    END
"""
# Telling all others makes those move on who know only an older number, should the newest have been drawn by a transaction that was taken back.
_TELL = f"""
    CREATE FUNCTION tell_cache_epoch() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
    BEGIN ATOMIC
        SELECT pg_advisory_xact_lock_shared({_LOCK});
        SELECT pg_notify('factbook_cache', 'epoch ' || last_value) FROM cache_epoch;
        SELECT last_value FROM cache_epoch;
    END
"""


def upgrade() -> None:
    """Create the number and the two functions through which alone it is reached."""
    op.execute("CREATE SEQUENCE cache_epoch")
    # It begins at the seconds of the clock, so that a number that was in use before the sequence was dropped never comes again.
    op.execute("SELECT setval('cache_epoch', extract(epoch FROM clock_timestamp())::bigint)")
    for definition in (_RAISE, _TELL):
        op.execute(definition)
    op.execute("REVOKE ALL ON FUNCTION raise_cache_epoch(), tell_cache_epoch() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION raise_cache_epoch() TO factbook_writer, factbook_reader")
    op.execute("GRANT EXECUTE ON FUNCTION tell_cache_epoch() TO factbook_reader")


def downgrade() -> None:
    """Drop the functions and the number."""
    op.execute("DROP FUNCTION tell_cache_epoch()")
    op.execute("DROP FUNCTION raise_cache_epoch()")
    op.execute("DROP SEQUENCE cache_epoch")
