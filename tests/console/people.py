"""A customer, and persons who are that customer, made over HTTP."""

from uuid import UUID

from httpx2 import AsyncClient

from factbook.kernel.ids import new_id
from tests.persona.persons import create_person, submit
from tests.persona.test_personas_over_http import regenerate

NURSE = "I am a nurse and I live in Lyon."
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e{{ 7 * 7 }}'


async def a_customer(client: AsyncClient) -> str:
    """The id of a new customer."""
    answer = await client.post("/customers", json={"channel": "email", "identifier": f"{UUID(int=new_id().int).hex}@example.com"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def bound(client: AsyncClient, customer: str, *texts: str, **demographics: str) -> str:
    """The id of a person bound to the customer, with a persona computed after each of the texts."""
    person = await create_person(client, **demographics)
    answer = await client.put(f"/person/{person}/customer", json={"customer_id": customer})
    assert answer.status_code == 200, answer.text
    for text in texts:
        await submit(client, person, text)
        await regenerate(client, person)
    return person
