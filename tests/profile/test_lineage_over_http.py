"""Where items come from over HTTP, and the two jobs that an administrator may start by hand."""

from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from factbook.access import PrincipalKind, Scope
from factbook.kernel.ids import new_id
from factbook.profile.backend import SYSTEM, Backend
from factbook.profile.stores.postgres import PostgresProfileStore
from tests.calling import Caller
from tests.conversations.inbox import code, create_customer
from tests.profile.files import added, assets_of

PAST = "2020-01-01T00:00:00Z"
JOBS = ("/admin/profiles/expire-stale", "/admin/profiles/detect-orphans")


def chain_of(item: str) -> str:
    return f"/profile-items/{item}/derivation-chain"


def derived_from(item: str) -> str:
    return f"/profile-items/{item}/derived-items"


async def write(client: AsyncClient, customer: str, name: str, source: str | None = None, kind: str = "profile_field", **more: Any) -> str:
    """The id of a value that comes from the source."""
    origin = {"source_item_id": source, "source_item_type": kind} if source else {}
    body = {"value": f"value of {name}", "source": "document_extracted", "source_metadata": {"step": name}, **origin, **more}
    answer = await client.put(f"/customers/{customer}/profile/fields/{name}", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["field"]["id"])


async def names(client: AsyncClient, item: str) -> tuple[list[str], bool]:
    """The names in the item's chain, and whether it is truncated."""
    answer = await client.get(chain_of(item))
    assert answer.status_code == 200, answer.text
    return [link["name"] for link in answer.json()["items"]], answer.json()["truncated"]


async def run(client: AsyncClient, job: str) -> int:
    """How many items the job marked."""
    answer = await client.post(job)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"count"}
    return int(answer.json()["count"])


def chains_counted() -> tuple[float, float]:
    """How many chains were asked for, and how many items they had."""
    name = "factbook_profile_derivation_chain_depth"
    return REGISTRY.get_sample_value(f"{name}_count") or 0.0, REGISTRY.get_sample_value(f"{name}_sum") or 0.0


async def test_a_chain_goes_from_the_root_over_fields_and_assets_to_the_item(client: AsyncClient, customer: str) -> None:
    asset = (await added(client, customer, name="passport scan", source_item_id=str(new_id()), source_item_type="session"))["id"]
    number = await write(client, customer, "passport_number", asset, "profile_asset")
    country = await write(client, customer, "country", number)
    copy = (await added(client, customer, name="certificate", source_item_id=country, source_item_type="profile_field"))["id"]
    answer = (await client.get(chain_of(copy))).json()
    assert answer == {
        "items": [
            {"id": asset, "type": "profile_asset", "name": "passport scan", "source_metadata": {}},
            {"id": number, "type": "profile_field", "name": "passport_number", "source_metadata": {"step": "passport_number"}},
            {"id": country, "type": "profile_field", "name": "country", "source_metadata": {"step": "country"}},
            {"id": copy, "type": "profile_asset", "name": "certificate", "source_metadata": {}},
        ],
        "truncated": False,
    }
    assert await names(client, asset) == (["passport scan"], False)


async def test_a_chain_of_more_than_ten_shows_the_ten_nearest_the_item(client: AsyncClient, customer: str) -> None:
    ids: list[str] = []
    for number in range(12):
        ids.append(await write(client, customer, f"step_{number}", ids[-1] if ids else None))
    assert await names(client, ids[9]) == ([f"step_{number}" for number in range(10)], False)
    assert await names(client, ids[10]) == ([f"step_{number}" for number in range(1, 11)], True)
    assert await names(client, ids[11]) == ([f"step_{number}" for number in range(2, 12)], True)


async def test_a_chain_leads_over_versions_and_customers_and_ends_where_something_was_deleted(client: AsyncClient, customer: str) -> None:
    other = await create_customer(client, "another", "api")
    root = await write(client, customer, "root")
    await write(client, customer, "root")  # the first version is superseded and stays the source
    middle = await write(client, other, "middle", root)
    end = await write(client, customer, "end", middle)
    assert await names(client, end) == (["root", "middle", "end"], False)
    gone = await client.delete(f"/customers/{other}/profile/fields/{middle}", params={"force": True})
    assert gone.status_code == 204
    assert await names(client, end) == (["end"], False)
    assert code(await client.get(chain_of(middle))) == (404, "not_found")
    assert code(await client.get(derived_from(middle))) == (404, "not_found")


async def test_what_was_derived_is_told_with_its_values_whatever_its_status(client: AsyncClient, customer: str) -> None:
    definition = {"value_type": "string", "encryption_required": True}
    await client.put(f"/agents/{new_id()}/field-definitions/sealed", json=definition)
    asset = (await added(client, customer))["id"]
    empty = (await client.get(derived_from(asset))).json()
    assert empty == {"fields": [], "assets": []}
    sealed = await write(client, customer, "sealed", asset, "profile_asset")
    earlier = await write(client, customer, "other", asset, "profile_asset", expires_at=PAST)
    copy = (await added(client, customer, source_item_id=asset, source_item_type="profile_asset"))["id"]
    await write(client, customer, "grandchild", sealed)
    answer = (await client.get(derived_from(asset))).json()
    assert [(field["id"], field["value"], field["status"]) for field in answer["fields"]] == [
        (sealed, "value of sealed", "active"),
        (earlier, "value of other", "expired"),
    ]
    assert [each["id"] for each in answer["assets"]] == [copy]


async def test_nothing_is_found_of_an_item_that_is_not_the_tenants(client: AsyncClient, stranger: AsyncClient, foreign_customer: str) -> None:
    foreign = await write(stranger, foreign_customer, "theirs")
    for item in (foreign, foreign_customer, str(new_id()), "nothing"):
        assert code(await client.get(chain_of(item))) == (404, "not_found")
        assert code(await client.get(derived_from(item))) == (404, "not_found")
    assert await names(stranger, foreign) == (["theirs"], False)


async def test_chains_are_counted_by_depth_and_logged_without_names(client: AsyncClient, customer: str) -> None:
    root = await write(client, customer, "a_very_private_name")
    end = await write(client, customer, "end", root)
    count, depth = chains_counted()
    with capture_logs() as lines:
        await names(client, end)
    assert chains_counted() == (count + 1, depth + 2)
    (line,) = [line for line in lines if line["event"] == "derivation_chain_traversed"]
    assert (line["item_id"], line["depth"], line["truncated"]) == (end, 2, False)
    assert "a_very_private_name" not in str(lines)
    await client.get(chain_of(str(new_id())))
    assert chains_counted() == (count + 1, depth + 2)


async def test_whoever_has_a_key_may_ask_where_items_come_from(caller: Caller, client: AsyncClient, customer: str) -> None:
    item = await write(client, customer, "name")
    service = await caller.client(PrincipalKind.SERVICE, frozenset())
    assert await names(service, item) == (["name"], False)
    assert (await service.get(derived_from(item))).status_code == 200
    nobody = caller.with_key(None)
    for path in (chain_of(item), derived_from(item)):
        assert code(await nobody.get(path)) == (401, "unauthenticated")


async def test_what_is_past_its_time_is_marked_once(client: AsyncClient, customer: str, stranger: AsyncClient, foreign_customer: str) -> None:
    other = await create_customer(client, "another", "api")
    for somebody in (customer, other):
        await write(client, somebody, "old", expires_at=PAST)
        await write(client, somebody, "new", expires_at="2999-01-01T00:00:00Z")
        await added(client, somebody, expires_at=PAST)
    await write(stranger, foreign_customer, "old", expires_at=PAST)
    before = (await client.get(f"/customers/{customer}/profile")).json()
    assert set(before["fields"]) == {"new"}  # what is past its time reads as such before anybody marks it
    assert [await run(client, JOBS[0]) for _ in range(2)] == [4, 0]
    assert [await run(stranger, JOBS[0]) for _ in range(2)] == [1, 0]
    old = await client.get(f"/customers/{customer}/profile/fields/old", params={"status": "expired"})
    assert old.status_code == 200
    after = (await client.get(f"/customers/{customer}/profile")).json()
    assert (set(after["fields"]), after["assets"]) == ({"new"}, [])


async def test_what_has_lost_its_source_is_marked_once(
    client: AsyncClient, caller: Caller, backend: Backend, customer: str, stranger: AsyncClient
) -> None:
    other = await create_customer(client, "another", "api")
    root = await write(client, other, "root")
    profile = UUID((await client.get(f"/customers/{other}/profile")).json()["id"])
    child = await write(client, customer, "child", root)
    copy = (await added(client, customer, source_item_id=root, source_item_type="profile_field"))["id"]
    await write(client, customer, "grandchild", child)
    await write(client, customer, "outside", str(new_id()), "external")
    assert await run(client, JOBS[1]) == 0
    assert await PostgresProfileStore(backend, SYSTEM).delete(caller.tenant_id, profile)
    assert await run(stranger, JOBS[1]) == 0
    assert [await run(client, JOBS[1]) for _ in range(2)] == [2, 0]
    orphan = await client.get(f"/customers/{customer}/profile/fields/child", params={"status": "orphaned"})
    assert orphan.json()["id"] == child
    assert (await client.get(assets_of(customer, copy))).json()["status"] == "orphaned"
    assert set((await client.get(f"/customers/{customer}/profile")).json()["fields"]) == {"grandchild", "outside"}


@pytest.mark.parametrize("job", JOBS)
async def test_a_job_needs_the_scope_of_administration(caller: Caller, job: str) -> None:
    for kind in PrincipalKind:
        assert code(await (await caller.client(kind, frozenset(Scope) - {Scope.ADMIN})).post(job)) == (403, "scope_required")
        assert await run(await caller.client(kind, frozenset({Scope.ADMIN})), job) == 0
    assert code(await caller.with_key(None).post(job)) == (401, "unauthenticated")
