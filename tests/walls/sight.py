"""Who sees what: a tenant all of its own rows and no others, nobody a row without a tenant, and no role without row-level security."""

from collections.abc import Callable, Iterator
from uuid import UUID

from factbook.database.urls import Role
from tests.walls.attempts import DENIED, Answer, answers
from tests.walls.relations import OVERSEEN, Relation
from tests.walls.scene import HOUSE, Scene, short


def sight_faults(scene: Scene) -> Iterator[str]:
    """One sentence for each relation and role that sees too much or too little."""
    stored = _own_rows(scene, Role.OWNER, scene.north)
    for name, answer in [*stored.items(), *_own_rows(scene, Role.OWNER, scene.south).items()]:
        if not answer.rows:
            yield f"{name}: the owner finds none of the rows that each tenant should have in it: {answer.what}"
    for role in HOUSE:
        yield from _with_a_tenant(scene, role, stored)
        yield from _without_a_tenant(scene, role)
        yield from _switched_off(scene, role)
        yield from _inactive(scene, role)
    yield from _revision(scene)


def _ask(scene: Scene, role: Role, asked: Callable[[Relation], str], *, tenant_id: UUID | None = None, begin: str = "BEGIN") -> dict[str, Answer]:
    """The answer to one statement per relation. Views are there for the serving roles; the owner is asked about tables."""
    found = [relation for relation in scene.relations if relation.of_tenants and not (relation.is_view and role is Role.OWNER)]
    given = answers(scene.sessions[role], [asked(relation) for relation in found], tenant_id=tenant_id, begin=begin)
    return {relation.name: answer for relation, answer in zip(found, given, strict=True)}


def _own_rows(scene: Scene, role: Role, tenant_id: UUID) -> dict[str, Answer]:
    return _ask(scene, role, lambda relation: f"SELECT FROM {relation.qualified} WHERE tenant_id = '{tenant_id}'", tenant_id=tenant_id)


def _with_a_tenant(scene: Scene, role: Role, stored: dict[str, Answer]) -> Iterator[str]:
    for name, answer in _own_rows(scene, role, scene.north).items():
        if answer.rows is None:
            yield f"{name}: the {short(role)} cannot read it: {answer.what}"
        elif not answer.rows or (name in stored and answer.rows != stored[name].rows):
            yield f"{name}: the {short(role)} of a tenant sees {answer.what} of its own"
    foreign = _ask(scene, role, lambda relation: f"SELECT FROM {relation.qualified} WHERE tenant_id <> '{scene.north}'", tenant_id=scene.north)
    for name, answer in foreign.items():
        if answer.rows and not _is_overseen(role, name):
            yield f"{name}: the {short(role)} of one tenant sees {answer.what} of others"


def _without_a_tenant(scene: Scene, role: Role) -> Iterator[str]:
    for name, answer in _ask(scene, role, lambda relation: f"SELECT FROM {relation.qualified}").items():
        if answer.rows and not _is_overseen(role, name):
            yield f"{name}: the {short(role)} without a tenant sees {answer.what}"


def _switched_off(scene: Scene, role: Role) -> Iterator[str]:
    """With `row_security = off` a query that a policy would narrow is refused, unless the role is above policies."""
    asked = _ask(scene, role, lambda relation: f"SELECT FROM {relation.qualified}", begin="BEGIN; SET LOCAL row_security = off")
    yield from (f"{name}: the {short(role)} reads with row security off" for name, answer in asked.items() if answer.state != DENIED)


def _inactive(scene: Scene, role: Role) -> Iterator[str]:
    """On a table that all may read alike the rows tell nothing; the database itself says whether the wall stands."""
    statements = [f"SELECT WHERE row_security_active('{table.qualified}')" for table in scene.tables]
    for table, answer in zip(scene.tables, answers(scene.sessions[role], statements), strict=True):
        if answer.rows != 1:
            yield f"{table.name}: row-level security does not hold the {short(role)}: {answer.what}"


def _revision(scene: Scene) -> Iterator[str]:
    for role, may_read in ((Role.OWNER, True), (Role.READER, True), (Role.WRITER, False)):
        (answer,) = answers(scene.sessions[role], ["SELECT FROM factbook.alembic_version"])
        if may_read and answer.rows != 1:
            yield f"alembic_version: the {short(role)} cannot tell the revision: {answer.what}"
        if not may_read and answer.state != DENIED:
            yield f"alembic_version: the {short(role)} may read it"


def _is_overseen(role: Role, name: str) -> bool:
    return role is Role.OWNER and name in OVERSEEN
