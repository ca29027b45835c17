import re
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.console.counting import MOST, counted_statements, sent_for
from tests.console.people import HOSTILE, NURSE, a_customer, bound
from tests.persona.persons import read, submit
from tests.persona.test_personas_over_http import regenerate

LONG_WORD = "x" * 10_000


async def shown(viewer: AsyncClient, address: str) -> str:
    """The text of a page."""
    answer = await viewer.get(f"/console/customers/{address}")
    assert answer.status_code == 200, answer.text
    return answer.text


def words(html: str) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def section(html: str) -> str:
    """The section of a customer's page that is about personas."""
    return html.partition('<section id="persona"')[2].partition("</section>")[0]


async def test_a_customer_is_told_in_words_each_with_what_it_rests_on(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    person = await bound(client, customer, NURSE, first_name="Maria")
    html = section(await shown(viewer, customer))
    said = words(html)
    assert "Version 1 · computed" in said
    assert "by rules from 1 submission" in said
    assert "role nurse" in said
    assert "name Maria entered by staff" in said
    assert "1 source of role" in said
    persona = await read(client, f"/person/{person}/persona")
    for statement in persona["statements"]:
        for source in statement["sources"]:
            link = f"{customer}/submissions/{source['data_id']}?start={source['start']}&amp;end={source['end']}"
            assert link in html
    assert "Unknown: meta (age, age range, gender), identity (" in said
    assert "older than" not in said
    await submit(client, person, "I love hiking.")
    assert "older than the newest submission" in section(await shown(viewer, customer))


async def test_a_customer_whom_nobody_is_bound_to_says_how_one_is(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    assert "PUT /v1/person/{id}/customer" in section(await shown(viewer, customer))
    assert "PUT /v1/person/{id}/customer" in await shown(viewer, f"{customer}/persona")


async def test_a_person_without_a_persona_says_how_one_is_computed(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    person = await bound(client, customer)
    assert f"POST /v1/person/{person}/data-and-regenerate" in section(await shown(viewer, customer))
    await submit(client, person, NURSE)
    for address in (customer, f"{customer}/persona"):
        assert f"POST /v1/person/{person}/regenerate" in await shown(viewer, address)


async def test_several_persons_are_shown_up_to_a_number_and_each_is_reached(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    persons = [await bound(client, customer, NURSE, first_name=f"Name{number}") for number in range(4)]
    html = section(await shown(viewer, customer))
    assert [name in html for name in ("Name0", "Name1", "Name2", "Name3")] == [True, True, True, False]
    assert "More persons" in html
    assert "Name3</h1>" in await shown(viewer, f"{customer}/persona?person={persons[3]}")


async def test_a_long_persona_is_cut_on_the_page_of_the_customer_and_whole_on_its_own(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    texts = [f"I love swimming in the {'deep ' * 10}lake{number}." for number in range(40)]
    person = await bound(client, customer, " ".join(texts))
    held = len((await read(client, f"/person/{person}/persona"))["statements"])
    html = section(await shown(viewer, customer))
    assert html.count("<dd>") == 24 < held
    assert f"And {held - 24} more texts." in html
    assert len(html.encode()) < 40_000
    assert (await shown(viewer, f"{customer}/persona")).count("<dd>") == held


async def test_versions_stand_down_the_side_in_pages_and_each_is_shown(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    person = await bound(client, customer, NURSE)
    for _ in range(30):
        await regenerate(client, person, force=True)
    newest = await shown(viewer, f"{customer}/persona")
    assert [int(number) for number in re.findall(r">Version (\d+)</a>", newest)] == list(range(31, 1, -1))
    assert f"persona?person={person}&amp;version=31&amp;before=2" in newest
    assert '<input type="number" name="a" min="1" max="31" value="30" required>' in newest
    older = await shown(viewer, f"{customer}/persona?version=1&before=2")
    assert [int(number) for number in re.findall(r">Version (\d+)</a>", older)] == [1]
    assert "The newest version is 31" in older
    assert "role nurse" in words(older)


async def test_two_versions_are_compared_word_by_word_in_words_and_not_by_colour_alone(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    person = await bound(client, customer, "I live in Lyon.", "I live in Paris. I love hiking.")
    html = await shown(viewer, f"{customer}/persona/compare?a=1&b=2&person={person}")
    diff = await read(client, f"/person/{person}/personas/1/diff/2")
    for change in diff["changed"]:
        assert change["path"].rpartition(".")[2].replace("_", " ") in html
    assert '<del><span class="unseen">removed: </span>Lyon</del> <ins><span class="unseen">added: </span>Paris</ins>' in re.sub(r"\n+", " ", html)
    assert "hiking" in html
    assert "known to version 2 alone" in html
    assert all(f"/submissions/{data_id}" in html for data_id in diff["data_ids_added"])
    assert "Both say the same" in await shown(viewer, f"{customer}/persona/compare?a=2&b=2")
    backwards = await shown(viewer, f"{customer}/persona/compare?a=2&b=1")
    assert "known to version 2 alone" in backwards
    assert '<span class="unseen">removed: </span>Paris</del>' in backwards


async def test_a_submission_is_shown_whole_with_the_quoted_words_marked(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    person = await bound(client, customer)
    stored = await submit(client, person, f"🙂 {HOSTILE}\n{LONG_WORD} I am a nurse.", source="<b>chat</b>")
    address = f"{customer}/submissions/{stored['id']}"
    whole = await shown(viewer, address)
    assert "<mark" not in whole
    assert LONG_WORD in whole
    assert "<script>alert" not in whole
    assert "<b>" not in whole
    place = stored["raw_text"].index("<img")
    assert '<mark id="quoted">&lt;img src=x</mark>' in await shown(viewer, f"{address}?start={place}&end={place + 10}")
    assert "<mark" not in await shown(viewer, f"{address}?start=999999&end=1000000")


async def test_what_a_persona_says_is_never_markup(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await a_customer(client)
    await bound(client, customer, f"I live in {HOSTILE}. I love <b>hiking</b>.", f"I love {HOSTILE}.", first_name=HOSTILE, gender="<u>x</u>")
    for address in (customer, f"{customer}/persona", f"{customer}/persona/compare?a=1&b=2"):
        html = await shown(viewer, address)
        assert not re.search(r"<(script(?! src=./console/static/)|img|b|u)\b", html)
    assert "&lt;script&gt;alert(1)" in section(await shown(viewer, customer))
    assert "{{ 7 * 7 }}" in section(await shown(viewer, customer))


@pytest.mark.parametrize(
    "end",
    [
        *(f"persona?{asked}" for asked in ("version=0", "version=x", "version=2147483648", "before=-1", "person=nobody")),
        *(f"persona/compare{asked}" for asked in ("", "?a=1", "?a=1&b=0")),
        *(f"submissions/{{data}}?{asked}" for asked in ("start=1", "start=3&end=3", "start=-1&end=2")),
    ],
)
async def test_what_cannot_be_asked_is_told_on_a_page(viewer: AsyncClient, client: AsyncClient, end: str) -> None:
    customer = await a_customer(client)
    answer = await viewer.get(f"/console/customers/{customer}/{end.format(data=new_id())}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


async def test_nothing_of_another_customer_or_tenant_is_found(viewer: AsyncClient, client: AsyncClient, app: FastAPI, database: Database) -> None:
    mine, other = await a_customer(client), await a_customer(client)
    person = await bound(client, other, NURSE)
    data_id = (await read(client, f"/person/{person}/data"))["items"][0]["id"]
    assert (await viewer.get(f"/console/customers/{other}/submissions/{data_id}")).status_code == 200
    strangers = Caller(app, database, await create_tenant(database, f"tenant {new_id()}"))
    foreign = await a_customer(await strangers.client())
    await strangers.close()
    for address in (
        f"{mine}/persona?person={person}",
        f"{mine}/persona?version=1",
        f"{other}/persona?version=2",
        f"{other}/persona/compare?a=1&b=2",
        f"{mine}/persona/compare?a=1&b=1",
        f"{mine}/submissions/{data_id}",
        f"{mine}/submissions/none",
        f"{foreign}/persona",
        f"{foreign}/persona/compare?a=1&b=1",
        f"{foreign}/submissions/{data_id}",
    ):
        assert (await viewer.get(f"/console/customers/{address}")).status_code == 404, address


@pytest.mark.parametrize("end", ["", "/persona", "/persona/compare?a=1&b=2", "/submissions/none"])
async def test_a_stranger_is_led_to_the_sign_in(stranger: AsyncClient, client: AsyncClient, end: str) -> None:
    answer = await stranger.get(f"/console/customers/{await a_customer(client)}{end}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in?")


async def test_a_page_costs_the_same_few_statements_however_much_there_is(
    viewer: AsyncClient, client: AsyncClient, app: FastAPI, urls: DatabaseUrls
) -> None:
    costs = []
    for persons in (1, 4):
        customer = await a_customer(client)
        for _ in range(persons):
            person = await bound(client, customer, NURSE, "I love hiking.")
        data_id = (await read(client, f"/person/{person}/data"))["items"][0]["id"]
        ends = ("", "/persona", "/persona/compare?a=1&b=2", f"/submissions/{UUID(data_id)}?start=0&end=3")
        with counted_statements() as statements:
            await viewer.get(f"/console/customers/{customer}")
        assert sum("personas" in each for each in statements) == 1
        costs.append([await sent_for(viewer, f"/console/customers/{customer}{end}") for end in ends])
    assert costs[0] == costs[1]
    assert max(costs[0]) <= MOST
