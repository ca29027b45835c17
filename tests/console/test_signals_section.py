"""The signals of a customer as the top of a page: what the API tells, in words."""

from httpx2 import AsyncClient

from tests.history.wire_records import Json, flow, flow_group, flow_status, job, new_customer, node_activation, story, task_outcome, task_start


def blocked_job(customer: str, number: int) -> list[Json]:
    """A job whose one outcome blocked its flow, at the same node as all others of its kind."""
    group, at = f"bg{number}", f"2026-02-{number:02d}T10:00:00.000Z"
    return [
        flow_group(id=group, created_at=at),
        job(customer, id=f"bj{number}", flow_group_id=group, address=f"{number} Mill Lane", created_at=at),
        flow(id=f"bf{number}", flow_group_id=group, created_at=at),
        node_activation(id=f"ba{number}", flow_id=f"bf{number}", activated_at=at),
        task_start(id=f"bs{number}", flow_id=f"bf{number}", node_activation_id=f"ba{number}", started_at=at),
        task_outcome(id=f"bo{number}", task_execution_id=f"bs{number}", outcome="NO <PARTS>", outcome_at=at, outcome_by="Ines"),
        flow_status(id=f"bx{number}", flow_id=f"bf{number}", status="BLOCKED", changed_at=at),
    ]


async def test_the_signals_are_those_of_the_api_in_words(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await new_customer(client)
    records = story(customer) + blocked_job(customer, 1) + blocked_job(customer, 2)
    assert (await client.post("/truth", json={"records": records})).status_code == 200
    told = (await client.get(f"/customers/{customer}/signals")).json()
    text = (await viewer.get(f"/console/customers/{customer}")).text.partition('id="signals"')[2].partition("</section>")[0]
    assert told["last_engagement_outcome"]["outcome"] == "NO <PARTS>"
    assert "NO &lt;PARTS&gt;</strong>" in text
    assert "2026-02-02 10:00" in text
    assert "Ines" in text
    assert '<a href="?job_id=bj2#history"><bdi>2 Mill Lane</bdi></a>, blocked' in text
    assert told["recurrence_rate_of_blocked_nodes"]["rate"] == "1.0000"
    assert "1 of 1 node that blocks a flow does so in more than one job (rate 1.0000)" in text
    assert "<td><bdi>Reception</bdi></td><td><bdi>Repair</bdi></td><td>2</td><td>2</td>" in text
    for words in ("0 active", "1 completed", "0 suspended", "2 blocked"):
        assert f"</span> {words}</span>" in text
    assert "3 jobs in all" in text
    assert text.count("<rect") == 2
    assert "Events from" in text


async def test_a_flow_that_is_blocked_without_an_outcome_is_told(viewer: AsyncClient, client: AsyncClient) -> None:
    customer = await new_customer(client)
    silent = [record for record in blocked_job(customer, 1) if record["type"] in ("flow_group", "job", "flow", "flow_status")]
    assert (await client.post("/truth", json={"records": [*story(customer)[:1], *silent]})).status_code == 200
    text = (await viewer.get(f"/console/customers/{customer}")).text
    assert "1 flow is blocked without an outcome." in text
    assert "No node blocks a flow by its outcome." in text
    assert "No engagement has had an outcome yet." in text
