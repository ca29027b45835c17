"""Who may call: principals, the kinds there are, and the scopes a key can carry."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PrincipalKind(StrEnum):
    """A human is a named person; a service is a program. Only humans link, unlink, verify, merge and erase."""

    HUMAN = "human"
    SERVICE = "service"


class Scope(StrEnum):
    """What a key may do beyond reading. Reading what its own tenant holds needs no scope.

    Who may say that a customer exists may also bring in what the customer wrote and what is known of them: `customers:write` does what
    `conversations:write`, `profiles:write` and `persons:write` do, and more.
    """

    CUSTOMERS_WRITE = "customers:write"
    CONVERSATIONS_WRITE = "conversations:write"
    PROFILES_WRITE = "profiles:write"
    PERSONS_WRITE = "persons:write"
    TRUTH_WRITE = "truth:write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request, as the key fixes it: the tenant, the person or program, and the scopes."""

    tenant_id: UUID
    id: UUID
    kind: PrincipalKind
    name: str
    scopes: frozenset[Scope]
