"""What is repaired by the clock: audit events that were lost when links were changed. Doing it again restores nothing twice."""

from factbook.conversations.linking.repair import restore_audit_events as restore
from factbook.database.pools import Database
from factbook.jobs import NoInput, Run, job


@job("restore_audit_events", input=NoInput, cron="17 3 * * *")
async def restore_audit_events(_: NoInput, run: Run) -> None:
    """Write the events of the tenant that are missing, out of the history of links."""
    await run.progress(await restore(run.tool(Database), run.tenant_id))


jobs = (restore_audit_events,)
