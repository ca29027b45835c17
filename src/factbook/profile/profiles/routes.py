"""How far a customer's identity was verified: a human's word."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from factbook.access import CurrentPrincipal, require_human
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import HUMAN_REQUIRED, NOT_FOUND
from factbook.profile.backend import Actor
from factbook.profile.http import CurrentBackend, CustomerInPath
from factbook.profile.model import VerificationLevel
from factbook.profile.profiles.operations import put_verification_level

router = APIRouter(tags=["profile"])


class VerificationLevelChange(BaseModel):
    """The level from now on. Levels may be skipped, upwards and downwards."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"verification_level": "document_verified"}]})

    verification_level: VerificationLevel


@router.put("/customers/{customer_id}/verification-level", summary="Set the verification level", responses=problem_answers(HUMAN_REQUIRED, NOT_FOUND))
async def put_level(
    principal: CurrentPrincipal, backend: CurrentBackend, customer_id: CustomerInPath, wanted: VerificationLevelChange
) -> VerificationLevelChange:
    """A human says how far the customer's identity was verified."""
    require_human(principal)
    await put_verification_level(backend, principal.tenant_id, Actor.of(principal), customer_id, wanted.verification_level)
    return wanted
