"""What the profile's operations work with, put together once at the composition root, and who acts in one of them."""

from dataclasses import dataclass
from uuid import UUID

from factbook.access import Principal, PrincipalKind
from factbook.audit import ActorType
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.profile.sealing.master_keys import MasterKeys


@dataclass(frozen=True, slots=True)
class Backend:
    """The database, the keys that seal values, and this process's cache if it has one. Those of other processes are told of changes either way."""

    database: Database
    masters: MasterKeys
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes a profile: a principal, or the system itself where nobody had to decide."""

    principal_id: UUID | None
    is_human: bool = False

    @classmethod
    def of(cls, principal: Principal) -> "Actor":
        """The caller of a request."""
        return cls(principal.id, principal.kind is PrincipalKind.HUMAN)

    @property
    def type(self) -> ActorType:
        """How the audit trail calls the actor."""
        return ActorType.HUMAN if self.is_human else ActorType.SYSTEM


SYSTEM = Actor(None)
