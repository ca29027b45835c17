"""Personas of pages of the web: fetched from real servers, skipped by their place, and never asked for by somebody who may not store them."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind
from factbook.persona import PageFetcher
from factbook.persona.model import LONGEST_TEXT
from tests.calling import Caller
from tests.persona.fetching.servers import Exchange, WebServer, answer, redirect, serving
from tests.persona.legacy.test_older_interface import NURSE, UNKNOWN, create, deprecated, person_behind
from tests.persona.persons import code, faults, read

CANARY = "canary-of-a-page"
NOT_PUBLIC = "the host has an address that is not public"
REFUSED = "the host answered with something other than the page"


async def pages(exchange: Exchange) -> None:
    """A small site."""
    match exchange.target:
        case "/maria":
            await exchange.send(answer(f"<h1>Maria</h1><p>{NURSE}</p><script>x</script>".encode()))
        case "/pilot":
            await exchange.send(answer(b"<p>I am a pilot."))
        case "/long":
            await exchange.send(answer(b"a" * (LONGEST_TEXT - 5), "text/plain"))
        case "/inside":
            await exchange.send(redirect("http://127.0.0.1/admin"))
        case _:
            await exchange.send(answer(CANARY.encode(), "image/png"))


@pytest.fixture
def fetching(app: FastAPI) -> Iterator[FastAPI]:
    """The service, which takes its own fetcher back afterwards."""
    own = app.state.page_fetcher
    yield app
    app.state.page_fetcher = own


async def create_from(client: AsyncClient, site: WebServer, *paths: str, raw_text: str | None = None) -> Response:
    return deprecated(await client.post("/persona", json={"raw_text": raw_text, "urls": [site.url(path) for path in paths]}))


async def test_a_persona_of_pages_knows_their_texts_in_their_order_behind_the_text_given(fetching: FastAPI, client: AsyncClient) -> None:
    async with serving(pages) as site:
        fetching.state.page_fetcher = PageFetcher(site.allowed)
        made = await create_from(client, site, "/maria", "/pilot", raw_text="I love sailing.")
    assert made.status_code == 201
    assert "x-urls-skipped" not in made.headers
    persona = await read(client, f"/persona/{made.json()['id']}")
    assert persona["raw_text"] == f"I love sailing.\n\n---\n\nMaria\n{NURSE}\n\n---\n\nI am a pilot."
    assert persona["persona"]["interests"]["passions"] == ["sailing"]
    assert persona["persona"]["meta"]["name"] == "Maria"
    person = await person_behind(client, made.json()["id"])
    assert [item["source"] for item in (await read(client, f"/person/{person}/data"))["items"]] == ["urls"]


async def test_pages_that_cannot_be_had_are_skipped_and_named_by_their_place(fetching: FastAPI, client: AsyncClient) -> None:
    async with serving(pages) as site:
        fetching.state.page_fetcher = PageFetcher(site.allowed)
        made = await create_from(client, site, "/image", "/maria", "/inside")
        patched = deprecated(await client.patch(f"/persona/{made.json()['id']}", json={"urls": [site.url("/pilot"), site.url("/image")]}))
    assert made.status_code == 201
    assert made.headers["x-urls-skipped"] == f"urls[0]: {REFUSED}; urls[2]: {NOT_PUBLIC}"
    assert patched.status_code == 200
    assert patched.headers["x-urls-skipped"] == f"urls[1]: {REFUSED}"
    assert patched.json()["raw_text"] == "I am a pilot."


async def test_when_no_page_can_be_had_nothing_is_stored_and_nothing_of_them_is_told(fetching: FastAPI, client: AsyncClient) -> None:
    identifier = await create(client)
    async with serving(pages) as site:
        fetching.state.page_fetcher = PageFetcher(site.allowed)
        body = {"raw_text": NURSE, "urls": [site.url("/image"), site.url("/inside"), "http://127.0.0.1/"]}
        for refused in (await client.post("/persona", json=body), await client.patch(f"/persona/{identifier}", json=body)):
            assert code(deprecated(refused)) == (400, "urls_not_fetched")
            told = [(fault["field"], fault["message"]) for fault in refused.json()["errors"]]
            assert told == [("urls[0]", REFUSED), ("urls[1]", NOT_PUBLIC), ("urls[2]", NOT_PUBLIC)]
            assert CANARY not in refused.text
            assert "127.0.0.1" not in refused.text
    assert (await read(client, "/persona"))["total"] == 1
    assert (await read(client, f"/persona/{identifier}"))["raw_text"] == NURSE


async def test_more_text_than_a_submission_holds_is_refused_and_not_cut(fetching: FastAPI, client: AsyncClient) -> None:
    async with serving(pages) as site:
        fetching.state.page_fetcher = PageFetcher(site.allowed)
        refused = await create_from(client, site, "/long", "/pilot")
        assert faults(refused) == [("urls", "all texts together are longer than 100000 characters")]
        assert (await create_from(client, site, "/long")).status_code == 201


async def test_nobody_has_a_page_fetched_who_may_not_store_it_or_for_a_persona_that_is_not_there(
    fetching: FastAPI, client: AsyncClient, caller: Caller
) -> None:
    reader = await caller.client(PrincipalKind.SERVICE, frozenset())
    async with serving(pages) as site:
        fetching.state.page_fetcher = PageFetcher(site.allowed)
        assert code(await create_from(reader, site, "/maria")) == (403, "scope_required")
        assert code(await client.patch(f"/persona/{UNKNOWN}", json={"urls": [site.url("/maria")]})) == (404, "not_found")
    assert site.exchanges == []


async def test_a_repetition_under_an_idempotency_key_fetches_nothing_again(fetching: FastAPI, client: AsyncClient) -> None:
    async with serving(pages) as site:
        fetching.state.page_fetcher = PageFetcher(site.allowed)
        body, key = {"urls": [site.url("/maria")]}, {"Idempotency-Key": "pages"}
        first, again = [await client.post("/persona", json=body, headers=key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(site.exchanges) == 1
