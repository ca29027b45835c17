"""What happens to profiles by the clock, for one tenant at a time: items past their time expire, and items without their source are orphaned.

Doing either again changes nothing, so a run that was cut off is simply done anew. Source: seed 002, FR-010 and FR-029.
"""

from factbook.jobs import NoInput, Run, job
from factbook.profile.backend import SYSTEM, Backend
from factbook.profile.lifecycle import operations


@job("expire_stale_fields", input=NoInput, cron="*/5 * * * *")
async def expire_stale_fields(_: NoInput, run: Run) -> None:
    """Mark fields and assets of the tenant that are past their time."""
    await operations.expire_stale_fields(run.tool(Backend), run.tenant_id, SYSTEM, tell=run.progress)


@job("detect_orphaned_items", input=NoInput, cron="*/15 * * * *")
async def detect_orphaned_items(_: NoInput, run: Run) -> None:
    """Mark fields and assets of the tenant that have lost their source."""
    await operations.mark_orphaned_items(run.tool(Backend), run.tenant_id, SYSTEM, tell=run.progress)


jobs = (expire_stale_fields, detect_orphaned_items)
