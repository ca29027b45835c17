"""What hands jobs out has walls of its own: its role sees ids and times and nothing of customers, and nobody else sees what it holds."""

from collections.abc import Iterator

from factbook.database.roles import QUEUE_SCHEMA
from factbook.database.urls import Role
from tests.walls.attempts import DENIED, READ_WRITE, Session, answers
from tests.walls.relations import Relation
from tests.walls.scene import SERVING, Scene, short

# What the queue's role may do in each table of its schema, beside reading it.
QUEUE_MAY = {
    "pgqueuer": {"UPDATE", "DELETE"},
    "pgqueuer_log": {"INSERT", "DELETE"},
    "pgqueuer_schedules": set[str](),
    "pgqueuer_statistics": set[str](),
    "workers": {"INSERT", "UPDATE", "DELETE"},
    "schedules": {"INSERT", "UPDATE", "DELETE"},
}
_PREPARED = (
    "INSERT INTO pgqueuer_log (job_id, status, priority, entrypoint) VALUES (1, 'picked', 0, 'chore')",
    "INSERT INTO workers (id, started_at, seen_at, engine) VALUES (gen_random_uuid(), now(), now() + interval '1 hour', 'ok')",
    "INSERT INTO schedules (name, cron, last_tick) VALUES ('chore', '* * * * *', now()) ON CONFLICT DO NOTHING",
)


def furnish(scene: Scene) -> None:
    """Put a row into each table that the stories of tenants leave empty."""
    for statement in _PREPARED:
        scene.sessions[Role.QUEUE].execute(statement.encode())


def queue_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each way in or out of the queue that should not be, or is missing."""
    yield from _the_queue_among_customers(scene)
    yield from _the_queue_at_home(scene)
    yield from _others_at_the_queue(scene)
    yield from _the_writer_hands_out(scene)
    yield from _functions(scene)


def _the_queue_among_customers(scene: Scene) -> Iterator[str]:
    session = scene.sessions[Role.QUEUE]
    given = answers(session, [f"SELECT FROM {relation.qualified}" for relation in scene.relations], tenant_id=scene.north)
    for relation, answer in zip(scene.relations, given, strict=True):
        if answer.state != DENIED:
            yield f"{relation.name}: the queue is let in: {answer.what}"
    (function,) = answers(session, ["SELECT factbook.current_tenant()"])
    if function.state != DENIED:
        yield f"factbook: the queue is let into the schema of customers: {function.what}"
    # A right to a table is no use without one to the schema, but it is one wall less.
    held = _rights(scene.sessions[Role.OWNER], Role.QUEUE, "factbook")
    yield from (f"{name}: the queue has the right to {right}" for name, right in held)


def _the_queue_at_home(scene: Scene) -> Iterator[str]:
    for table in scene.queue_tables:
        may = QUEUE_MAY[table.name]
        tried = {
            "SELECT": f"SELECT FROM {table.qualified}",
            "INSERT": f"INSERT INTO {table.qualified} SELECT * FROM {table.qualified} LIMIT 0",
            "UPDATE": f"UPDATE {table.qualified} SET {table.columns[0]} = {table.columns[0]}",
            "DELETE": f"DELETE FROM {table.qualified}",
            "TRUNCATE": f"TRUNCATE {table.qualified}",
        }
        given = answers(scene.sessions[Role.QUEUE], list(tried.values()))
        for right, answer in zip(tried, given, strict=True):
            if right in may or right == "SELECT":
                if answer.rows is None or (not answer.rows and right != "INSERT" and table.name not in ("pgqueuer_schedules", "pgqueuer_statistics")):
                    yield f"{table.name}: the queue cannot {right}: {answer.what}"
            elif answer.state != DENIED:
                yield f"{table.name}: the queue has the right to {right}: {answer.what}"
        if "INSERT" in may:
            yield from _inserting_at_home(scene, table)
    (of_both,) = answers(
        scene.sessions[Role.QUEUE], [f"SELECT DISTINCT tenant_id FROM pgqueuer WHERE tenant_id IN ('{scene.north}', '{scene.south}')"]
    )
    if of_both.rows != 2:
        yield f"pgqueuer: the queue does not see the jobs of all tenants: {of_both.what}"


def _inserting_at_home(scene: Scene, table: Relation) -> Iterator[str]:
    (prepared,) = [statement for statement in _PREPARED if statement.startswith(f"INSERT INTO {table.name} ")]
    (answer,) = answers(scene.sessions[Role.QUEUE], [prepared])
    if answer.rows is None:
        yield f"{table.name}: the queue cannot INSERT: {answer.what}"


def _others_at_the_queue(scene: Scene) -> Iterator[str]:
    owner = scene.sessions[Role.OWNER]
    for role in SERVING:
        for name, right in _rights(owner, role, QUEUE_SCHEMA):
            if (role, name, right) != (Role.WRITER, "pgqueuer", "INSERT"):
                yield f"{name}: the {short(role)} has the right to {right} at the queue"
    for table in scene.queue_tables:
        first = table.columns[0]
        changing = (f"UPDATE {table.qualified} SET {first} = {first}", f"DELETE FROM {table.qualified}")
        read, *changed = answers(owner, [f"SELECT FROM {table.qualified}", *changing], tenant_id=scene.north)
        # It finds nothing, but for what its functions count.
        if read.rows and table.name not in ("workers", "schedules"):
            yield f"{table.name}: the owner sees {read.what} of the queue"
        yield from (f"{table.name}: the owner changes {answer.what} of the queue" for answer in changed if answer.rows)
    for role in (Role.OWNER, Role.QUEUE):
        given = answers(scene.sessions[role], [f"SELECT WHERE row_security_active('{table.qualified}')" for table in scene.queue_tables])
        for table, answer in zip(scene.queue_tables, given, strict=True):
            if answer.rows != 1:
                yield f"{table.name}: row-level security does not hold the {short(role)}: {answer.what}"
    open_to_all = owner.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = %s AND 'public' = ANY(roles)", (QUEUE_SCHEMA,))
    yield from (f"{table}: the policy {policy} is for everybody" for table, policy in open_to_all)


def _rights(owner: Session, role: Role, schema: str) -> list[tuple[str, str]]:
    """Every table and view of the schema to which the role has a right, with each right."""
    rows = owner.execute(
        """
        SELECT relname::text, held FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS held
        WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'v') AND has_table_privilege(%s, oid, held)
        """,
        (schema, role),
    )
    return [(name, right) for name, right in rows]


_HAND_OUT = "INSERT INTO factbook_queue.pgqueuer (tenant_id, priority, status, entrypoint) VALUES ('{}', 0, 'queued', 'chore')"


def _the_writer_hands_out(scene: Scene) -> Iterator[str]:
    session = scene.sessions[Role.WRITER]
    own, foreign = answers(session, [_HAND_OUT.format(scene.north), _HAND_OUT.format(scene.south)], tenant_id=scene.north)
    (without,) = answers(session, [_HAND_OUT.format(scene.north)])
    if own.rows != 1:
        yield f"pgqueuer: the writer cannot hand out a job of its own tenant: {own.what}"
    if foreign.state != DENIED or without.state != DENIED:
        yield f"pgqueuer: the writer of one tenant inserts for another: {foreign.what}, {without.what}"


_LOSE_ALL = """
    DO $lost$ BEGIN
        DELETE FROM factbook_queue.pgqueuer;
        IF factbook_queue.hand_out_lost_jobs(interval '0') < 2 THEN RAISE EXCEPTION 'nothing is found'; END IF;
    END $lost$
"""
_COUNTS = "SELECT FROM (SELECT factbook.queue_state() AS state) AS told WHERE (state->>'workers')::int > 0 AND json_array_length(state->'{}') > 0"
_SEEN = "SELECT FROM (SELECT factbook.engine_state() AS state) AS told WHERE state->'seen'->>0 = 'ok' AND (state->>'jobs')::int >= 0"
_FORGET = "SELECT WHERE factbook.forget_done_jobs(now(), 10) = 0"
_HAND_OUT_LOST = "SELECT factbook_queue.hand_out_lost_jobs(interval '1 hour')"


def _functions(scene: Scene) -> Iterator[str]:
    (found,) = answers(scene.sessions[Role.QUEUE], [_LOSE_ALL])
    if found.rows is None:
        yield f"pgqueuer: hand_out_lost_jobs does not find lost jobs for the queue in factbook_queue: {found.what}"
    for part, table in (("jobs", "queued_jobs"), ("schedules", "schedules"), ("schedules", "workers")):
        (answer,) = answers(scene.sessions[Role.READER], [_COUNTS.format(part)])
        if answer.rows != 1:
            yield f"{table}: queue_state does not tell the reader of it: {answer.what}"
    (answer,) = answers(scene.sessions[Role.READER], [_SEEN])
    if answer.rows != 1:
        yield f"workers: engine_state does not tell the reader how the engine is: {answer.what}"
    (answer,) = answers(scene.sessions[Role.WRITER], [_FORGET], tenant_id=scene.north)
    if answer.rows != 1:
        yield f"forget_done_jobs: the writer cannot forget what was done: {answer.what}"
    for role, call in (
        *((role, _HAND_OUT_LOST) for role in (Role.READER, Role.WRITER)),
        *((role, f"SELECT factbook.{function}()") for function in ("queue_state", "engine_state") for role in (Role.WRITER, Role.QUEUE)),
        *((role, _FORGET) for role in (Role.READER, Role.QUEUE)),
    ):
        (answer,) = answers(scene.sessions[role], [call], tenant_id=scene.north, begin=READ_WRITE)
        if answer.state != DENIED:
            yield f"{call}: the {short(role)} may call it: {answer.what}"
