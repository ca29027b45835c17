"""A text that cannot be read leaves the scenario working: it says so, what was required stays required, and reading it again helps."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from factbook.jobs import JobState, list_jobs
from factbook.language import (
    FindRequirements,
    LanguageFailure,
    OverBudget,
    RateLimited,
    Refused,
    SuggestDefinitions,
    SuggestedDefinition,
    Unreachable,
    UnusableAnswer,
)
from factbook.language.model import AnswerType, Reply, Task
from factbook.profile import Backend
from factbook.scenarios import extract_requirements
from factbook.scenarios.extraction.suggesting import FIELDS_AT_ONCE
from tests.calling import Caller
from tests.conversations.inbox import items
from tests.scenarios.designs import FIRST, SECOND, a_step, names, path_of, saved
from tests.scenarios.readers import Failing, Phrasebook, read_all, run_all, waiting_jobs

BOOK = Phrasebook({"over 18": {"name": "date_of_birth"}, "reason": {}})
LISTED = [a_step(collects_profile_fields=["order_number"])]


async def state(client: AsyncClient, agent: str, scenario: str) -> tuple[str, str | None]:
    """How reading stands, and what it failed of."""
    extraction = (await client.get(path_of(agent, "scenarios", scenario))).json()["extraction"]
    return extraction["state"], extraction["failure"]


@pytest.mark.parametrize("failure", [Unreachable("no answer"), RateLimited("slower")], ids=lambda failure: type(failure).__name__)
async def test_what_may_work_later_is_tried_again(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str, failure: LanguageFailure
) -> None:
    scenario = (await saved(client, agent, description="over 18", steps=LISTED))["id"]
    assert await read_all(backend, caller.tenant_id, Failing(failure)) == ["retry"]
    assert await state(client, agent, scenario) == ("waiting", f"factbook.language.failures.{type(failure).__name__}")
    assert await names(client, agent, scenario, FIRST) == ["order_number"]
    assert await read_all(backend, caller.tenant_id, BOOK) == ["done"]
    assert await state(client, agent, scenario) == ("done", None)
    assert await names(client, agent, scenario) == ["date_of_birth"]


async def test_what_never_works_fails_for_good_in_the_end_and_is_read_on_request(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    failing = Failing(Unreachable("no answer"))
    endings = [await read_all(backend, caller.tenant_id, failing) for _ in range(extract_requirements.retries + 1)]
    assert endings == [["retry"]] * extract_requirements.retries + [["failed"]]
    assert await read_all(backend, caller.tenant_id, failing) == []
    assert (failing.asked, await state(client, agent, scenario)) == (6, ("failed", "factbook.language.failures.Unreachable"))
    answer = await client.post(path_of(agent, "scenarios", scenario, "/extraction"))
    assert (answer.status_code, answer.json()["state"], answer.json()["failure"], answer.json()["ended_at"]) == (202, "waiting", None, None)
    assert await read_all(backend, caller.tenant_id, BOOK) == ["done"]
    assert await names(client, agent, scenario) == ["date_of_birth"]


@pytest.mark.parametrize(
    "failure", [Refused("the key is not accepted"), OverBudget("too long"), UnusableAnswer("no JSON")], ids=lambda failure: type(failure).__name__
)
async def test_what_would_fail_again_is_not_tried_again_and_what_was_found_before_stays(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str, failure: LanguageFailure
) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    await read_all(backend, caller.tenant_id, BOOK)
    await saved(client, agent, scenario, description="the reason", steps=LISTED)
    failing = Failing(failure)
    assert await read_all(backend, caller.tenant_id, failing) == ["failed"]
    assert (failing.asked, await state(client, agent, scenario)) == (1, ("failed", str(failure)))
    assert await names(client, agent, scenario, FIRST) == ["date_of_birth", "order_number"]
    listed = await items(client, path_of(agent, "scenarios"))
    assert [each["extraction"]["state"] for each in listed] == ["failed"]
    assert (await saved(client, agent, scenario, description="works all the same"))["version"] == 3


class Unsuggesting(Phrasebook):
    """Finds what texts need, and fails to suggest, so often as is said, after so many answers."""

    failures: list[LanguageFailure]
    answers = 0

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """A reading, or the next failure."""
        if isinstance(task, SuggestDefinitions):
            if self.answers == 0 and self.failures:
                self.asked.append(task)
                raise self.failures.pop(0)
            self.answers -= 1
        return await super().execute(task)


def unsuggesting(*failures: LanguageFailure, answers: int = 0, fields: Any = BOOK.fields) -> Unsuggesting:
    """One with these failures ahead of it, after so many answers."""
    book = Unsuggesting(fields, lambda field: SuggestedDefinition(name=field.name, display_name="Said", value_type="date", collection_prompt="When?"))
    book.failures, book.answers = list(failures), answers
    return book


async def suggested(client: AsyncClient, agent: str) -> dict[str, str]:
    """What stands as suggested, by name: what each is called."""
    listed = await client.get(path_of(agent, "field-definitions"), params={"limit": "200"})
    return {each["name"]: each["display_name"] for each in listed.json()["items"] if each["origin"] == "suggested"}


async def test_a_reading_stands_though_nobody_suggests_definitions_and_they_come_later(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    book = unsuggesting(Unreachable("no answer"))
    assert await read_all(backend, caller.tenant_id, book) == ["done"]
    assert await state(client, agent, scenario) == ("done", None)
    assert (await names(client, agent, scenario), await suggested(client, agent)) == (["date_of_birth"], {})
    assert await read_all(backend, caller.tenant_id, book) == []
    assert await suggested(client, agent) == {"date_of_birth": "Said"}
    assert [type(task) for task in book.asked] == [FindRequirements, SuggestDefinitions, SuggestDefinitions], "the text was read once"


@pytest.mark.parametrize("failure", [Refused("the key is not accepted"), Unreachable("no answer")], ids=lambda failure: type(failure).__name__)
async def test_where_nobody_suggests_in_the_end_the_text_s_own_words_do(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str, failure: LanguageFailure
) -> None:
    await saved(client, agent, description="the reason", steps=LISTED)
    book = unsuggesting(*[failure] * 6)
    await read_all(backend, caller.tenant_id, book)
    while await waiting_jobs(backend.database, caller.tenant_id, "suggest_definitions"):
        assert await suggested(client, agent) == {}
        await run_all(backend, caller.tenant_id, book, "suggest_definitions")
    assert await suggested(client, agent) == {"order_number": "Order number", "reason": "reason"}
    (failed,) = await list_jobs(backend.database, caller.tenant_id, [JobState.FAILED], 10)
    assert (failed.name, failed.reason) == ("suggest_definitions", str(failure))


async def test_many_fields_are_suggested_some_at_a_time_and_those_that_were_stay(
    client: AsyncClient, caller: Caller, backend: Backend, agent: str
) -> None:
    lists = [[f"field_{place}_{number}" for number in range(90)] for place in range(2)]
    steps = [a_step(FIRST, to=(SECOND,), collects_profile_fields=lists[0]), a_step(SECOND, collects_profile_fields=lists[1])]
    await saved(client, agent, steps=steps)
    book = unsuggesting(RateLimited("slower"), answers=3)
    await read_all(backend, caller.tenant_id, book)
    assert len(await suggested(client, agent)) == 3 * FIELDS_AT_ONCE
    await read_all(backend, caller.tenant_id, book)
    assert sorted(await suggested(client, agent)) == sorted([*lists[0], *lists[1]])
    sizes = [len(task.fields) for task in book.asked if isinstance(task, SuggestDefinitions)]
    assert (max(sizes), sum(sizes)) == (FIELDS_AT_ONCE, 180 + FIELDS_AT_ONCE), "nothing but the batch that failed was asked for twice"


async def test_suggestions_for_a_version_that_is_overtaken_are_not_made(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    await run_all(backend, caller.tenant_id, BOOK, "extract_requirements")

    async def overtake() -> None:
        await saved(client, agent, scenario, description="nothing at all")

    asking = Phrasebook(BOOK.fields, before_answer=overtake)
    assert await run_all(backend, caller.tenant_id, asking, "suggest_definitions") == ["done"]
    assert await suggested(client, agent) == {}


async def test_a_fault_of_ours_is_tried_again_like_any_other(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    assert await read_all(backend, caller.tenant_id, Failing(ZeroDivisionError("over 18"))) == ["retry"]
    assert await state(client, agent, scenario) == ("waiting", "builtins.ZeroDivisionError")
    assert await read_all(backend, caller.tenant_id, BOOK) == ["done"]
