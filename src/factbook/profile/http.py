"""What the profile's routes share: the backend of the application, who acts, who may, and the customer in the path."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request

from factbook.access import Principal, Scope, require_human_or_scope
from factbook.identity import customer_id_in
from factbook.profile.backend import Backend
from factbook.profile.model import NAME_FORM


async def _current_backend(request: Request) -> Backend:
    backend: Backend = request.app.state.profile_backend
    return backend


async def _customer_in_path(customer_id: str) -> UUID:
    return customer_id_in(customer_id)


CurrentBackend = Annotated[Backend, Depends(_current_backend)]
CustomerInPath = Annotated[UUID, Depends(_customer_in_path)]
NameInPath = Annotated[str, Path(pattern=NAME_FORM, description="Lower snake case, at most 50 characters.")]


def require_profile_writer(principal: Principal) -> None:
    """A 403 `scope_required` problem for a service that may not write profiles. A human may."""
    require_human_or_scope(principal, Scope.PROFILES_WRITE, Scope.CUSTOMERS_WRITE)


def require_designer(principal: Principal) -> None:
    """A 403 `scope_required` problem for a service that may not say what fields must look like. A human may."""
    require_human_or_scope(principal, Scope.ADMIN)
