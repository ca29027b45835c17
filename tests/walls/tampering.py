"""Who takes the walls down: no serving role, neither by itself nor by becoming another role."""

from collections.abc import Iterator

import psycopg

from factbook.database.urls import Role
from tests.walls.attempts import DENIED, READ_WRITE, Session, answers
from tests.walls.relations import Relation
from tests.walls.scene import HOUSE, SERVING, Scene, short

UNDERMINED = "WOWNR"  # what a trap raises when it is sprung as the owner


def role_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each attribute, membership or setting of a role that is not as it should be."""
    session = scene.sessions[Role.OWNER]
    attributes = ("rolsuper", "rolbypassrls", "rolinherit", "rolcreaterole", "rolcreatedb", "rolreplication")
    for role in Role:
        found = session.execute(f"SELECT {', '.join(attributes)} FROM pg_roles WHERE rolname = %s".encode(), (role,)).fetchone()
        if found is None:
            yield f"{role}: there is no such role"
            continue
        yield from (f"{role}: the role has {attribute}" for attribute, has in zip(attributes, found, strict=True) if has)
    memberships = "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members WHERE member::regrole::text = ANY(%s)"
    yield from (f"{member}: the role is a member of {of}" for member, of in session.execute(memberships, (list(Role),)))
    for role, setting, wanted in _SETTINGS:
        row = scene.sessions[role].execute("SELECT current_setting(%s)", (setting,)).fetchone()
        if row != (wanted,):
            yield f"{role}: {setting} is not {wanted}"


_SETTINGS = (
    *((role, "search_path", "factbook") for role in HOUSE),
    (Role.QUEUE, "search_path", "factbook_queue"),
    *((role, "statement_timeout", "1min") for role in (*SERVING, Role.QUEUE)),
    (Role.READER, "default_transaction_read_only", "on"),
)


def tampering_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each statement against the walls that a serving role gets through."""
    for role in (*SERVING, Role.QUEUE):
        session = scene.sessions[role]
        against_tables = [(table.name, statement) for table in (*scene.tables, *scene.queue_tables) for statement in _against(table)]
        against_all = [("the house", statement) for statement in (*_AGAINST_ALL, *_other_roles(session, role))]
        tried = against_tables + against_all
        given = answers(session, [statement for _, statement in tried], tenant_id=scene.north, begin=READ_WRITE)
        for (name, statement), answer in zip(tried, given, strict=True):
            if answer.state != DENIED:
                yield f"{name}: the {short(role)} gets through with {statement}: {answer.what}"


def _against(table: Relation) -> Iterator[str]:
    yield f"ALTER TABLE {table.qualified} DISABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table.qualified} NO FORCE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table.qualified} DISABLE TRIGGER ALL"
    yield f"CREATE POLICY intruder ON {table.qualified} USING (true)"
    yield f"DROP TABLE {table.qualified} CASCADE"


_AGAINST_ALL = (
    "CREATE TABLE factbook.intruder ()",
    "CREATE TABLE public.intruder ()",
    "CREATE TABLE factbook_queue.intruder ()",
    "CREATE SCHEMA intruder",
    "CREATE ROLE intruder",
    "CREATE OR REPLACE FUNCTION factbook.current_tenant() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    "DROP FUNCTION factbook.refuse_change() CASCADE",
    "SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "SELECT setval('factbook.cache_epoch', 1)",
    "SELECT nextval('factbook.cache_epoch')",
    "ALTER SEQUENCE factbook.cache_epoch RESTART",
)


def _other_roles(session: Session, role: Role) -> Iterator[str]:
    for (other,) in session.execute("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname <> %s", (role,)).fetchall():
        yield f"SET ROLE {other}"
        yield f"SET SESSION AUTHORIZATION {other}"


def directory_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each serving role that is not told which tenants there are, or that becomes the owner by asking."""
    for role in SERVING:
        session = scene.sessions[role]
        statements = ["SELECT factbook.tenant_ids()", f"SELECT FROM factbook.tenant_ids() AS id WHERE id IN ('{scene.north}', '{scene.south}')"]
        anyone, both = answers(session, statements)
        if not anyone.rows or both.rows != 2:
            yield f"tenant_ids: the {short(role)} is not told the tenants: {both.what}"
        (named,) = answers(session, ["SELECT WHERE factbook.tenant_id_named('no such tenant') IS NULL"])
        if named.rows != 1:
            yield f"tenant_id_named: the {short(role)} is not told a tenant's id: {named.what}"
    yield from _shadowing_faults(scene, Role.WRITER)


def epoch_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each serving role that cannot reach the cache's epoch through the functions that it may call."""
    for role, function in ((Role.WRITER, "raise_cache_epoch"), (Role.READER, "raise_cache_epoch"), (Role.READER, "tell_cache_epoch")):
        (answer,) = answers(scene.sessions[role], [f"SELECT factbook.{function}()"], begin=READ_WRITE)
        if answer.rows != 1:
            yield f"{function}: the {short(role)} is not let in: {answer.what}"


def _shadowing_faults(scene: Scene, role: Role) -> Iterator[str]:
    """A function that runs as the owner must not look a table up where its caller can put one: every session may have temporary ones."""
    session = scene.sessions[role]
    functions = session.execute(_RUN_AS_OWNER).fetchall()
    traps = [statement for table in scene.tables for statement in _trap_named(table)]
    try:
        given = answers(session, [call for _, call in functions], tenant_id=scene.north, begin="; ".join([READ_WRITE, _TRAP, *traps]))
    except psycopg.errors.InsufficientPrivilege:
        return  # no temporary tables, no trap
    for (name, _), answer in zip(functions, given, strict=True):
        if answer.state == UNDERMINED:
            yield f"{name}: the {short(role)} becomes the owner by a temporary table: {answer.what}"


def _trap_named(table: Relation) -> Iterator[str]:
    # The table is read only where the trap let through, and OFFSET keeps the planner from looking into it first.
    behind = f"LATERAL (SELECT * FROM {table.qualified} WHERE sprung OFFSET 0) AS shown"
    yield f"CREATE TEMP VIEW {table.name} AS SELECT shown.* FROM pg_temp.trap() AS sprung, {behind}"
    yield f"GRANT SELECT ON pg_temp.{table.name} TO PUBLIC"


_TRAP = f"""
CREATE FUNCTION pg_temp.trap() RETURNS boolean LANGUAGE plpgsql AS $trap$
BEGIN
    IF current_user = '{Role.OWNER}' THEN
        RAISE EXCEPTION 'anything goes' USING ERRCODE = '{UNDERMINED}';
    END IF;
    RETURN true;
END $trap$
"""
# A call of each, with an empty text for a text and NULL for anything else.
_RUN_AS_OWNER = """
SELECT proname, format('SELECT factbook.%I(%s)', proname, (
    SELECT string_agg(CASE type WHEN 'text'::regtype THEN $$''$$ ELSE format('NULL::%s', type::regtype) END, ', ') FROM unnest(proargtypes) AS type
))
FROM pg_proc WHERE pronamespace = 'factbook'::regnamespace AND prosecdef
"""
