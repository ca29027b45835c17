"""A text that cannot be read leaves the scenario working: it says so, what was required stays required, and reading it again helps."""

import pytest
from httpx2 import AsyncClient

from factbook.language import FindRequirements, LanguageFailure, OverBudget, RateLimited, Refused, SuggestDefinitions, Unreachable, UnusableAnswer
from factbook.language.model import AnswerType, Reply, Task
from factbook.profile import Backend
from factbook.scenarios import extract_requirements
from tests.calling import Caller
from tests.conversations.inbox import items
from tests.scenarios.designs import FIRST, a_step, names, path_of, saved
from tests.scenarios.readers import Failing, Phrasebook, read_all

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


async def test_what_fails_half_way_writes_nothing(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    class HalfWay(Phrasebook):
        async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
            if isinstance(task, SuggestDefinitions):
                raise Unreachable("no answer")
            return await super().execute(task)

    scenario = (await saved(client, agent, description="over 18"))["id"]
    half_way = HalfWay(BOOK.fields)
    assert await read_all(backend, caller.tenant_id, half_way) == ["retry"]
    assert [type(task) for task in half_way.asked] == [FindRequirements]
    assert await names(client, agent, scenario) == []
    assert await items(client, path_of(agent, "field-definitions")) == []
    assert (await client.get(path_of(agent, "scenarios", scenario, "/extraction"))).json()["findings"] == []


async def test_a_fault_of_ours_is_tried_again_like_any_other(client: AsyncClient, caller: Caller, backend: Backend, agent: str) -> None:
    scenario = (await saved(client, agent, description="over 18"))["id"]
    assert await read_all(backend, caller.tenant_id, Failing(ZeroDivisionError("over 18"))) == ["retry"]
    assert await state(client, agent, scenario) == ("waiting", "builtins.ZeroDivisionError")
    assert await read_all(backend, caller.tenant_id, BOOK) == ["done"]
