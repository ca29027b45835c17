"""What is done of persons later: personas that no request had the time for, and audit events that were lost, repaired by the clock."""

from factbook.database.pools import Database
from factbook.jobs import NoInput, Run, job
from factbook.persona.computing.jobs import finish_persona
from factbook.persona.repair import restore_person_events as restore


@job("restore_person_events", input=NoInput, cron="17 3 * * *")
async def restore_person_events(_: NoInput, run: Run) -> None:
    """Write the events of the tenant that are missing, out of what was recorded of erasures and merges. Doing it again restores nothing twice."""
    await run.progress(await restore(run.tool(Database), run.tenant_id))


jobs = (finish_persona, restore_person_events)
