"""Master keys by command: what is wrapped by which, rotation beside others, and what is said when one is missing."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from factbook.database.embedded import embedded_server
from factbook.database.opening import EMBEDDED_DATABASE
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls, with_database
from factbook.identity import create_customers
from factbook.profile.sealing.master_keys import MasterKeys
from factbook.profile.sealing.operations import customer_key, keys_under_master_keys
from tests.commands.processes import Installation

OLD, NEW = "0a" * 32, "0b" * 32
OLD_ID, NEW_ID = (MasterKeys.read(text).first_id for text in (OLD, NEW))
CUSTOMERS = 3


@pytest.fixture(scope="module")
def sealed(install: Callable[[], Installation]) -> Iterator[Installation]:
    """A running database in which customers of a tenant have keys under the old master key. Each test leaves them there."""
    installation = install()
    with embedded_server(installation.data.path) as server:
        tenant_id = UUID(installation.ok("tenants", "create", "acme").last_line)
        urls = DatabaseUrls.derive(with_database(server, EMBEDDED_DATABASE), installation.data.state().password)
        asyncio.run(make_keys(urls, tenant_id))
        yield installation


async def make_keys(urls: DatabaseUrls, tenant_id: UUID) -> None:
    database = await Database.open(urls, pool_size=1)
    masters = MasterKeys.read(OLD)
    customers = await create_customers(database, tenant_id, "email", [f"{number}@example.org" for number in range(CUSTOMERS)])
    async with database.transaction(tenant_id) as connection:
        for customer in customers.values():
            await customer_key(connection, tenant_id, customer.id, masters)
    assert await keys_under_master_keys(database, tenant_id) == {OLD_ID: CUSTOMERS}
    await database.close()


def test_a_rotation_wraps_every_key_anew_and_the_old_master_key_is_needed_no_longer(sealed: Installation, tmp_path: Path) -> None:
    both, turned = tmp_path / "both", tmp_path / "turned"
    both.write_text(f"# new\n{NEW}\n# old\n{OLD}\n")
    turned.write_text(f"{OLD}\n{NEW}")
    status = sealed.run("sealing", "status", FACTBOOK_MASTER_KEYS_FILE=both)
    assert status.lines == [f"{NEW_ID}: 0 customer keys, wraps new ones", f"{OLD_ID}: {CUSTOMERS} customer keys, given"]
    for rotated in (CUSTOMERS, 0):
        finished = sealed.run("sealing", "rotate", FACTBOOK_MASTER_KEYS_FILE=both)
        assert (finished.exit_code, finished.lines) == (0, [f"wrapped {rotated} customer keys under the master key {NEW_ID}"])
    assert sealed.run("sealing", "status", FACTBOOK_MASTER_KEYS=NEW).lines == [f"{NEW_ID}: {CUSTOMERS} customer keys, wraps new ones"]
    back = sealed.run("sealing", "rotate", FACTBOOK_MASTER_KEYS_FILE=turned)
    assert back.lines == [f"wrapped {CUSTOMERS} customer keys under the master key {OLD_ID}"]


def test_a_missing_master_key_is_named_in_one_line(sealed: Installation) -> None:
    refused = sealed.run("sealing", "rotate", FACTBOOK_MASTER_KEYS=NEW)
    assert (refused.exit_code, refused.output) == (1, b"")
    told = refused.remarks.splitlines()[-1]
    assert told.startswith(f"factbook: the master key {OLD_ID} is needed")
    assert sealed.run("sealing", "status", FACTBOOK_MASTER_KEYS=NEW).lines == [
        f"{NEW_ID}: 0 customer keys, wraps new ones",
        f"{OLD_ID}: {CUSTOMERS} customer keys, MISSING",
    ]


def test_master_keys_that_cannot_be_used_are_told_in_one_clear_line(sealed: Installation, tmp_path: Path) -> None:
    for settings, told in (
        ({"FACTBOOK_MASTER_KEYS": f"{OLD}\nprivate-words"}, "FACTBOOK_MASTER_KEYS: line 2 is no key"),
        ({"FACTBOOK_MASTER_KEYS_FILE": tmp_path / "none"}, f"{tmp_path / 'none'}: there is no such file"),
    ):
        line = sealed.run("sealing", "status", **settings).clear_line()
        assert told in line
        assert "private-words" not in line


def test_without_settings_a_key_is_made_in_the_data_folder_for_its_owner_alone(sealed: Installation) -> None:
    (_, missing) = sealed.ok("sealing", "status").lines
    assert missing == f"{OLD_ID}: {CUSTOMERS} customer keys, MISSING"
    assert (sealed.data.path / "master-key").stat().st_mode & 0o777 == 0o600
