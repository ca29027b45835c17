"""Idempotency keys: one key, one request, one result; whose key it is and how the request was written make the difference they should."""

from uuid import UUID

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from factbook.access import PrincipalKind, Scope
from factbook.idempotency.model import Claim
from factbook.idempotency.rules import IDEMPOTENCY_KEY_REUSED, repeated_resource, request_sha256
from factbook.kernel.problems import Problem
from tests.calling import Caller
from tests.conversations.inbox import code, items

RESOURCE = UUID(int=1)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3)
BODIES = st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.dictionaries(TEXTS, inner))


def test_the_same_request_gives_what_the_first_one_made() -> None:
    assert repeated_resource(Claim(b"a" * 32, RESOURCE), b"a" * 32) == RESOURCE


def test_another_request_under_the_key_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        repeated_resource(Claim(b"a" * 32, RESOURCE), b"b" * 32)
    assert refused.value.kind is IDEMPOTENCY_KEY_REUSED


@given(BODIES)
def test_the_order_of_names_makes_no_other_request(body: object) -> None:
    turned = dict(reversed(body.items())) if isinstance(body, dict) else body
    assert request_sha256("POST", "/x", turned) == request_sha256("POST", "/x", body)


def test_method_path_and_body_make_another_request() -> None:
    asked = [("POST", "/x", {"a": 1}), ("PUT", "/x", {"a": 1}), ("POST", "/y", {"a": 1}), ("POST", "/x", {"a": 1.0}), ("POST", "/x", {"a": "1"})]
    assert len({request_sha256(*each) for each in asked}) == len(asked)


async def test_keys_of_different_callers_have_nothing_to_do_with_each_other(caller: Caller, client: AsyncClient) -> None:
    service = await caller.client(PrincipalKind.SERVICE, frozenset(Scope))
    key = {"Idempotency-Key": "1"}
    answers = [await each.post("/conversations", json={"channel": "sms"}, headers=key) for each in (client, service)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(await items(client, "/conversations")) == 2


async def test_a_refused_request_claims_nothing(client: AsyncClient) -> None:
    key = {"Idempotency-Key": "1"}
    assert (await client.post("/conversations", json={"channel": "fax"}, headers=key)).status_code == 422
    assert (await client.post("/conversations", json={"channel": "sms"}, headers=key)).status_code == 201


async def test_an_external_id_and_a_key_go_together(client: AsyncClient) -> None:
    sent = {"channel": "sms", "external_id": "e"}
    first = await client.post("/conversations", json=sent)
    for _ in range(2):
        again = await client.post("/conversations", json=sent, headers={"Idempotency-Key": "1"})
        assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


@pytest.mark.parametrize("key", ["", " ", "a" * 256, "ä", "a\tb"])
async def test_a_key_of_the_wrong_shape_is_refused_by_name(client: AsyncClient, key: str) -> None:
    answer = await client.post("/conversations", json={"channel": "sms"}, headers=[(b"Idempotency-Key", key.encode())])
    assert code(answer) == (422, "request_invalid")
    assert [error["field"].lower() for error in answer.json()["errors"]] == ["idempotency-key"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"channel": "sms", "variables": {"a": NaN}}', b'{"channel": "\\u0000"}'])
async def test_a_body_that_cannot_be_read_is_refused_with_a_key_too(client: AsyncClient, body: bytes) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": "application/json"}
    answer = await client.post("/conversations", content=body, headers=headers)
    assert code(answer) == (422, "request_invalid")
    assert await items(client, "/conversations") == []
