"""Executors of language whose answers a test writes itself, and how their jobs are run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from factbook.database.pools import Database
from factbook.jobs import Ending, Registry, run_job
from factbook.language import (
    FindRequirements,
    FoundRequirement,
    FoundRequirements,
    LLMExecutor,
    Reply,
    SuggestDefinitions,
    SuggestedDefinition,
    SuggestedDefinitions,
    Task,
)
from factbook.language.model import AnswerType
from factbook.profile import Backend
from factbook.scenarios import extract_requirements, suggest_definitions


@dataclass
class Phrasebook:
    """Finds a field wherever a phrase of its own stands in a text, word for word, and says of it what the test wants said."""

    fields: Mapping[str, Mapping[str, Any]]
    suggested: Callable[[FoundRequirement], SuggestedDefinition | None] = lambda _: None
    extractor: str = "phrasebook"
    asked: list[Task[Any]] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] | None = None

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """The answer to either kind of task about designs."""
        self.asked.append(task)
        if self.before_answer is not None:
            await self.before_answer()
        match task:
            case FindRequirements():
                answer: Any = FoundRequirements(fields=self._found(task))
            case SuggestDefinitions():
                made = [self.suggested(each) for each in task.fields]
                answer = SuggestedDefinitions(definitions=[each for each in made if each is not None])
            case _:
                raise AssertionError(f"nobody asks for {task.prompt} here")
        return cast("Reply[AnswerType]", Reply(answer, self.extractor, "1"))

    def _found(self, task: FindRequirements) -> list[FoundRequirement]:
        return [
            FoundRequirement(**{"name": phrase, "display_name": phrase, "source_id": source.id, "quote": phrase} | dict(said))
            for source in task.sources
            for phrase, said in self.fields.items()
            if phrase in source.text and source.by_customer
        ]


class Failing:
    """Fails with the same failure each time, and counts how often it was asked."""

    extractor = "failing"

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.asked = 0

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """Nothing."""
        self.asked += 1
        raise self.failure


async def waiting_jobs(database: Database, tenant_id: UUID, name: str = "extract_requirements") -> list[UUID]:
    """The tenant's jobs of this name that wait, oldest first."""
    waiting = "SELECT id FROM queued_jobs WHERE tenant_id = $1 AND name = $2 AND state = 'waiting' ORDER BY id"
    async with database.reading(tenant_id) as connection:
        rows = await connection.fetch(waiting, tenant_id, name)
    return [row["id"] for row in rows]


async def run_one(backend: Backend, tenant_id: UUID, job_id: UUID, executor: LLMExecutor) -> Ending:
    """Run a job as a worker would that was given this executor."""
    tools = {Database: backend.database, Backend: backend, LLMExecutor: executor}
    return await run_job(Registry([extract_requirements, suggest_definitions]), tools, tenant_id, job_id)


async def read_all(backend: Backend, tenant_id: UUID, executor: LLMExecutor) -> list[str]:
    """Read every version of the tenant that waits, once each, suggest definitions then, and tell how each reading ended."""
    outcomes = await run_all(backend, tenant_id, executor, "extract_requirements")
    await run_all(backend, tenant_id, executor, "suggest_definitions")
    return outcomes


async def run_all(backend: Backend, tenant_id: UUID, executor: LLMExecutor, name: str) -> list[str]:
    """Run every job of this name that waits, once each, and tell how each run ended."""
    waiting = await waiting_jobs(backend.database, tenant_id, name)
    return [(await run_one(backend, tenant_id, job_id, executor)).outcome.value for job_id in waiting]
