"""Channel identities: attached to a customer and detached by a human. Here, and not in identity, since the profile shows them at once."""

from typing import Any

from fastapi import APIRouter, Response

from factbook.access import CurrentPrincipal
from factbook.identity import IDENTIFIER_INVALID, IDENTITY_TAKEN, ChannelIdentityAnswer, ChannelIdentityRequest
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND
from factbook.profile.http import CurrentBackend
from factbook.profile.identities import operations

router = APIRouter(tags=["identity"], prefix="/customers/{customer_id}/channel-identities")
_ATTACHED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The identity was attached to this customer already.", "model": ChannelIdentityAnswer}
}
_REFUSALS = problem_answers(HUMAN_REQUIRED, NOT_FOUND, IDENTIFIER_INVALID, IDENTITY_TAKEN)


@router.post("", summary="Attach an identity", status_code=201, responses=_ATTACHED | _REFUSALS)
async def post_identity(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: str, wanted: ChannelIdentityRequest, response: Response
) -> ChannelIdentityAnswer:
    """A human says that this address is the customer's, too. An address that stands for another customer is refused, never moved."""
    identity, attached = await operations.attach_identity(
        backend, principal, customer_id, channel=wanted.channel, identifier=wanted.identifier, reason=wanted.reason
    )
    response.status_code = 201 if attached else 200
    return ChannelIdentityAnswer.of(identity)


@router.delete("/{identity_id}", summary="Detach an identity", status_code=204, responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def delete_identity(principal: CurrentPrincipal, backend: CurrentBackend, customer_id: str, identity_id: str) -> None:
    """A human lets the address go; it stands for nobody from now on. That it was attached, and by whom, stays on record."""
    await operations.detach_identity(backend, principal, customer_id, identity_id)
