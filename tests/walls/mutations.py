"""Every way to take one stone out of the walls, read off the catalog, each with the statement that puts it back.

What is listed here is found in the catalog, so a new table, grant, policy or trigger is tried from the day it is made.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from factbook.database.roles import QUEUE_SCHEMA
from factbook.database.urls import Role
from tests.walls.attempts import Session
from tests.walls.relations import relations
from tests.walls.scene import short

TRIGGER_EVENTS = ("INSERT", "DELETE", "UPDATE", "TRUNCATE")


@dataclass(frozen=True, slots=True)
class Mutation:
    """`breaking` takes the stone out and `mending` puts it back. `words` all stand in at least one fault that speaks of it."""

    breaking: str
    mending: str
    words: tuple[str, ...]

    def is_told_by(self, fault: str) -> bool:
        """Whether the fault speaks of this mutation."""
        return all(re.search(rf"\b{re.escape(word)}\b", fault) for word in self.words)


def policies(owner: Session, schema: str = "factbook") -> Iterator[Mutation]:
    """Each policy dropped, opened for all rows, opened for all new rows, and opened for all roles."""
    rows = owner.execute(
        """
        SELECT tablename, format('%%I ON %%I.%%I', policyname, schemaname, tablename), permissive, array_to_string(roles, ', '), cmd, qual, with_check
        FROM pg_policies WHERE schemaname = %s ORDER BY tablename, policyname
        """,
        (schema,),
    )
    for table, policy, permissive, roles, command, qual, with_check in rows.fetchall():
        conditions = (f" USING ({qual})" if qual else "") + (f" WITH CHECK ({with_check})" if with_check else "")
        mending = f"DROP POLICY IF EXISTS {policy}; CREATE POLICY {policy} AS {permissive} FOR {command} TO {roles}{conditions}"
        yield Mutation(f"DROP POLICY {policy}", mending, (table,))
        if qual not in (None, "true"):
            yield Mutation(f"ALTER POLICY {policy} USING (true)", mending, (table,))
        if with_check not in (None, "true"):
            yield Mutation(f"ALTER POLICY {policy} WITH CHECK (true)", mending, (table, "inserts"))
        if roles != "public":
            yield Mutation(f"ALTER POLICY {policy} TO PUBLIC", mending, (table,))


def row_security(owner: Session, schema: str = "factbook", held: Role = Role.READER) -> Iterator[Mutation]:
    """Each table with its row-level security disabled, which lets those through whom it held, and with the owner let through."""
    for table in relations(owner, schema):
        if not table.is_view:
            enable, force = (f"ALTER TABLE {table.qualified} {what} ROW LEVEL SECURITY" for what in ("ENABLE", "FORCE"))
            yield Mutation(enable.replace("ENABLE", "DISABLE"), enable, (table.name, short(held)))
            yield Mutation(force.replace("FORCE", "NO FORCE"), force, (table.name, "owner"))


def triggers(owner: Session) -> Iterator[Mutation]:
    """Each trigger dropped, disabled, and narrowed by each of its events."""
    rows = owner.execute(
        """
        SELECT tgrelid::regclass::text, format('%I ON %s', tgname, tgrelid::regclass), quote_ident(tgname), pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'factbook'::regnamespace)
        ORDER BY 1, 2
        """
    )
    for table, trigger, name, definition in rows.fetchall():
        made_again = f"DROP TRIGGER IF EXISTS {trigger}; {definition}"
        yield Mutation(f"DROP TRIGGER {trigger}", made_again, (table, "trigger"))
        yield Mutation(f"ALTER TABLE {table} DISABLE TRIGGER {name}", f"ALTER TABLE {table} ENABLE TRIGGER {name}", (table, "trigger"))
        events = [event for event in TRIGGER_EVENTS if f" {event} " in definition.partition(" ON ")[0] + " "]
        for event in events:
            fewer = definition.replace(" OR ".join(events), " OR ".join(other for other in events if other != event))
            yield Mutation(f"DROP TRIGGER {trigger}; {fewer}", made_again, (table, "trigger", event))


def functions(owner: Session) -> Iterator[Mutation]:
    """Each function that runs as the owner, looking its tables up where its caller says. How it is planned is no wall."""
    rows = owner.execute(
        """
        SELECT proname, oid::regprocedure::text, split_part(setting, '=', 1), split_part(setting, '=', 2)
        FROM pg_proc, unnest(proconfig) AS setting WHERE pronamespace = 'factbook'::regnamespace AND prosecdef
            AND NOT starts_with(setting, 'enable_')
        ORDER BY proname, setting
        """
    )
    for name, function, setting, value in rows.fetchall():
        yield Mutation(f"ALTER FUNCTION {function} RESET {setting}", f"ALTER FUNCTION {function} SET {setting} = {value}", (name, "becomes"))


def grants(owner: Session, role: Role, schema: str = "factbook") -> Iterator[Mutation]:
    """Each right of the role on schema, tables, views, columns and functions revoked, and each right it has as one of the public."""
    asked = {"role": role, "public": role is Role.READER, "schema": schema}
    for right, thing, grantee, word in owner.execute(_GRANTS, asked).fetchall():
        yield Mutation(f"REVOKE {right} ON {thing} FROM {grantee}", f"GRANT {right} ON {thing} TO {grantee}", (word,))


_GRANTS = """
WITH things (word, thing, acl) AS (
    SELECT nspname::text, format('SCHEMA %%I', nspname), nspacl FROM pg_namespace WHERE nspname = %(schema)s
    UNION ALL
    SELECT relname::text, format('%%s%%I.%%I', CASE relkind WHEN 'S' THEN 'SEQUENCE ' END, %(schema)s::text, relname), relacl
    FROM pg_class WHERE relnamespace = %(schema)s::regnamespace
    UNION ALL
    SELECT proname::text, format('FUNCTION %%s', oid::regprocedure), coalesce(proacl, acldefault('f', proowner))
    FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace
        AND prorettype <> 'trigger'::regtype -- who may run a trigger is asked only when it is made
), granted (word, thing, privilege, grantee) AS (
    SELECT word, thing, privilege_type, grantee FROM things, aclexplode(acl)
    UNION ALL
    SELECT relname::text, format('%%I.%%I', %(schema)s::text, relname), format('%%s (%%I)', privilege_type, attname), grantee
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl) WHERE relnamespace = %(schema)s::regnamespace
)
SELECT privilege, thing, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, word FROM granted
WHERE grantee = to_regrole(%(role)s) OR (grantee = 0 AND %(public)s) ORDER BY thing, privilege
"""


def added_grants(owner: Session, role: Role, schema: str = "factbook", also: Sequence[str] = ()) -> Iterator[Mutation]:
    """Each right to write (and `also`) that the role does not have, given to it: on each table, to the writer also on one column of each."""
    held = {(right, thing) for right, thing, *_ in owner.execute(_GRANTS, {"role": role, "public": False, "schema": schema}).fetchall()}
    for table in relations(owner, schema):
        to_a_column = [f"UPDATE ({table.columns[-1]})"] if role is Role.WRITER and schema == "factbook" else []
        for right in (*also, "INSERT", "UPDATE", "DELETE", "TRUNCATE", *to_a_column):
            if not table.is_view and (right, table.qualified) not in held:
                # Revoking a right to a table takes it from the columns, too.
                columns = [f"GRANT {one} ON {thing} TO {role}" for one, thing in held if thing == table.qualified and one.startswith(f"{right} (")]
                mending = "; ".join([f"REVOKE {right} ON {table.qualified} FROM {role}", *columns])
                yield Mutation(f"GRANT {right} ON {table.qualified} TO {role}", mending, (table.name, short(role), right.split()[0]))


# By name, so that they can be shared out before there is a database to read.
GROUPS: dict[str, Callable[[Session], Iterator[Mutation]]] = {
    "policies": policies,
    "row security": row_security,
    "triggers": triggers,
    "functions": functions,
    "grants of the reader": partial(grants, role=Role.READER),
    "grants of the writer": partial(grants, role=Role.WRITER),
    "grants added to the reader": partial(added_grants, role=Role.READER),
    "grants added to the writer": partial(added_grants, role=Role.WRITER),
    "policies of the queue": partial(policies, schema=QUEUE_SCHEMA),
    "row security of the queue": partial(row_security, schema=QUEUE_SCHEMA, held=Role.QUEUE),
    "grants of the queue": partial(grants, role=Role.QUEUE, schema=QUEUE_SCHEMA),
    "grants of the writer at the queue": partial(grants, role=Role.WRITER, schema=QUEUE_SCHEMA),
    "grants added to the queue": partial(added_grants, role=Role.QUEUE, schema=QUEUE_SCHEMA),
    "grants added to the queue among customers": partial(added_grants, role=Role.QUEUE, also=("SELECT",)),
    "grants added to the writer at the queue": partial(added_grants, role=Role.WRITER, schema=QUEUE_SCHEMA, also=("SELECT",)),
}
