"""POST truth: the one way in."""

from fastapi import APIRouter, Request

from factbook.access import CurrentDatabase, CurrentPrincipal, Scope, require_scope
from factbook.history.truth.body import read_records
from factbook.history.truth.operations import Recorded, record_truth
from factbook.history.truth.rules import GROUP_HAS_JOB, OUTCOME_ALREADY_RECORDED, PARENT_UNKNOWN, RECORD_DIFFERS
from factbook.history.truth.wire import RECORD_REQUEST
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import MEDIA_TYPE_UNSUPPORTED, SCOPE_REQUIRED

router = APIRouter(tags=["history"])

_PROBLEMS = (SCOPE_REQUIRED, RECORD_DIFFERS, PARENT_UNKNOWN, OUTCOME_ALREADY_RECORDED, GROUP_HAS_JOB, MEDIA_TYPE_UNSUPPORTED)


@router.post("/truth", summary="Record what happened", responses=problem_answers(*_PROBLEMS), openapi_extra=RECORD_REQUEST)
async def post_truth(principal: CurrentPrincipal, database: CurrentDatabase, request: Request) -> Recorded:
    """Append records, all or none. The same records again change nothing; a record is never changed."""
    require_scope(principal, Scope.TRUTH_WRITE)
    records = await read_records(request.headers.get("content-type", ""), request.stream())
    return await record_truth(database, principal.tenant_id, records, principal.id)
