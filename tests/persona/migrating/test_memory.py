"""The memory of a whole migration: that of a few batches, however many rows there are. Each run is a process of its own."""

from pathlib import Path

import pytest

from benchmarks.persona_migration import migration
from factbook.database.urls import DatabaseUrls
from tests.conftest import fresh_database
from tests.persona.migrating.old_rows import GOOD_OF_A_HUNDRED, json_lines_of

FEW, MANY = 5_000, 20_000


@pytest.fixture(scope="module")
def own_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    """A database of this module's own."""
    return fresh_database(server_url, template, f"migration_memory_{worker_id}")


def test_memory_is_that_of_some_batches_however_many_rows_there_are(own_urls: DatabaseUrls, tmp_path: Path) -> None:
    source = tmp_path / "personas.jsonl"
    peaks: list[float] = []
    sizes: list[int] = []
    for rows in (FEW, MANY):
        with source.open("w", encoding="utf-8") as file:
            file.writelines(json_lines_of(rows))
        figures = migration("migrate", source, own_urls)
        assert (figures["read"], figures["done"] + figures["unchanged"] + figures["not_taken"]) == (rows, rows)
        assert figures["done"] == GOOD_OF_A_HUNDRED * (rows - sum(sizes)) // 100
        sizes.append(rows)
        peaks.append(figures["peak_memory_mib"])
    grown = peaks[1] - peaks[0]
    text_mib = source.stat().st_size / 2**20 * (MANY - FEW) / MANY
    assert grown < text_mib / 2, (peaks, text_mib)
