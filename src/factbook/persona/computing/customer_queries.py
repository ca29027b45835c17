"""Reads for people who look at a customer: the persons whom the customer is, their personas, and the submissions behind them.

Each takes a reader's connection in a snapshot, asks once, and is bounded by what its caller wants to show.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from factbook.database.pools import Connection
from factbook.kernel.problems import NOT_FOUND


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """A version of a persona without what it says. `submissions` counts those that it was computed from."""

    version: int
    computed_at: datetime
    submissions: int
    extractor: str


@dataclass(frozen=True, slots=True)
class PersonaSeen:
    """What a version says: the document as it was stored, and its statements with their sources, in the order of the document."""

    version: VersionSeen
    document: dict[str, Any]
    statements: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A person whom a customer is. `latest` is the number of the newest version, None before the first."""

    id: UUID
    name: str | None
    submissions: int
    latest: int | None
    stale: bool
    persona: PersonaSeen | None


@dataclass(frozen=True, slots=True)
class SubmissionSeen:
    """A submission, or the beginning of one. `is_new` is false for one that only the older of two versions knows."""

    id: UUID
    text: str
    source: str
    created_at: datetime
    is_new: bool = True


_NAME = "nullif(concat_ws(' ', p.first_name, p.last_name), '') AS name"
_SAID = "v.persona, v.statements"
_VERSION = "v.version, v.updated_at, cardinality(v.computed_from_data_ids) AS known, v.extractor"


async def personas_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID, most: int, *, whole: bool = True) -> list[PersonSeen]:
    """Up to `most` persons whom the customer is, those bound first by id, each with its newest persona; without what that says unless `whole`.

    By index `persons_of_customer`, and for each person by the primary key of personas read backwards.
    """
    rows = await connection.fetch(
        f"""
        SELECT p.id, {_NAME}, p.person_data_count, {_VERSION}, {_SAID if whole else "NULL AS persona, NULL AS statements"}
        FROM (SELECT * FROM persons WHERE tenant_id = $1 AND customer_id = $2 ORDER BY id LIMIT $3) AS p
        LEFT JOIN LATERAL (
            SELECT * FROM personas n WHERE n.tenant_id = p.tenant_id AND n.person_id = p.id ORDER BY n.version DESC LIMIT 1
        ) AS v ON true
        ORDER BY p.id
        """,
        tenant_id,
        customer_id,
        most,
    )
    return [_person(row) for row in rows]


async def persona_versions(connection: Connection, tenant_id: UUID, person_id: UUID, before: int | None, limit: int) -> list[VersionSeen]:
    """Up to `limit` versions of the person, newest first, below the number `before`. By primary key."""
    rows = await connection.fetch(
        f"""
        SELECT {_VERSION} FROM personas v WHERE v.tenant_id = $1 AND v.person_id = $2 AND ($3::integer IS NULL OR v.version < $3)
        ORDER BY v.version DESC LIMIT $4
        """,
        tenant_id,
        person_id,
        before,
        limit,
    )
    return [_version(row) for row in rows]


async def personas_in_versions(connection: Connection, tenant_id: UUID, person_id: UUID, versions: Sequence[int]) -> list[PersonaSeen]:
    """What each of these versions says, in the order asked for. 404 unless all are there. By primary key."""
    rows = await connection.fetch(
        f"SELECT {_VERSION}, {_SAID} FROM personas v WHERE v.tenant_id = $1 AND v.person_id = $2 AND v.version = ANY($3::integer[])",
        tenant_id,
        person_id,
        list(versions),
    )
    found = {row["version"]: _persona(row) for row in rows}
    if not found.keys() >= set(versions):
        raise NOT_FOUND.because("The person has no such version of a persona.")
    return [found[version] for version in versions]


async def submissions_between(
    connection: Connection, tenant_id: UUID, person_id: UUID, a: int, b: int, most: int, characters: int
) -> list[SubmissionSeen]:
    """Up to `most` submissions that one of the two versions knows and the other does not, oldest first; of each text so many characters."""
    rows = await connection.fetch(
        """
        WITH known AS (
            SELECT v.version, data_id FROM personas v, unnest(v.computed_from_data_ids) AS data_id
            WHERE v.tenant_id = $1 AND v.person_id = $2 AND v.version IN ($3, $4)
        ), differing AS (
            SELECT data_id, min(version) AS version FROM known GROUP BY data_id HAVING count(DISTINCT version) = 1
        )
        SELECT d.id, left(d.raw_text, $6) AS text, d.source, d.created_at, differing.version = $4 AS is_new
        FROM differing JOIN person_data d ON d.tenant_id = $1 AND d.id = differing.data_id
        WHERE $3 <> $4 ORDER BY d.created_at, d.id LIMIT $5
        """,
        tenant_id,
        person_id,
        a,
        b,
        most,
        characters,
    )
    return [SubmissionSeen(**row) for row in rows]


async def submission_of_customer(connection: Connection, tenant_id: UUID, customer_id: UUID, data_id: UUID) -> SubmissionSeen:
    """The submission, whole, about a person whom the customer is, else 404. By primary keys."""
    row = await connection.fetchrow(
        """
        SELECT d.id, d.raw_text AS text, d.source, d.created_at FROM person_data d
        JOIN persons p ON p.tenant_id = d.tenant_id AND p.id = d.person_id
        WHERE d.tenant_id = $1 AND d.id = $2 AND p.customer_id = $3
        """,
        tenant_id,
        data_id,
        customer_id,
    )
    if row is None:
        raise NOT_FOUND.because("No such submission about this customer.")
    return SubmissionSeen(**row)


def _person(row: asyncpg.Record) -> PersonSeen:
    latest, known = row["version"], row["known"] or 0
    persona = None if row["persona"] is None else _persona(row)
    return PersonSeen(row["id"], row["name"], row["person_data_count"], latest, latest is not None and row["person_data_count"] > known, persona)


def _persona(row: asyncpg.Record) -> PersonaSeen:
    return PersonaSeen(_version(row), json.loads(row["persona"]), json.loads(row["statements"]))


def _version(row: asyncpg.Record) -> VersionSeen:
    return VersionSeen(row["version"], row["updated_at"], row["known"], row["extractor"])
