"""What a tenant does in the house, through the public operations alone: it leaves at least one row in every table.

A new table needs a line here that puts a row into it; the inspection names the tables that have none.
"""

import json
from datetime import UTC, datetime
from uuid import UUID

from factbook.access import (
    Principal,
    PrincipalKind,
    Scope,
    authenticate,
    change_settings,
    create_key,
    create_tenant,
    list_keys,
    revoke_key,
    tenant_id_named,
    tenant_ids,
)
from factbook.access.keys import parse_key
from factbook.audit import verify_chain
from factbook.conversations import link_conversation, receive_conversation, receive_message, unlink_conversation
from factbook.conversations.answers import conversation_resolution
from factbook.conversations.linking.answers import link_page
from factbook.conversations.messages.answers import message_page
from factbook.conversations.messages.model import Direction, Message
from factbook.conversations.model import IncomingConversation
from factbook.database.pools import Database
from factbook.database.revisions import applied_revision
from factbook.database.urls import DatabaseUrls
from factbook.history import (
    Evidence,
    Flow,
    FlowGroup,
    FlowStatusChange,
    Job,
    NodeActivation,
    Record,
    TaskOutcome,
    TaskStart,
    WorkflowVersion,
    record_truth,
    verify_history,
)
from factbook.history.ledger.answers import customer_digest, customer_ledger
from factbook.history.ledger.asking import Asked
from factbook.history.ledger.model import Selection
from factbook.history.overview.answers import customer_summary, job_detail, job_list
from factbook.history.signals.answers import customer_signals
from factbook.history.truth.model import FlowStatus, RecordType
from factbook.history.vault.answers import customer_vault
from factbook.history.vault.model import GroupBy
from factbook.idempotency import IdempotentRequest
from factbook.identity import create_customers
from factbook.kernel.ids import new_id
from tests.walls.persona_story import describe
from tests.walls.profile_story import know
from tests.walls.queue_story import have_done_later
from tests.walls.scenario_story import design
from tests.walls.telling import HouseAmissError, doing, expect

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
EVERYTHING = Asked(Selection(), basis=None, limit=50, cursor=None)


async def live(urls: DatabaseUrls, database: Database, name: str) -> UUID:
    """Do everything a tenant does as the tenant called `name`, and return its id. May be done again. Raises `HouseAmissError`."""
    with doing("create a tenant"):
        tenant_id = await create_tenant(database, name)
        expect("the id of the tenant's name", await tenant_id_named(database, name), tenant_id)
        expect("the tenant among all", tenant_id in await tenant_ids(database), True)
    principal = await _use_keys(database, tenant_id)
    with doing("create a customer"):
        customer_id = (await create_customers(database, tenant_id, "email", ["ada@example.org"]))["ada@example.org"].id
    await know(database, principal, customer_id)
    await design(database, principal)
    await describe(database, principal, customer_id)
    await _talk(database, principal, customer_id)
    await have_done_later(database, tenant_id)
    with doing("record truth"):
        recorded = await record_truth(database, tenant_id, one_of_each(customer_id), principal.id)
        expect("the number of the last record", recorded.basis, len(RecordType))
    await _read(database, tenant_id, customer_id)
    with doing("verify the numbers and rebuild the ledger"):
        verdict = await verify_history(database, urls.owner, tenant_id, lambda _done, _of: None)
        expect("the verdict", verdict.intact, True)
    return tenant_id


def one_of_each(customer_id: UUID) -> list[Record]:
    """One record of each of the nine types. The ids are the same for every tenant, so that tenants could be mistaken for one another."""
    snapshot = {"name": "Repair", "nodes": [{"id": "visit", "name": "Visit", "tasks": [{"id": "photo", "name": "Photograph"}]}]}
    return [
        WorkflowVersion.model_validate({"id": "repair-1", "workflow_id": "repair", "version": 1, "snapshot": snapshot}),
        FlowGroup(id="group", scope_type="job", scope_id="exec_1", created_at=AT),
        Job(id="job", customer_id=customer_id, flow_group_id="group", address="1 Quay", created_at=AT),
        Flow(id="flow", workflow_id="repair", workflow_version_id="repair-1", flow_group_id="group", created_at=AT),
        NodeActivation(id="activation", flow_id="flow", node_id="visit", activated_at=AT),
        TaskStart(id="execution", flow_id="flow", task_id="photo", node_activation_id="activation", started_at=AT, started_by="Ben"),
        TaskOutcome(id="outcome", task_execution_id="execution", outcome="DONE", outcome_at=AT, outcome_by="Ben"),
        Evidence(id="evidence", flow_id="flow", task_id="photo", evidence_type="TEXT", data="dry", attached_at=AT, attached_by="Ben"),
        FlowStatusChange(id="status", flow_id="flow", status=FlowStatus.COMPLETED, changed_at=AT),
    ]


async def _use_keys(database: Database, tenant_id: UUID) -> Principal:
    with doing("create a key"):
        text = await create_key(database, tenant_id, PrincipalKind.HUMAN, "Ada", Scope)
        key = parse_key(text)
    if key is None:
        raise HouseAmissError("the house made a key that is none")
    with doing("authenticate"):
        principal = await authenticate(database, text)
    if principal is None:
        raise HouseAmissError("the house does not know the key that it made")
    with doing("revoke a key"):
        expect("whether the key was revoked", await revoke_key(database, tenant_id, key.id), True)
        expect("whom a revoked key opens for", await authenticate(database, text), None)
        expect("the keys that are listed", key.id in [issued.id for issued in await list_keys(database, tenant_id)], True)
    return principal


async def _talk(database: Database, actor: Principal, customer_id: UUID) -> None:
    with doing("change a setting"):
        expect("the settings", (await change_settings(database, actor, {"customer_badge": True})).customer_badge, True)
    with doing("take a conversation and a message in"):
        conversation = IncomingConversation(new_id(), "sms", "+44 7700 900123", "447700900123", None, "{}", AT)
        request = IdempotentRequest(str(conversation.id), bytes(32))
        conversation_id, _ = await receive_conversation(database, actor, conversation, request)
        await receive_message(database, actor, conversation_id, Message(new_id(), Direction.INBOUND, "Ciao", None, None, None, AT), None)
    with doing("resolve, link and unlink"):
        resolution = await conversation_resolution(database, actor.tenant_id, str(conversation_id))
        expect("whom the conversation is with", (resolution.kind, resolution.customer_id), ("matched", customer_id))
        await link_conversation(database, actor, conversation_id, customer_id, overwrite=False, reason="asked")
        await unlink_conversation(database, actor, conversation_id, reason=None)
        links = await link_page(database, actor.tenant_id, str(conversation_id), 50, None)
        expect("the changes of the link", [change.new_customer_id for change in links.items], [customer_id, None])
        messages = await message_page(database, actor.tenant_id, str(conversation_id), 50, None)
        async with database.reading(actor.tenant_id) as connection:
            expect("whether the audit chain holds", (await verify_chain(connection, actor.tenant_id)).intact, True)
        expect("the messages", [message.text for message in messages.items], ["Ciao"])


async def _read(database: Database, tenant_id: UUID, customer_id: UUID) -> None:
    customer = str(customer_id)
    with doing("read the ledger"):
        page = json.loads(await customer_ledger(database, tenant_id, customer, EVERYTHING))
        shown = [(entry["type"], entry["node_name"], entry["task_name"]) for entry in page["items"]]
        kinds = ("TASK_STARTED", "EVIDENCE_ATTACHED", "TASK_OUTCOME")
        expect("the ledger", shown, [("NODE_ACTIVATED", "Visit", None), *((kind, "Visit", "Photograph") for kind in kinds)])
        expect("the digest", (await customer_digest(database, tenant_id, customer, None)).entries, len(shown))
    with doing("read the vault"):
        vault = json.loads(await customer_vault(database, tenant_id, customer, GroupBy.TYPE, EVERYTHING))
        expect("the vault", [(group["key"], [entry["data"] for entry in group["items"]]) for group in vault["groups"]], [("TEXT", ["dry"])])
    with doing("read the signals"):
        signals = await customer_signals(database, tenant_id, customer, None)
        expect("the signals", (signals.jobs_total, signals.basis), (1, len(RecordType)))
    with doing("read the jobs"):
        jobs = (await job_list(database, tenant_id, 50, None)).items
        expect("the jobs", [(job.id, job.derived_signal) for job in jobs], [("job", FlowStatus.COMPLETED)])
        expect("the job's customer", (await job_detail(database, tenant_id, "job")).customer.id, customer_id)
        expect("the summary", [job.id for job in (await customer_summary(database, tenant_id, customer)).jobs], ["job"])
    with doing("read the revision of alembic_version"):
        async with database.outside_tenants() as connection:
            expect("whether there is a revision", await applied_revision(connection) is not None, True)
