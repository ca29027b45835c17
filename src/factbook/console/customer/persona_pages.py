"""The pages behind a persona: one version with all of them down the side, two compared word by word, and a submission whole."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from factbook.access import CurrentDatabase
from factbook.console.customer.persona_leaves import compared, read
from factbook.console.pages import page
from factbook.console.viewers import Viewer
from factbook.database.pools import Connection
from factbook.identity import customer_with_id
from factbook.kernel.ids import id_in_path
from factbook.kernel.problems import NOT_FOUND, REQUEST_INVALID, FieldError
from factbook.persona.computing import customer_queries as queries
from factbook.persona.computing.customer_queries import PersonaSeen, PersonSeen, VersionSeen

router = APIRouter(prefix="/customers/{customer_id}", include_in_schema=False)
VERSIONS = 30
_PERSONS = 50
_BETWEEN = 20
_BEGINNING = 300  # characters of a submission in a list
_Version = Annotated[int, Query(ge=1, le=2**31 - 1)]
_MaybeVersion = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
_Person = Annotated[UUID | None, Query()]
_Place = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@router.get("/persona")
async def persona_page(
    request: Request,
    viewer: Viewer,
    database: CurrentDatabase,
    customer_id: str,
    person: _Person = None,
    version: _MaybeVersion = None,
    before: _MaybeVersion = None,
) -> Response:
    """One version of the persona, the newest without a number, and the numbers of all."""
    async with database.reading(viewer.tenant_id) as connection:
        customer = await customer_with_id(connection, viewer.tenant_id, customer_id)
        persons, chosen = await _persons(connection, viewer.tenant_id, customer.id, person)
        versions = await queries.persona_versions(connection, viewer.tenant_id, chosen.id, before, VERSIONS + 1) if chosen else []
        shown = await _version(connection, viewer.tenant_id, chosen, version)
    values: dict[str, Any] = {"persons": persons, "person": chosen, "shown": shown, "read": read(shown.document, shown.statements) if shown else None}
    return page(request, "customer/persona_page.html", viewer, customer=customer, **values, **_side(versions))


@router.get("/persona/compare")
async def comparison_page(
    request: Request, viewer: Viewer, database: CurrentDatabase, customer_id: str, a: _Version, b: _Version, person: _Person = None
) -> Response:
    """What version `b` says and `a` does not, the other way round, and which submissions came in between."""
    async with database.reading(viewer.tenant_id) as connection:
        customer = await customer_with_id(connection, viewer.tenant_id, customer_id)
        _, chosen = await _persons(connection, viewer.tenant_id, customer.id, person)
        values = await _comparison(connection, viewer.tenant_id, _somebody(chosen), a, b)
    return page(request, "customer/comparison.html", viewer, customer=customer, **values)


@router.get("/submissions/{data_id}")
async def submission_page(
    request: Request, viewer: Viewer, database: CurrentDatabase, customer_id: str, data_id: str, start: _Place = None, end: _Place = None
) -> Response:
    """A submission whole, the words from `start` to `end` marked, both counted in characters."""
    _check_span(start, end)
    async with database.reading(viewer.tenant_id) as connection:
        customer = await customer_with_id(connection, viewer.tenant_id, customer_id)
        wanted = id_in_path(data_id, NOT_FOUND.because("No such submission about this customer."))
        submission = await queries.submission_of_customer(connection, viewer.tenant_id, customer.id, wanted)
    pieces = (submission.text[: start or 0], submission.text[start or 0 : end or 0], submission.text[end or 0 :])
    return page(request, "customer/submission.html", viewer, customer=customer, submission=submission, pieces=pieces)


async def _comparison(connection: Connection, tenant_id: UUID, person: PersonSeen, a: int, b: int) -> dict[str, Any]:
    first, second = await queries.personas_in_versions(connection, tenant_id, person.id, [a, b])
    between = await queries.submissions_between(connection, tenant_id, person.id, a, b, _BETWEEN + 1, _BEGINNING)
    changed = compared(first.document, second.document)
    return {
        "person": person,
        "a": first.version,
        "b": second.version,
        "changed": changed,
        "between": between[:_BETWEEN],
        "more": len(between) > _BETWEEN,
    }


def _check_span(start: int | None, end: int | None) -> None:
    if (start is None) != (end is None) or (start is not None and end is not None and end <= start):
        raise REQUEST_INVALID.because("A span of a text has a start, and an end after it.", [FieldError("end", "given with `start`, and greater")])


async def _persons(connection: Connection, tenant_id: UUID, customer_id: UUID, wanted: UUID | None) -> tuple[list[PersonSeen], PersonSeen | None]:
    """The persons whom the customer is, and the one who is asked for: the first without an id. 404 for somebody else's."""
    persons = await queries.personas_of_customer(connection, tenant_id, customer_id, _PERSONS, whole=False)
    chosen = next((each for each in persons if wanted in (None, each.id)), None)
    return persons, chosen if wanted is None else _somebody(chosen)


def _somebody(person: PersonSeen | None) -> PersonSeen:
    if person is None:
        raise NOT_FOUND.because("The customer is no such person.")
    return person


async def _version(connection: Connection, tenant_id: UUID, person: PersonSeen | None, version: int | None) -> PersonaSeen | None:
    """The version, the newest without a number; None where there is none and none was asked for."""
    number = person.latest if person and version is None else version
    if number is None:
        return None
    (found,) = await queries.personas_in_versions(connection, tenant_id, _somebody(person).id, [number])
    return found


def _side(versions: Sequence[VersionSeen]) -> dict[str, Any]:
    """The versions of one page, and the number below which the next page goes on."""
    return {"versions": versions[:VERSIONS], "before": versions[VERSIONS - 1].version if len(versions) > VERSIONS else None}
