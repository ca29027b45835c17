"""Which values of a customer are masked until somebody asks for them: those that are kept sealed, and those that a definition calls personal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Query

from factbook.database.pools import Connection
from factbook.profile import ProfileField
from factbook.profile.schema.personal_queries import personal_names


class Show(StrEnum):
    """What is asked to be shown that is masked otherwise."""

    VALUES = "values"


Shown = Annotated[Show | None, Query(alias="show")]


@dataclass(frozen=True, slots=True)
class Masks:
    """The names of fields whose values and quotes are masked."""

    names: frozenset[str]

    def over(self, field: ProfileField) -> bool:
        """Whether the field's value is masked."""
        return field.encrypted or field.name in self.names


async def masks_over(connection: Connection, tenant_id: UUID, names: Collection[str]) -> Masks:
    """The masks over these fields of the tenant. One statement, and none where there are no fields."""
    wanted: Sequence[str] = sorted(names)
    return Masks(frozenset(await personal_names(connection, tenant_id, wanted)) if wanted else frozenset())
