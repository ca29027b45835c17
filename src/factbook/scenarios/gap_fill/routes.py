"""POST: fill what a scenario needs of a customer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from factbook.access import CurrentPrincipal
from factbook.conversations import CONVERSATION_OF_ANOTHER
from factbook.idempotency import IDEMPOTENCY_KEY_REUSED, CurrentIdempotentRequest
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import NOT_FOUND, SCOPE_REQUIRED
from factbook.profile import SEALED_VALUE_UNREADABLE, CustomerInPath
from factbook.scenarios.gap_fill.service import GapFillService
from factbook.scenarios.gap_fill.wire import GapFillAnswer, GapFillRequest

router = APIRouter(tags=["scenarios"], prefix="/customers/{customer_id}/profile/gap-fill")
_FAILING = problem_answers(SCOPE_REQUIRED, NOT_FOUND, CONVERSATION_OF_ANOTHER, IDEMPOTENCY_KEY_REUSED, SEALED_VALUE_UNREADABLE)


async def _current_service(request: Request) -> GapFillService:
    state = request.app.state
    return GapFillService(state.profile_backend, state.language, state.gap_fill_limits)


@router.post("", summary="Fill what a scenario needs", responses=_FAILING)
async def post_gap_fill(
    principal: CurrentPrincipal,
    service: Annotated[GapFillService, Depends(_current_service)],
    customer_id: CustomerInPath,
    wanted: GapFillRequest,
    request: CurrentIdempotentRequest,
) -> GapFillAnswer:
    """From the profile, from the conversation's variables, and from what the customer wrote last, each value with the sentence it stands in.

    What was found in messages is stored with its source. Doing it again finds nothing new, so it may be done on every turn.
    """
    return GapFillAnswer.of(await service.fill_scenario_requirements(principal, wanted.gaps(customer_id), request))
