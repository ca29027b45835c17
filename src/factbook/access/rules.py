"""What a principal may do, which scopes there are to give, and which names a tenant or a principal may have. Pure decisions."""

import unicodedata

from factbook.access.model import Principal, PrincipalKind, Scope
from factbook.kernel.problems import HUMAN_REQUIRED, SCOPE_REQUIRED

ALL_SCOPES = "all"
# The same limits stand as CHECK constraints on the tables.
TENANT_NAME_LENGTH = 100
PRINCIPAL_NAME_LENGTH = 200


def require_scope(principal: Principal, scope: Scope) -> None:
    """A 403 `scope_required` problem unless the key carries the scope."""
    if scope not in principal.scopes:
        raise SCOPE_REQUIRED.because(f"This needs a key with the scope {scope}.")


def require_human(principal: Principal) -> None:
    """A 403 `human_required` problem for a service, whatever its scopes."""
    if principal.kind is not PrincipalKind.HUMAN:
        raise HUMAN_REQUIRED.because("This needs the key of a human; a service may not do it.")


def require_human_or_scope(principal: Principal, *scopes: Scope) -> None:
    """A 403 `scope_required` problem for a service that has none of the scopes. A human needs none."""
    if principal.kind is not PrincipalKind.HUMAN and principal.scopes.isdisjoint(scopes):
        raise SCOPE_REQUIRED.because(f"This needs a human's key, or one with the scope {' or '.join(scopes)}.")


def parse_scopes(text: str) -> frozenset[Scope]:
    """The scopes in `all`, or in a list separated by commas; none in a blank text. `ValueError` names the known ones."""
    if text.strip() == ALL_SCOPES:
        return frozenset(Scope)
    names = {name.strip() for name in text.split(",")} if text.strip() else set()
    if not names <= set(Scope):
        raise ValueError(f"the scopes hold an unknown one; known are {', '.join(Scope)}, and {ALL_SCOPES} for all of them")
    return frozenset(map(Scope, names))


def check_tenant_name(name: str) -> None:
    """`ValueError` says in plain words what is wrong with the name of a tenant."""
    _check_name(name, "the name of a tenant", TENANT_NAME_LENGTH)


def check_principal_name(name: str) -> None:
    """`ValueError` says in plain words what is wrong with the name of a principal."""
    _check_name(name, "the name of a principal", PRINCIPAL_NAME_LENGTH)


def _check_name(name: str, what: str, most: int) -> None:
    if not name.strip():
        raise ValueError(f"{what} is empty or blank")
    if len(name) > most:
        raise ValueError(f"{what} is longer than {most} characters")
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise ValueError(f"{what} holds a control character, for example NUL or a line feed")
    if any(unicodedata.category(character) == "Cs" for character in name):
        raise ValueError(f"{what} holds half of a surrogate pair, which is no character")
