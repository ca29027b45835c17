"""Who changes what: the reader nothing, the writer appends and changes the columns that may change, and what was recorded once nobody at all."""

from collections.abc import Iterator
from dataclasses import dataclass

from factbook.database.urls import Role
from tests.walls.attempts import DENIED, READ_ONLY, READ_WRITE, Session, answers
from tests.walls.relations import Relation
from tests.walls.scene import Scene, short

RECORDED_ONCE = "23001"  # restrict_violation, which the trigger raises


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that changes no row and reads nothing: who has no `right` to it is refused all the same."""

    relation: Relation
    statement: str
    right: str
    writer_may: bool


def writes(relation: Relation) -> Iterator[Write]:
    """Each way to write to the relation."""
    name = relation.qualified
    is_table = not relation.is_view
    yield Write(relation, f"INSERT INTO {name} SELECT (NULL::{name}).* LIMIT 0", "INSERT", is_table and relation.of_tenants)
    for column in relation.columns:
        may = column in relation.writer_updates
        yield Write(relation, f'UPDATE {name} SET "{column}" = DEFAULT WHERE false', f"UPDATE {column}", may)
    yield Write(relation, f"DELETE FROM {name} WHERE false", "DELETE", False)
    if is_table:
        yield Write(relation, f"TRUNCATE {name}", "TRUNCATE", False)


def grant_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each right that a serving role has and should not have, or lacks."""
    yield from _grant_faults(scene, Role.WRITER, "BEGIN")
    # The setting that makes transactions read-only is the reader's to change: its grants must hold on their own.
    yield from _grant_faults(scene, Role.READER, READ_WRITE)
    yield from _read_only_faults(scene.sessions[Role.READER])


def _grant_faults(scene: Scene, role: Role, begin: str) -> Iterator[str]:
    tried = [write for relation in scene.relations for write in writes(relation)]
    given = answers(scene.sessions[role], [write.statement for write in tried], begin=begin)
    for write, answer in zip(tried, given, strict=True):
        name = write.relation.name
        if role is Role.WRITER and write.writer_may:
            if answer.rows is None:
                yield f"{name}: the {short(role)} has no right to {write.right}: {answer.what}"
        elif answer.state != DENIED and not (write.relation.is_view and answer.state):
            yield f"{name}: the {short(role)} has the right to {write.right}: {answer.what}"


def _read_only_faults(reader: Session) -> Iterator[str]:
    """The reader's transactions are read-only before any grant is asked for, and grants refuse once it has switched that off."""
    write = "INSERT INTO factbook.customers DEFAULT VALUES"
    (ordinary,) = answers(reader, [write])
    reader.execute("SET default_transaction_read_only = off")
    (switched_off,) = answers(reader, [write])
    reader.execute("RESET default_transaction_read_only")
    if ordinary.state != READ_ONLY:
        yield f"customers: the reader's transactions are not read-only as they come: {ordinary.what}"
    if switched_off.state != DENIED:
        yield f"customers: the reader with default_transaction_read_only off is not refused to INSERT: {switched_off.what}"


def reach_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each table in which the writer of one tenant writes rows of another, or cannot change its own where it may."""
    tables = [table for table in scene.tables if table.of_tenants]
    given = answers(scene.sessions[Role.WRITER], [_insert_for(table, scene.south) for table in tables], tenant_id=scene.north)
    for table, answer in zip(tables, given, strict=True):
        if answer.state != DENIED:
            yield f"{table.name}: the writer of one tenant inserts for another: {answer.what}"
    for table in tables:
        yield from _update_faults(scene, table)


def _insert_for(table: Relation, tenant_id: object) -> str:
    """Insert copies of the rows in sight, but for another tenant."""
    columns = [column for column in table.columns if column != "tenant_id"]
    listed = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table.qualified} (tenant_id, {listed}) SELECT '{tenant_id}', {listed} FROM {table.qualified}"


def _update_faults(scene: Scene, table: Relation) -> Iterator[str]:
    for column in sorted(table.writer_updates):
        everywhere = f"UPDATE {table.qualified} SET {column} = {column}"
        elsewhere = f"{everywhere} WHERE tenant_id <> '{scene.north}'"
        own, foreign = answers(scene.sessions[Role.WRITER], [everywhere, elsewhere], tenant_id=scene.north)
        (any_,) = answers(scene.sessions[Role.WRITER], [everywhere])
        if not own.rows:
            yield f"{table.name}: the writer cannot UPDATE {column} of its own tenant: {own.what}"
        if foreign.rows != 0:
            yield f"{table.name}: the writer of one tenant reaches {column} of others: {foreign.what}"
        if any_.rows != 0:
            yield f"{table.name}: the writer without a tenant reaches {column}: {any_.what}"


def immutability_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each way in which the owner can change what is recorded once."""
    for table in scene.tables:
        if not table.is_immutable:
            continue
        statements = {
            "UPDATE": f"UPDATE {table.qualified} SET tenant_id = tenant_id",
            "DELETE": f"DELETE FROM {table.qualified}",
            "TRUNCATE": f"TRUNCATE {table.qualified} CASCADE",
        }
        given = answers(scene.sessions[Role.OWNER], list(statements.values()), tenant_id=scene.north)
        for verb, answer in zip(statements, given, strict=True):
            # A child's refusal does not count: the table itself must say no.
            if (answer.state, answer.message.partition(" ")[0]) != (RECORDED_ONCE, table.name):
                yield f"{table.name}: no trigger keeps the owner from {verb}: {answer.what}"
