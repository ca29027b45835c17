"""Consents and the verification level over HTTP: what a customer agreed to, each time on a row of its own, and a human's word on who they are."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient

from factbook.access import PrincipalKind, Scope
from factbook.kernel.ids import new_id
from tests.calling import Caller
from tests.conversations.inbox import as_json, code, create_customer, items
from tests.profile.files import errors

MARKETING: dict[str, Any] = {"consent_type": "marketing", "granted": True}
LEVELS = ["unverified", "email_verified", "phone_verified", "document_verified", "kyc_complete"]


def path_of(customer: str) -> str:
    return f"/customers/{customer}/consents"


async def say(client: AsyncClient, customer: str, **more: Any) -> dict[str, Any]:
    """A consent, recorded."""
    answer = await client.post(path_of(customer), json=MARKETING | more)
    assert answer.status_code == 201, answer.text
    consent: dict[str, Any] = answer.json()
    return consent


async def shown(client: AsyncClient, customer: str, **parameters: Any) -> dict[str, Any]:
    """The customer's profile."""
    profile: dict[str, Any] = (await client.get(f"/customers/{customer}/profile", params=parameters)).json()
    return profile


async def test_a_consent_comes_back_as_it_went_in(client: AsyncClient, customer: str) -> None:
    session = str(new_id())
    said = {"granted_at": "2026-01-01T10:00:00.5+01:00", "source_session_id": session, "ip_address": "2001:db8::1"}
    consent = await say(client, customer, **said)
    assert consent == MARKETING | {
        "id": consent["id"],
        "granted_at": "2026-01-01T09:00:00.500Z",
        "revoked_at": None,
        "source_session_id": session,
        "ip_address": "2001:db8::1",
        "created_at": consent["created_at"],
    }
    assert await items(client, path_of(customer)) == [consent]
    assert (await shown(client, customer))["consents"] == [consent]


async def test_without_a_time_it_is_now(client: AsyncClient, customer: str) -> None:
    given = await say(client, customer)
    assert (given["granted_at"], given["revoked_at"]) == (given["created_at"], None)
    taken_back = await say(client, customer, granted=False)
    assert (taken_back["granted_at"], taken_back["revoked_at"]) == (None, taken_back["created_at"])
    since = await say(client, customer, granted=False, granted_at="2025-01-01T00:00:00Z")
    assert (since["granted_at"], since["revoked_at"]) == ("2025-01-01T00:00:00.000Z", since["created_at"])


async def test_what_was_said_before_stays_said_and_the_profile_shows_the_last_word(client: AsyncClient, customer: str) -> None:
    said = [
        await say(client, customer, consent_type=kind, granted=granted) for kind, granted in (("a", True), ("b", True), ("a", False), ("a", True))
    ]
    assert await items(client, path_of(customer)) == said
    last = (await shown(client, customer))["consents"]
    assert sorted(last, key=lambda consent: str(consent["id"])) == [said[1], said[3]]
    whole = (await shown(client, customer, include_history=True))["consents"]
    assert sorted(whole, key=lambda consent: str(consent["id"])) == said


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_there_is_no_way_to_change_or_remove_a_consent(client: AsyncClient, customer: str, method: str) -> None:
    consent = await say(client, customer)
    assert code(await client.request(method, path_of(customer), json=MARKETING)) == (405, "method_not_allowed")
    assert code(await client.request(method, f"{path_of(customer)}/{consent['id']}", json=MARKETING)) == (404, "not_found")
    assert await items(client, path_of(customer)) == [consent]


async def test_the_same_words_twice_are_two_consents(client: AsyncClient, customer: str) -> None:
    first, second = [await say(client, customer, granted_at="2026-01-01T00:00:00Z") for _ in range(2)]
    assert first["id"] != second["id"]
    assert len(await items(client, path_of(customer))) == 2


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["consent_type", "granted"]),
        (MARKETING | {"consent_type": ""}, ["consent_type"]),
        (MARKETING | {"consent_type": "x" * 101}, ["consent_type"]),
        (MARKETING | {"consent_type": "a\x00"}, ["consent_type"]),
        (MARKETING | {"consent_type": "\ud800"}, ["consent_type"]),
        (MARKETING | {"granted": "true"}, ["granted"]),
        (MARKETING | {"granted": 1}, ["granted"]),
        (MARKETING | {"granted": None}, ["granted"]),
        (MARKETING | {"ip_address": "1" * 46}, ["ip_address"]),
        (MARKETING | {"ip_address": "\x00"}, ["ip_address"]),
        (MARKETING | {"granted_at": "2026-01-01T00:00:00"}, ["granted_at"]),
        (MARKETING | {"granted_at": 0}, ["granted_at"]),
        (MARKETING | {"revoked_at": "yesterday"}, ["revoked_at"]),
        (MARKETING | {"source_session_id": "none"}, ["source_session_id"]),
        (MARKETING | {"created_at": "2026-01-01T00:00:00Z"}, ["created_at"]),
        (MARKETING | {"id": str(new_id())}, ["id"]),
        ([MARKETING], ["body"]),
    ],
    ids=lambda given: ascii(given)[:60],
)
async def test_a_consent_of_the_wrong_shape_is_refused_by_field(client: AsyncClient, customer: str, body: Any, fields: list[str]) -> None:
    answer = await client.post(path_of(customer), **as_json(body))
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == fields
    assert await items(client, path_of(customer)) == []


async def test_the_longest_texts_are_kept(client: AsyncClient, customer: str) -> None:
    consent = await say(client, customer, consent_type="ü" * 100, ip_address="1" * 45)
    assert (consent["consent_type"], consent["ip_address"]) == ("ü" * 100, "1" * 45)


async def test_consents_are_listed_in_pages_oldest_first(client: AsyncClient, customer: str) -> None:
    ids = [(await say(client, customer, consent_type=f"kind {number}"))["id"] for number in range(5)]
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = (await client.get(path_of(customer), params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        pages.append([consent["id"] for consent in answer["items"]])
        cursor = answer["next_cursor"]
    assert pages == [ids[:2], ids[2:4], ids[4:]]


@pytest.mark.parametrize("parameters", [{"limit": 0}, {"limit": 201}, {"cursor": "none of ours"}, {"cursor": "W10"}], ids=str)
async def test_the_list_refuses_what_it_cannot_do(client: AsyncClient, customer: str, parameters: dict[str, Any]) -> None:
    answer = await client.get(path_of(customer), params=parameters)
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == [*parameters]


async def test_nothing_is_found_of_a_customer_who_is_not_the_tenants(client: AsyncClient, foreign_customer: str, stranger: AsyncClient) -> None:
    for somebody in (foreign_customer, str(new_id()), "nobody"):
        assert code(await client.post(path_of(somebody), json=MARKETING)) == (404, "not_found")
        assert code(await client.get(path_of(somebody))) == (404, "not_found")
        level = await client.put(f"/customers/{somebody}/verification-level", json={"verification_level": "kyc_complete"})
        assert code(level) == (404, "not_found")
    assert await items(stranger, path_of(foreign_customer)) == []
    assert (await shown(stranger, foreign_customer))["verification_level"] == "unverified"


async def test_a_service_needs_a_scope_to_record_and_none_to_read(caller: Caller, customer: str) -> None:
    for scopes in (set[Scope](), {Scope.ADMIN, Scope.CONVERSATIONS_WRITE, Scope.TRUTH_WRITE}):
        service = await caller.client(PrincipalKind.SERVICE, frozenset(scopes))
        assert code(await service.post(path_of(customer), json=MARKETING)) == (403, "scope_required")
        assert await items(service, path_of(customer)) == []
    for allowed in (
        await caller.client(PrincipalKind.SERVICE, frozenset({Scope.PROFILES_WRITE})),
        await caller.client(PrincipalKind.SERVICE, frozenset({Scope.CUSTOMERS_WRITE})),
        await caller.client(scopes=frozenset()),
    ):
        await say(allowed, customer)
    assert code(await caller.with_key(None).get(path_of(customer))) == (401, "unauthenticated")


async def test_a_consent_is_audited_without_what_it_is_about(client: AsyncClient, customer: str) -> None:
    consent = await say(client, customer, consent_type="a secret kind", ip_address="198.51.100.7")
    events = await items(client, "/audit-events", event_name="profile.consent_recorded")
    assert [event["context"]["consent_id"] for event in events] == [consent["id"]]
    assert "secret" not in str(events)
    assert "198.51.100.7" not in str(events)


async def test_a_human_sets_any_level_from_any_other(client: AsyncClient, customer: str) -> None:
    assert (await shown(client, customer))["verification_level"] == "unverified"
    for level in [*LEVELS[1:], "email_verified", "unverified", "kyc_complete", "kyc_complete"]:
        answer = await client.put(f"/customers/{customer}/verification-level", json={"verification_level": level})
        assert (answer.status_code, answer.json()) == (200, {"verification_level": level})
        assert (await shown(client, customer))["verification_level"] == level


async def test_no_service_sets_a_level_whatever_its_scopes(caller: Caller, client: AsyncClient, customer: str) -> None:
    service = await caller.client(PrincipalKind.SERVICE)
    answer = await service.put(f"/customers/{customer}/verification-level", json={"verification_level": "kyc_complete"})
    assert code(answer) == (403, "human_required")
    assert (await shown(client, customer))["verification_level"] == "unverified"


@pytest.mark.parametrize("body", [{}, {"verification_level": None}, {"verification_level": "best"}, {"verification_level": "KYC_COMPLETE"}], ids=str)
async def test_a_level_that_there_is_not_is_refused(client: AsyncClient, customer: str, body: dict[str, Any]) -> None:
    answer = await client.put(f"/customers/{customer}/verification-level", json=body)
    assert code(answer) == (422, "request_invalid")
    assert errors(answer) == ["verification_level"]
    extra = await client.put(f"/customers/{customer}/verification-level", json={"verification_level": "kyc_complete", "verified_by": "me"})
    assert errors(extra) == ["verified_by"]


async def test_a_consent_sent_again_under_its_key_is_recorded_and_audited_once(client: AsyncClient, customer: str) -> None:
    key = {"Idempotency-Key": "click 1"}
    answers = await asyncio.gather(*(client.post(path_of(customer), json=MARKETING, headers=key) for _ in range(8)))
    first = answers[0].json()
    assert [answer.json() for answer in answers] == [first] * 8
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert await items(client, path_of(customer)) == [first]
    assert len(await items(client, "/audit-events", event_name="profile.consent_recorded")) == 1
    before = await shown(client, customer)
    assert (await client.post(path_of(customer), json=MARKETING, headers=key)).json() == first
    assert await shown(client, customer) == before


async def test_another_consent_under_the_key_is_refused_and_nothing_is_recorded(caller: Caller, client: AsyncClient, customer: str) -> None:
    key = {"Idempotency-Key": "click 1"}
    other = await create_customer(client, "another", "api")
    await client.post(path_of(customer), json=MARKETING, headers=key)
    for whose, said in ((customer, MARKETING | {"granted": False}), (other, MARKETING)):
        assert code(await client.post(path_of(whose), json=said, headers=key)) == (409, "idempotency_key_reused")
    assert len(await items(client, path_of(customer))) == 1
    assert await items(client, path_of(other)) == []
    somebody_else = await caller.client(PrincipalKind.SERVICE)
    assert (await somebody_else.post(path_of(other), json=MARKETING, headers=key)).status_code == 201
