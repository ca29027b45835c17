"""The section that says who the customer is in words: the persons bound to them, and the beginning of each one's newest persona."""

from dataclasses import dataclass
from typing import Any

from factbook.console.customer.looking import Look
from factbook.console.customer.persona_leaves import Read, first_of, read
from factbook.persona.computing.customer_queries import PersonSeen, personas_of_customer

# A look, not the whole: the persona's own page has the rest.
MOST_PERSONS = 3
_MOST_TEXTS = 24


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A person and what is read of them; None before a persona was computed."""

    person: PersonSeen
    read: Read | None


async def persona_section(look: Look) -> dict[str, Any]:
    """The persons whom the customer is, as far as they are shown, and whether there are more."""
    found = await personas_of_customer(look.connection, look.tenant_id, look.customer_id, MOST_PERSONS + 1)
    shown = found[:MOST_PERSONS]
    return {"shown": [_shown(each, _MOST_TEXTS // len(shown)) for each in shown], "more": len(found) > MOST_PERSONS, "customer_id": look.customer_id}


def _shown(person: PersonSeen, most: int) -> PersonShown:
    if person.persona is None:
        return PersonShown(person, None)
    return PersonShown(person, first_of(read(person.persona.document, person.persona.statements), most))
