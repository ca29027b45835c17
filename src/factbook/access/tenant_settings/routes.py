"""Settings: read by everybody of the tenant, changed with the scope `admin`."""

from fastapi import APIRouter

from factbook.access.http import CurrentDatabase, CurrentPrincipal
from factbook.access.tenant_settings.operations import change_settings
from factbook.access.tenant_settings.store import tenant_settings
from factbook.access.tenant_settings.wire import SettingsAnswer, SettingsChange
from factbook.kernel.openapi import problem_answers
from factbook.kernel.problems import SCOPE_REQUIRED

router = APIRouter(tags=["operations"])


@router.get("/settings", summary="The tenant's settings")
async def get_settings(principal: CurrentPrincipal, database: CurrentDatabase) -> SettingsAnswer:
    """How the tenant wants to be served."""
    async with database.reading(principal.tenant_id) as connection:
        return SettingsAnswer.of(await tenant_settings(connection, principal.tenant_id))


@router.put("/settings", summary="Change the tenant's settings", responses=problem_answers(SCOPE_REQUIRED))
async def put_settings(principal: CurrentPrincipal, database: CurrentDatabase, wanted: SettingsChange) -> SettingsAnswer:
    """Changes the settings that are named and keeps the others. Effective with the next request."""
    return SettingsAnswer.of(await change_settings(database, principal, wanted.changes()))
