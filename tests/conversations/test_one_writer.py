"""One place writes the link, and every read of customers says whose: the lint over our sources, and the lint's own tests."""

import pytest

from tests.architecture.sources import our_sources
from tests.conversations.one_writer import reads_of_nobody_in_particular, writers_of_the_link

THE_ONE = "factbook.conversations.linking.store"


def test_one_place_writes_the_link() -> None:
    assert writers_of_the_link(our_sources()) == [THE_ONE]


def test_every_read_of_customers_and_conversations_says_whose() -> None:
    assert reads_of_nobody_in_particular(our_sources()) == []


WRITES = {
    "an update": "SQL = 'UPDATE conversations SET customer_id = $1 WHERE id = $2'",
    "an update of more": "SQL = '''\n    UPDATE conversations\n    SET updated_at = $1, customer_id = $2 WHERE id = $3'''",
    "an update of something else": "SQL = 'UPDATE conversations SET status = $1 WHERE id = $2'",
    "a conversation that is born linked": "SQL = 'INSERT INTO conversations (tenant_id, id, customer_id) VALUES ($1, $2, $3)'",
    "an upsert": "SQL = 'INSERT INTO conversations (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET customer_id = $2'",
    "an f-string": "SQL = f'UPDATE conversations SET customer_id = {placeholder} WHERE true'",
}


@pytest.mark.parametrize("source", WRITES.values(), ids=WRITES.keys())
def test_a_second_writer_would_be_found(source: str) -> None:
    assert writers_of_the_link(our_sources() | {"factbook.conversations.other": source}) == [THE_ONE, "factbook.conversations.other"]


READS = {
    "a condition": "SQL = 'SELECT id FROM conversations WHERE tenant_id = $1 AND customer_id = $2'",
    "an insertion elsewhere": "SQL = 'INSERT INTO jobs (tenant_id, id, customer_id) VALUES ($1, $2, $3)'",
    "an insertion without it": "SQL = 'INSERT INTO conversations (tenant_id, id) VALUES ($1, $2)'",
    "an update elsewhere": "SQL = 'UPDATE channel_identities SET detached_at = $2 WHERE customer_id = $1 AND tenant_id = $3'",
    "an update of another's": "SQL = 'UPDATE persons SET customer_id = $3 WHERE tenant_id = $1 AND id = $2'",
    "a docstring": "def f():\n    'UPDATE conversations SET customer_id = $1'",
}


@pytest.mark.parametrize("source", READS.values(), ids=READS.keys())
def test_what_writes_no_link_passes(source: str) -> None:
    assert writers_of_the_link({"factbook.conversations.other": source}) == []


def test_a_read_that_does_not_say_whose_would_be_found() -> None:
    assert reads_of_nobody_in_particular({"factbook.other": "SQL = 'SELECT id FROM customers WHERE id = $1'"}) == ["factbook.other"]
    assert reads_of_nobody_in_particular({"factbook.other": "SQL = 'SELECT id FROM customers WHERE tenant_id = $1'"}) == []
