import html
import re
import shlex
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
from fastapi import FastAPI
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope, create_key, create_tenant
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from tests.conftest import ROLE_SECRET
from tests.console.counting import MOST, sent_for
from tests.console.people import HOSTILE, a_customer


async def commands(viewer: AsyncClient) -> dict[str, str]:
    """The commands of the page by their ids, as a click copies them."""
    answer = await viewer.get("/console")
    assert answer.status_code == 200
    found = re.findall(r'<pre class="command" id="(\w+)"[^>]*>(.*?)</pre>', answer.text, re.DOTALL)
    assert all(f'<button type="button" class="copy" hidden data-copies="{name}">' in answer.text for name, _ in found)
    return {name: html.unescape(text) for name, text in found}


async def test_an_empty_tenant_is_told_three_commands_without_its_key(viewer: AsyncClient, key: str) -> None:
    told = await commands(viewer)
    assert list(told) == ["customer", "conversation", "history"]
    assert key not in (await viewer.get("/console")).text
    assert all("Bearer $FACTBOOK_KEY" in told[name] for name in ("customer", "conversation"))


async def test_the_commands_of_http_are_what_the_api_takes(viewer: AsyncClient, client: AsyncClient) -> None:
    told = await commands(viewer)
    for name, path in (("customer", "/v1/customers"), ("conversation", "/v1/conversations")):
        program, *arguments = shlex.split(told[name].replace("\\\n", ""))
        options = dict(zip(arguments[1::2], arguments[2::2], strict=False)) | {"-X": arguments[1]}
        address, body = arguments[2], arguments[arguments.index("-d") + 1]
        assert (program, arguments[0], options["-X"], address) == ("curl", "-X", "POST", f"https://factbook{path}")
        headers = dict(text.split(": ") for place, text in enumerate(arguments) if arguments[place - 1] == "-H")
        assert headers == {"Authorization": "Bearer $FACTBOOK_KEY", "Content-Type": "application/json"}
        answer = await client.post(path.removeprefix("/v1"), content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 201, answer.text
    page = (await viewer.get("/console")).text
    assert page.count(">ada@example.com</a>") == 2


async def test_the_command_of_the_shell_runs_as_it_is_written(
    stranger: AsyncClient, database: Database, urls: DatabaseUrls, server_url: str, tmp_path: Path
) -> None:
    name = f"Ada's $(touch ran) & sons {new_id()}"
    tenant_id = await create_tenant(database, name)
    await stranger.post("/console/sign-in", data={"key": await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", frozenset(Scope))})
    told = await commands(stranger)
    with psycopg.connect(urls.reader) as connection:
        admin_url = server_url.rpartition("/")[0] + f"/{connection.info.dbname}"
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
        "FACTBOOK_DATABASE_URL": admin_url,
        "FACTBOOK_DATABASE_ROLE_SECRET": ROLE_SECRET,
        "FACTBOOK_DATA_DIR": str(tmp_path / "data"),
    }
    ran = subprocess.run(["sh", "-c", told["history"]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: ASYNC221
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("read 1, recorded")
    assert not (tmp_path / "ran").exists()
    assert "Newest customers" in (await stranger.get("/console")).text


async def test_a_tenant_with_data_gets_a_search_and_what_came_in_last(viewer: AsyncClient, client: AsyncClient) -> None:
    customers = [await a_customer(client) for _ in range(6)]
    await client.post("/conversations", json={"channel": "webchat", "customer_identifier": HOSTILE})
    page = (await viewer.get("/console")).text
    assert '<form class="filters" role="search" method="get" action="/console/customers">' in page
    assert '<input type="search" name="q"' in page
    assert re.findall(r"/console/customers/([0-9a-f-]{36})", page) == customers[:0:-1]
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_the_start_page_shows_nothing_of_other_tenants_and_asks_for_a_sign_in(
    stranger: AsyncClient, viewer: AsyncClient, database: Database, tenant_id: UUID
) -> None:
    other = await create_tenant(database, f"tenant {new_id()}")
    assert other != tenant_id
    assert "Nothing is here yet" in (await viewer.get("/console")).text
    await viewer.post("/console/sign-out")
    assert (await stranger.get("/console")).headers["location"] == "/console/sign-in?to=%2Fconsole"


async def test_the_start_page_costs_few_statements(viewer: AsyncClient, client: AsyncClient, app: FastAPI, urls: DatabaseUrls) -> None:
    empty = await sent_for(viewer, "/console")
    for _ in range(6):
        await a_customer(client)
    assert max(empty, await sent_for(viewer, "/console")) <= MOST
