"""One run of a job, as the function that does it sees it: which job it is, what there is to work with, and how it is finished."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from factbook.database.pools import Connection, Database
from factbook.jobs import store
from factbook.jobs.model import FinishedElsewhere
from factbook.kernel import clock

Tool = TypeVar("Tool")
Tools = Mapping[type[Any], Any]


class Run:
    """A run of a job of one tenant. `attempt` counts from 1; an earlier attempt may still be under way in a process that was thought dead."""

    def __init__(self, tools: Tools, tenant_id: UUID, job_id: UUID, attempt: int) -> None:
        self.tenant_id = tenant_id
        self.job_id = job_id
        self.attempt = attempt
        self._tools = tools

    def tool(self, kind: type[Tool]) -> Tool:
        """What the composition root gave to work with, by its type. `LookupError` when it gave nothing of the kind."""
        if kind not in self._tools:
            raise LookupError(f"this worker was given no {kind.__name__}")
        found: Tool = self._tools[kind]
        return found

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[Connection]:
        """A writer's transaction of the tenant that finishes the job, too: the effect and the record of it stand together, exactly once.

        Raises `FinishedElsewhere` before the block begins when another run has finished the job. While the block lasts, another one waits.
        """
        async with self.tool(Database).transaction(self.tenant_id) as connection:
            await self.finish(connection)
            yield connection

    async def finish(self, connection: Connection) -> None:
        """Finish the job in a writer's transaction of the tenant that is open already, as `finishing` does."""
        if not await store.finish(connection, self.tenant_id, self.job_id, clock.now()):
            raise FinishedElsewhere

    async def progress(self, done: int, total: int | None = None) -> None:
        """Say how far this run has come, for whoever looks at the list of jobs. In a transaction of its own: not while the job is being finished."""
        async with self.tool(Database).transaction(self.tenant_id) as connection:
            await store.note_progress(connection, self.tenant_id, self.job_id, self.attempt, done, total)
