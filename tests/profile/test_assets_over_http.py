"""Assets over HTTP: files taken in or refused, listed, read, replaced and deleted."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response

from factbook.access import PrincipalKind, Scope
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.content.kept import KeptInFolder
from tests.conversations.inbox import code, items
from tests.profile.files import HTML, PDF, PNG, TEXT, added, assets_of, errors, send

SMALL = 1000


@pytest.fixture
def small_limit(app: FastAPI) -> Iterator[int]:
    """How many bytes an asset may have while this test runs."""
    before = app.state.asset_max_bytes
    app.state.asset_max_bytes = SMALL
    yield SMALL
    app.state.asset_max_bytes = before


async def put_field(client: AsyncClient, customer: str, **source: Any) -> dict[str, Any]:
    answer = await client.put(f"/customers/{customer}/profile/fields/iban", json={"value": "x", "source": "document_extracted", **source})
    assert answer.status_code == 200, answer.text
    field: dict[str, Any] = answer.json()["field"]
    return field


async def test_a_file_becomes_an_asset_with_all_that_was_said_of_it(client: AsyncClient, customer: str) -> None:
    session, scenario = str(new_id()), str(new_id())
    asset = await added(
        client,
        customer,
        PDF,
        "application/pdf; version=1.7",
        asset_type="pdf",
        name="passport",
        source_item_id=session,
        source_item_type="session",
        derived_from_tool="scanner",
        uploaded_in_session_id=session,
        uploaded_in_scenario_id=scenario,
        verification_result={"fits": True, "score": 10**20, "of": [1.5, None, "ü"]},
        retention_policy="one_year",
        expires_at="2999-01-01T01:00:00+01:00",
    )
    checksum = hashlib.sha256(PDF).hexdigest()
    assert (asset["checksum"], asset["size_bytes"], asset["mime_type"]) == (checksum, len(PDF), "application/pdf")
    assert (asset["name"], asset["asset_type"], asset["status"], asset["verified"]) == ("passport", "pdf", "active", False)
    assert (asset["source_item_id"], asset["source_item_type"], asset["derived_from_tool"]) == (session, "session", "scanner")
    assert (asset["uploaded_in_session_id"], asset["uploaded_in_scenario_id"]) == (session, scenario)
    assert asset["verification_result"] == {"fits": True, "score": 10**20, "of": [1.5, None, "ü"]}
    assert (asset["retention_policy"], asset["expires_at"]) == ("one_year", "2999-01-01T00:00:00.000Z")
    assert (await client.get(assets_of(customer, asset["id"]))).json() == asset
    assert (await client.get(f"/customers/{customer}/profile")).json()["assets"] == [asset]


async def test_the_list_gives_pages_the_last_added_first(client: AsyncClient, customer: str) -> None:
    assert await items(client, assets_of(customer)) == []
    ids = [(await added(client, customer, name=f"letter {number}"))["id"] for number in range(5)]
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (await client.get(assets_of(customer), params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append([asset["id"] for asset in answer["items"]])
        cursor = answer["next_cursor"]
    assert pages == [ids[:2:-1], ids[2:0:-1], ids[:1]]


async def test_the_list_can_be_narrowed_to_a_status(client: AsyncClient, customer: str) -> None:
    first = await added(client, customer)
    second = await added(client, customer, supersede_existing=True)
    past = await added(client, customer, name="old", expires_at="2020-01-01T00:00:00Z")
    by_status = {status: await items(client, assets_of(customer), status=status) for status in ("active", "superseded", "expired", "orphaned")}
    ids = {status: [asset["id"] for asset in found] for status, found in by_status.items()}
    assert ids == {"active": [second["id"]], "superseded": [first["id"]], "expired": [past["id"]], "orphaned": []}


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 201}, {"cursor": "none of ours"}, {"cursor": "W10"}, {"status": "lost"}], ids=str)
async def test_a_list_refuses_what_it_cannot_do(client: AsyncClient, customer: str, parameters: dict[str, Any]) -> None:
    answer = await client.get(assets_of(customer), params=parameters)
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == [*parameters]


@pytest.mark.parametrize(
    ("asset_type", "media_type"),
    [("image", "application/pdf"), ("pdf", "image/png"), ("document", "image/png"), ("audio", "video/mp4"), ("image", ""), ("image", "image/*")],
)
async def test_a_type_that_is_not_of_the_kind_is_refused(client: AsyncClient, customer: str, asset_type: str, media_type: str) -> None:
    answer = await send(client, customer, PNG, media_type, asset_type)
    assert code(answer) == (415, "media_type_unsupported")
    assert errors(answer) == ["file"]
    assert await items(client, assets_of(customer)) == []


@pytest.mark.parametrize(
    ("content", "media_type", "asset_type"),
    [
        (PDF, "image/png", "image"),
        (HTML, "image/png", "image"),
        (HTML, "application/pdf", "pdf"),
        (PNG, "text/plain", "document"),
        (b"\xff\xfe", "text/html", "document"),
        (PNG, "image/svg+xml", "image"),
        (PNG, "audio/mpeg", "audio"),
    ],
)
async def test_bytes_that_are_not_of_the_declared_type_are_refused(
    client: AsyncClient, customer: str, content: bytes, media_type: str, asset_type: str
) -> None:
    answer = await send(client, customer, content, media_type, asset_type)
    assert code(answer) == (422, "content_unfit")
    assert errors(answer) == ["file"]
    assert await items(client, assets_of(customer)) == []


async def test_a_file_may_be_as_large_as_the_limit_and_no_larger(client: AsyncClient, customer: str, small_limit: int) -> None:
    assert (await added(client, customer, b"x" * small_limit))["size_bytes"] == small_limit
    answer = await send(client, customer, b"x" * (small_limit + 1))
    assert code(answer) == (413, "body_too_large")
    assert errors(answer) == ["file"]
    assert len(await items(client, assets_of(customer))) == 1


async def test_a_body_beyond_every_limit_is_refused_before_it_is_read(client: AsyncClient, customer: str) -> None:
    answer = await client.post(assets_of(customer), content=b"", headers={"Content-Length": str(1 << 30), "Content-Type": "multipart/form-data"})
    assert code(answer) == (413, "body_too_large")


async def test_a_file_may_be_larger_than_other_bodies(client: AsyncClient, customer: str) -> None:
    content = bytes(17 * 1024 * 1024)
    asset = await added(client, customer, content, "application/octet-stream")
    assert (await client.get(assets_of(customer, asset["id"], "/content"))).content == content
    consent = await client.post(f"/customers/{customer}/consents", content=content, headers={"Content-Type": "application/json"})
    assert code(consent) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"name": None}, ["name"]),
        ({"name": ""}, ["name"]),
        ({"name": "x" * 256}, ["name"]),
        ({"name": "a\x00b"}, ["name"]),
        ({"asset_type": None}, ["asset_type"]),
        ({"asset_type": "video"}, ["asset_type"]),
        ({"colour": "red"}, ["colour"]),
        ({"verified": "true"}, ["verified"]),
        ({"status": "expired", "checksum": "0" * 64}, ["status", "checksum"]),
        ({"verification_result": "{"}, ["verification_result"]),
        ({"verification_result": "[]"}, ["verification_result"]),
        ({"verification_result": "null"}, ["verification_result"]),
        ({"verification_result": '{"a": NaN}'}, ["verification_result"]),
        ({"verification_result": '{"a": "\\u0000"}'}, ["verification_result"]),
        ({"verification_result": '{"a": "\\ud800"}'}, ["verification_result"]),
        ({"verification_result": '{"a":' * 200 + "1" + "}" * 200}, ["verification_result"]),
        ({"verification_result": '{"a":' * 100_000}, ["verification_result"]),
        ({"source_item_id": "nobody"}, ["source_item_id"]),
        ({"source_item_id": "7f3a2c1e-0000-4000-8000-000000000001", "source_item_type": "letter"}, ["source_item_type"]),
        ({"supersede_existing": "perhaps"}, ["supersede_existing"]),
        ({"derived_from_tool": "x" * 101}, ["derived_from_tool"]),
        ({"retention_policy": "x" * 51}, ["retention_policy"]),
        ({"expires_at": "tomorrow"}, ["expires_at"]),
        ({"expires_at": "2999-01-01T00:00:00"}, ["expires_at"]),
    ],
    ids=lambda given: ascii(given)[:50],
)
async def test_a_form_of_the_wrong_shape_is_refused_by_field(client: AsyncClient, customer: str, form: dict[str, Any], fields: list[str]) -> None:
    answer = await send(client, customer, **form)
    assert code(answer) == (422, "request_invalid")
    assert sorted(errors(answer)) == sorted(fields)
    assert await items(client, assets_of(customer)) == []


async def test_a_form_without_a_file_is_refused(client: AsyncClient, customer: str) -> None:
    texts = {"name": "letter", "asset_type": "document"}
    without = await client.post(assets_of(customer), data=texts)
    as_text = await client.post(assets_of(customer), data=texts, files={"file": (None, "text")})  # a part without a file name is a text
    as_json = await client.post(assets_of(customer), json=texts | {"file": "text"})
    nothing = await client.post(assets_of(customer))
    for answer in (without, as_text, as_json, nothing):
        assert code(answer) == (422, "request_invalid")
        assert "file" in errors(answer)


async def test_a_part_that_is_sent_twice_is_refused(client: AsyncClient, customer: str) -> None:
    texts: dict[str, Any] = {"name": ["one", "two"], "asset_type": "document"}
    file = ("file", ("upload", TEXT, "text/plain"))
    answer = await client.post(assets_of(customer), data=texts, files=[file, file])
    assert code(answer) == (422, "request_invalid")
    assert sorted(errors(answer)) == ["file", "name"]
    assert await items(client, assets_of(customer)) == []


@pytest.mark.parametrize("form", [{"name": "x" * 2_000_000}, {f"part{number}": "x" for number in range(1100)}], ids=["too long", "too many"])
async def test_a_form_of_endless_parts_is_refused(client: AsyncClient, customer: str, form: dict[str, Any]) -> None:
    assert code(await send(client, customer, **form)) == (422, "request_invalid")


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nnonsense", b"no boundary at all"])
async def test_a_form_that_cannot_be_read_is_refused(client: AsyncClient, customer: str, body: bytes) -> None:
    for content_type in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = await client.post(assets_of(customer), content=body, headers={"Content-Type": content_type})
        assert code(answer) == (422, "request_invalid")


async def test_an_empty_file_is_a_file(client: AsyncClient, customer: str) -> None:
    asset = await added(client, customer, b"", "application/pdf", asset_type="pdf")
    assert (asset["size_bytes"], asset["checksum"]) == (0, hashlib.sha256(b"").hexdigest())
    answer = await client.get(assets_of(customer, asset["id"], "/content"))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


async def test_a_source_must_be_an_item_of_the_tenant(client: AsyncClient, customer: str, stranger: AsyncClient, foreign_customer: str) -> None:
    foreign = (await added(stranger, foreign_customer))["id"]
    own = (await added(client, customer))["id"]
    for source, kind in ((str(new_id()), "profile_asset"), (foreign, "profile_asset"), (own, "profile_field")):
        answer = await send(client, customer, source_item_id=source, source_item_type=kind)
        assert code(answer) == (422, "source_unknown")
        assert errors(answer) == ["source_item_id"]
    without_type = await send(client, customer, source_item_id=own)
    assert code(without_type) == (422, "source_unknown")
    assert errors(without_type) == ["source_item_type"]
    assert len(await items(client, assets_of(customer))) == 1
    assert (await added(client, customer, source_item_id=own, source_item_type="profile_asset"))["source_item_id"] == own


async def test_nothing_is_found_of_an_unknown_a_foreign_and_a_malformed_id(
    client: AsyncClient, customer: str, stranger: AsyncClient, foreign_customer: str
) -> None:
    foreign = (await added(stranger, foreign_customer))["id"]
    own = (await added(client, customer))["id"]
    other = (await client.post("/customers", json={"channel": "api", "identifier": "another"})).json()["id"]
    for somebody in (foreign_customer, str(new_id()), "nobody"):
        assert code(await send(client, somebody)) == (404, "not_found")
        assert code(await client.get(assets_of(somebody))) == (404, "not_found")
    for whose, asset in (
        (customer, foreign),
        (foreign_customer, foreign),
        (other, own),
        (customer, str(new_id())),
        (customer, "nothing"),
        ("nobody", own),
    ):
        for rest in ("", "/content"):
            assert code(await client.get(assets_of(whose, asset, rest))) == (404, "not_found")
        assert code(await client.delete(assets_of(whose, asset))) == (404, "not_found")
    assert (await stranger.get(assets_of(foreign_customer, foreign))).status_code == 200
    assert (await client.get(assets_of(customer, own))).status_code == 200


async def test_a_service_needs_a_scope_to_add_and_none_to_read(caller: Caller, client: AsyncClient, customer: str) -> None:
    asset = (await added(client, customer))["id"]
    for scopes in (set[Scope](), {Scope.ADMIN, Scope.CONVERSATIONS_WRITE, Scope.TRUTH_WRITE}):
        service = await caller.client(PrincipalKind.SERVICE, frozenset(scopes))
        assert code(await send(service, customer)) == (403, "scope_required")
        assert code(await service.delete(assets_of(customer, asset))) == (403, "scope_required")
        assert (await service.get(assets_of(customer, asset, "/content"))).content == TEXT
        assert len(await items(service, assets_of(customer))) == 1
    for scope in (Scope.PROFILES_WRITE, Scope.CUSTOMERS_WRITE):
        service = await caller.client(PrincipalKind.SERVICE, frozenset({scope}))
        await added(service, customer)
    await added(await caller.client(scopes=frozenset()), customer)
    nobody = caller.with_key(None)
    assert code(await send(nobody, customer)) == (401, "unauthenticated")
    assert code(await nobody.get(assets_of(customer, asset, "/content"))) == (401, "unauthenticated")


async def test_a_store_that_cannot_be_used_stores_nothing(client: AsyncClient, customer: str, kept: KeptInFolder) -> None:
    kept.folder.write_bytes(b"a file where the folder should be")
    assert code(await send(client, customer)) == (503, "unavailable")
    assert await items(client, assets_of(customer)) == []


async def test_the_same_bytes_are_kept_once_for_all_assets_of_a_tenant(client: AsyncClient, customer: str, kept: KeptInFolder) -> None:
    first, second = [await added(client, customer, name=name) for name in ("one", "two")]
    assert first["id"] != second["id"]
    assert kept.paths() == {first["storage_path"]} == {second["storage_path"]}


async def test_a_new_file_takes_the_place_of_those_of_its_name_when_asked_to(client: AsyncClient, customer: str) -> None:
    first, second, other = [await added(client, customer, name=name) for name in ("letter", "letter", "other")]
    assert [first["status"], second["status"]] == ["active", "active"]
    third = await added(client, customer, PDF, "application/pdf", supersede_existing="true")
    found = {asset["id"]: asset for asset in await items(client, assets_of(customer))}
    for earlier in (first, second):
        assert (found[earlier["id"]]["status"], found[earlier["id"]]["superseded_by_id"]) == ("superseded", third["id"])
        assert found[earlier["id"]]["superseded_at"] is not None
    assert found[other["id"]]["status"] == found[third["id"]]["status"] == "active"
    assert (await client.get(assets_of(customer, first["id"], "/content"))).content == TEXT
    shown = (await client.get(f"/customers/{customer}/profile")).json()["assets"]
    assert {asset["id"] for asset in shown} == {other["id"], third["id"]}


async def test_a_deleted_asset_is_not_there_and_neither_is_its_content(client: AsyncClient, customer: str) -> None:
    asset, twin = [(await added(client, customer))["id"] for _ in range(2)]
    gone = await client.delete(assets_of(customer, asset))
    assert (gone.status_code, gone.content) == (204, b"")
    for rest in ("", "/content"):
        assert code(await client.get(assets_of(customer, asset, rest))) == (404, "not_found")
    assert code(await client.delete(assets_of(customer, asset))) == (404, "not_found")
    assert [each["id"] for each in await items(client, assets_of(customer))] == [twin]
    assert [each["id"] for each in (await client.get(f"/customers/{customer}/profile")).json()["assets"]] == [twin]
    history = (await client.get(f"/customers/{customer}/profile", params={"include_history": True})).json()["asset_history"]
    assert [each["id"] for each in history] == [twin]
    assert (await client.get(assets_of(customer, twin, "/content"))).content == TEXT
    late = await send(client, customer, source_item_id=asset, source_item_type="profile_asset")
    assert code(late) == (422, "source_unknown")


async def test_only_a_human_may_delete_what_something_was_derived_from(caller: Caller, client: AsyncClient, customer: str) -> None:
    asset = (await added(client, customer))["id"]
    field = await put_field(client, customer, source_item_id=asset, source_item_type="profile_asset")
    derived = (await added(client, customer, source_item_id=asset, source_item_type="profile_asset"))["id"]
    assert (await client.get(assets_of(customer, asset))).json()["analysis_field_ids"] == [field["id"]]
    service = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.PROFILES_WRITE, Scope.ADMIN}))
    assert code(await service.delete(assets_of(customer, asset))) == (409, "has_dependents")
    assert code(await client.delete(assets_of(customer, asset))) == (409, "has_dependents")
    assert code(await service.delete(assets_of(customer, asset), params={"force": True})) == (403, "human_required")
    assert (await client.get(assets_of(customer, asset))).status_code == 200
    assert (await client.delete(assets_of(customer, asset), params={"force": True})).status_code == 204
    assert code(await client.get(assets_of(customer, asset))) == (404, "not_found")
    assert (await client.get(assets_of(customer, derived))).json()["status"] == "orphaned"
    orphan = await client.get(f"/customers/{customer}/profile/fields/iban", params={"status": "orphaned"})
    assert orphan.json()["id"] == field["id"]


async def test_a_service_may_delete_what_nothing_was_derived_from(caller: Caller, client: AsyncClient, customer: str) -> None:
    asset = (await added(client, customer))["id"]
    service = await caller.client(PrincipalKind.SERVICE, frozenset({Scope.PROFILES_WRITE}))
    assert (await service.delete(assets_of(customer, asset))).status_code == 204


async def test_a_file_sent_again_under_its_key_is_added_once(client: AsyncClient, customer: str) -> None:
    key = {"Idempotency-Key": "upload 1"}

    async def sent(name: str = "card") -> Response:
        files = {"file": ("a.png", PNG, "image/png")}
        return await client.post(f"/customers/{customer}/profile/assets", files=files, data={"name": name, "asset_type": "image"}, headers=key)

    first, again = await sent(), await sent()
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert code(await sent("another")) == (409, "idempotency_key_reused")
    assert len(await items(client, f"/customers/{customer}/profile/assets")) == 1
