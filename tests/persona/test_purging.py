"""Purging waits for whoever may still look at a deleted row, and says so when it waited in vain."""

import psycopg
import pytest
from httpx2 import AsyncClient

from factbook.database import purging
from factbook.database.purging import purge_tables
from factbook.database.urls import DatabaseUrls
from factbook.persona import TABLES_OF_THE_ERASED
from tests.persona.persons import create_person, submit


async def test_rows_that_an_open_transaction_holds_are_told(client: AsyncClient, urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "PATIENCE_SECONDS", 0.0)
    person = await create_person(client)
    await submit(client, person, "I am a nurse.")
    steps: list[tuple[int, int]] = []
    with psycopg.connect(urls.admin) as looking:
        looking.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        looking.execute("SELECT 1").fetchone()
        await client.delete(f"/person/{person}")
        held = purge_tables(urls, TABLES_OF_THE_ERASED, own_server=True, progress=lambda done, of: steps.append((done, of)))
    purged = purge_tables(urls, TABLES_OF_THE_ERASED, own_server=True, progress=lambda _done, _of: None)
    assert held.rows_held > 0
    assert (purged.rows_held, purged.log_files) == (0, None)
    assert purged.bytes_after <= held.bytes_after
    assert steps[-1] == (len(TABLES_OF_THE_ERASED), len(TABLES_OF_THE_ERASED))
