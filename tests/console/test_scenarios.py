import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.cache import Cache
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from factbook.profile import Backend, MasterKeys
from tests.calling import Caller
from tests.console.counting import MOST, sent_for
from tests.console.people import HOSTILE
from tests.scenarios.designs import FIRST, a_step, required, saved
from tests.scenarios.readers import Phrasebook, read_all

BOOK = Phrasebook(
    {"over 18": {"name": "date_of_birth", "confidence": 0.4, "reasoning": "an age is asked for"}, "approval": {"name": "approval_code"}}
)


async def shown(viewer: AsyncClient, end: str = "") -> str:
    """The text of a page about scenarios."""
    answer = await viewer.get(f"/console/scenarios{end}")
    assert answer.status_code == 200, answer.text
    return answer.text


def row_of(html: str, field: str) -> str:
    """What the page says of one requirement."""
    (row,) = [part for part in html.split('<span class="row">') if part.startswith(f"<code>{field}</code>")]
    return " ".join(row.partition("</li>")[0].split())


@pytest.fixture
def agent() -> str:
    """The id of an agent nobody heard of."""
    return str(new_id())


@pytest.fixture
async def refund(client: AsyncClient, database: Database, masters: MasterKeys, cache: Cache, tenant_id: UUID, agent: str) -> str:
    """The id of a scenario that was read, with a requirement from its text, one from a list, one from a rule and one by hand."""
    step = a_step(name="Identify the order", collects_profile_fields=["order_number"], description="Ask <b>kindly</b>.")
    made = await saved(client, agent, steps=[step], description="For customers over 18.")
    await saved(client, agent, what="rules", name="Large refunds", action_text="Ask for the approval")
    await read_all(Backend(database, masters, cache), tenant_id, BOOK)
    by_hand = {"scenario_id": made["id"], "field_name": "reason", "required_level": "soft", "when_condition": "order_number != '1'"}
    assert (await client.post(f"/agents/{agent}/requirements", json=by_hand)).status_code == 201
    return str(made["id"])


async def test_each_requirement_is_shown_in_order_with_its_state_and_what_it_rests_on(
    viewer: AsyncClient, client: AsyncClient, agent: str, refund: str
) -> None:
    html = await shown(viewer, f"/{agent}/{refund}")
    listed = re.findall(r'<span class="row"><code>(\w+)</code>', html)
    assert sorted(listed) == ["approval_code", "date_of_birth", "order_number", "reason"]
    assert listed[-1] == "approval_code"
    birth = row_of(html, "date_of_birth")
    assert "needs review" in birth
    assert "confidence 0.40" in birth
    assert 'The description says <q dir="auto">over 18</q>' in birth
    assert "an age is asked for" in birth
    assert "in the whole scenario" in birth
    assert "A list of this step names it" in row_of(html, "order_number")
    assert 'Rule <span dir="auto">Large refunds</span> says <q dir="auto">approval</q>' in row_of(html, "approval_code")
    reason = row_of(html, "reason")
    assert "Written by hand" in reason
    assert "soft · ask when missing · manual" in reason
    assert 'When <span dir="auto">order_number != &#39;1&#39;</span>' in reason
    (of_birth,) = [each for each in await required(client, agent, refund) if each["field_name"] == "date_of_birth"]
    assert f"POST /v1/agents/{agent}/requirements/{of_birth['id']}/review" in birth
    for decision in ("accepted", "rejected"):
        await client.post(f"/agents/{agent}/requirements/{of_birth['id']}/review", json={"decision": decision})
        assert f'<span class="chip">{decision}</span>' in row_of(await shown(viewer, f"/{agent}/{refund}"), "date_of_birth")


async def test_the_text_and_steps_of_a_scenario_are_shown_as_text(viewer: AsyncClient, agent: str, refund: str) -> None:
    html = await shown(viewer, f"/{agent}/{refund}")
    assert "For customers over 18." in html
    assert "Ask &lt;b&gt;kindly&lt;/b&gt;." in html
    assert "Its text was read by phrasebook" in html
    assert '<span class="chip">entry</span>' in html


async def test_scenarios_of_all_agents_are_listed_with_how_they_were_read_and_reviewed(
    viewer: AsyncClient, client: AsyncClient, agent: str, refund: str
) -> None:
    other = str(new_id())
    await saved(client, other, name="Zebra", enabled=False)
    html = await shown(viewer)
    assert [name for name in (agent, other) if f"<code>{name}</code>" in html] == [agent, other]
    mine = html.partition(f"/{agent}/{refund}")[2].partition("</li>")[0]
    assert "text read" in mine
    assert "enabled" in mine
    assert "needs review: 2" in mine
    assert "not reviewed: 2" in mine
    zebra = html.partition("Zebra")[2].partition("</li>")[0]
    assert "waits to be read" in zebra
    assert "disabled" in zebra
    assert "no requirements" in zebra


async def test_scenarios_come_in_pages_each_once(viewer: AsyncClient, client: AsyncClient) -> None:
    agents = [str(new_id()) for _ in range(3)]
    made = [(await saved(client, agents[number % 3], name=f"Scenario {number % 5}"))["id"] for number in range(53)]
    first = await shown(viewer)
    (cursor,) = re.findall(r'scenarios\?cursor=([^"]+)"', first)
    second = await shown(viewer, f"?cursor={cursor}")
    pages = [re.findall(r"/console/scenarios/[0-9a-f-]{36}/([0-9a-f-]{36})", html) for html in (first, second)]
    assert [len(each) for each in pages] == [50, 3]
    assert sorted([*pages[0], *pages[1]]) == sorted(made)


async def test_requirements_come_in_pages_in_collection_order(viewer: AsyncClient, client: AsyncClient, agent: str) -> None:
    fields = [f"field_{number}" for number in range(60)]
    scenario = (await saved(client, agent, steps=[a_step(collects_profile_fields=fields)]))["id"]
    first = await shown(viewer, f"/{agent}/{scenario}")
    (cursor,) = re.findall(r'\?cursor=([^"]+)"', first)
    second = await shown(viewer, f"/{agent}/{scenario}?cursor={cursor}")
    assert [name for html in (first, second) for name in re.findall(r'<span class="row"><code>(\w+)</code>', html)] == fields


async def test_a_tenant_without_scenarios_is_told_how_one_comes_in(viewer: AsyncClient) -> None:
    assert "PUT /v1/agents/{agent_id}/scenarios/{id}" in await shown(viewer)


async def test_what_a_designer_wrote_is_never_markup(viewer: AsyncClient, client: AsyncClient, agent: str) -> None:
    hostile = HOSTILE[:100]
    step = a_step(name=hostile, description=HOSTILE, transitions=[{"to_step_id": str(FIRST), "condition_text": HOSTILE}])
    made = await saved(client, agent, name=hostile, description=HOSTILE + "x" * 9_000, steps=[step], tags=[HOSTILE], entry_condition_text=HOSTILE)
    for end in ("", f"/{agent}/{made['id']}"):
        html = await shown(viewer, end)
        assert not re.search(r"<(script(?! src=./console/static/)|img)\b", html)
        assert "&lt;script&gt;alert(1)" in html


async def test_what_is_not_the_tenants_is_not_found(
    viewer: AsyncClient, client: AsyncClient, app: FastAPI, database: Database, agent: str, refund: str
) -> None:
    strangers = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    foreign = (await saved(await strangers.client(), agent, name="Foreign"))["id"]
    await strangers.close()
    gone = (await saved(client, agent))["id"]
    await client.delete(f"/agents/{agent}/scenarios/{gone}")
    for end in (f"/{agent}/{foreign}", f"/{new_id()}/{refund}", f"/{agent}/{gone}", f"/{agent}/none", f"/none/{refund}"):
        assert (await viewer.get(f"/console/scenarios{end}")).status_code == 404, end
    assert "Foreign" not in await shown(viewer)


async def test_a_cursor_of_another_list_is_told_on_a_page(viewer: AsyncClient, client: AsyncClient, agent: str, refund: str) -> None:
    for end in ("?cursor=x", f"/{agent}/{refund}?cursor=x", f"?cursor={'0' * 2001}"):
        answer = await viewer.get(f"/console/scenarios{end}")
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("text/html")


async def test_a_page_costs_the_same_few_statements_however_much_there_is(
    viewer: AsyncClient, client: AsyncClient, app: FastAPI, urls: DatabaseUrls, agent: str, refund: str
) -> None:
    before = [await sent_for(viewer, f"/console/scenarios{end}") for end in ("", f"/{agent}/{refund}")]
    many = await saved(client, agent, steps=[a_step(collects_profile_fields=[f"field_{number}" for number in range(60)])])
    after = [await sent_for(viewer, f"/console/scenarios{end}") for end in ("", f"/{agent}/{many['id']}")]
    assert before == after
    assert max(before) <= MOST


async def test_a_stranger_is_led_to_the_sign_in(stranger: AsyncClient) -> None:
    answer = await stranger.get("/console/scenarios")
    assert answer.headers["location"] == "/console/sign-in?to=%2Fconsole%2Fscenarios"
