"""Writes of fields: a new value, a verification, a deletion. Each is one change of one profile."""

from dataclasses import dataclass
from uuid import UUID

from factbook.access import tenant_settings
from factbook.audit import EventName
from factbook.identity import customer_with_id
from factbook.kernel.problems import NOT_FOUND, Problem, ProblemKind
from factbook.profile.backend import Actor, Backend
from factbook.profile.contract import SavedField
from factbook.profile.fields import fields_store as store
from factbook.profile.fields.fields_store import KeptField
from factbook.profile.fields.values import opened, to_keep, value_sha256
from factbook.profile.finding import held_profile, profile_to_change
from factbook.profile.lifecycle_rules import as_proposal, is_active, is_proposal, status_at, supersession
from factbook.profile.model import ItemStatus, ProfileField
from factbook.profile.profiles_store import ProfileRow, profile_of_customer
from factbook.profile.schema.definitions_store import definitions_of_field
from factbook.profile.schema_model import ValidationMode
from factbook.profile.schema_rules import Chosen, SchemaValidationService, Verdict, as_defined, check_definition_is_there, check_method, check_verdict
from factbook.profile.source_checking import check_source
from factbook.profile.validation.metrics import count_faults
from factbook.profile.validation.value_types import ValueType
from factbook.profile.writing import Change, changing, human_of

VALUE_STANDS = ProblemKind("value_stands", 409, "The field has a value already")


@dataclass(frozen=True, slots=True)
class Terms:
    """How a value is to be stored: held to the type that its writer states, to one agent's definition, and with or without superseding."""

    stated_type: ValueType | None = None
    agent_id: UUID | None = None
    supersede_existing: bool = True


async def update_field(
    backend: Backend,
    tenant_id: UUID,
    actor: Actor,
    profile_id: UUID,
    field: ProfileField,
    *,
    supersede_existing: bool = True,
    agent_id: UUID | None = None,
) -> SavedField:
    """Store a new value in a profile that there is. As `ProfileStore.update_field`."""
    async with changing(backend, tenant_id, actor) as change:
        profile = await held_profile(change, profile_id)
        return await store_field(change, profile, field, Terms(field.value_type, agent_id, supersede_existing))


async def put_field(backend: Backend, tenant_id: UUID, actor: Actor, customer_id: UUID, field: ProfileField, terms: Terms) -> SavedField:
    """Store a new value of a customer's, whose profile is made if need be. Raises 404 without the customer, else as `update_field`."""
    async with changing(backend, tenant_id, actor) as change:
        profile = await profile_to_change(change, customer_id)
        return await store_field(change, profile, field, terms)


async def verify_field(
    backend: Backend, tenant_id: UUID, actor: Actor, profile_id: UUID, name: str, *, method: str, verified_by: str
) -> ProfileField:
    """Mark the active value as verified. As `ProfileStore.verify_field`."""
    async with changing(backend, tenant_id, actor) as change:
        human_of(change)
        await held_profile(change, profile_id)
        kept = await store.newest_version(change.connection, tenant_id, profile_id, name, ItemStatus.ACTIVE)
        if kept is None:
            raise no_such_field()
        check_method(kept.field, method, await definitions_of_field(change.connection, tenant_id, name))
        await store.verify_field(change.connection, tenant_id, kept.field.id, method, verified_by, change.now)
        change.happened(EventName.FIELD_VERIFIED, profile_id, field_id=kept.field.id, field_name=name)
        (verified,) = await opened(change.connection, tenant_id, [await _kept(change, profile_id, kept.field.id)], backend.masters)
    return verified


async def verify_customer_field(
    backend: Backend, tenant_id: UUID, actor: Actor, customer_id: UUID, name: str, *, method: str, verified_by: str
) -> ProfileField:
    """The same for a customer. Raises 404 without the customer as well."""
    async with backend.database.reading(tenant_id) as connection:
        await customer_with_id(connection, tenant_id, str(customer_id))
        profile = await profile_of_customer(connection, tenant_id, customer_id)
    if profile is None:
        raise no_such_field()
    return await verify_field(backend, tenant_id, actor, profile.id, name, method=method, verified_by=verified_by)


async def store_field(change: Change, profile: ProfileRow, field: ProfileField, terms: Terms) -> SavedField:
    """Store a new value in a profile that the change holds."""
    await check_source(change, field)
    verdict = await verdict_of(change, field, terms.stated_type, terms.agent_id)
    check_verdict(verdict)
    return await store_judged(change, profile, field, verdict, supersede_existing=terms.supersede_existing)


async def store_judged(change: Change, profile: ProfileRow, field: ProfileField, verdict: Verdict, *, supersede_existing: bool = True) -> SavedField:
    """Store a value that was held to its definitions, and found to have no errors, in a profile that the change holds."""
    field = as_defined(field, verdict, change.actor.principal_id)
    earlier = await store.versions_to_supersede(change.connection, change.tenant_id, profile.id, field.name)
    standing = next((kept.field for kept in earlier if is_active(kept.field, change.now)), None)
    if standing is not None and not supersede_existing:
        raise VALUE_STANDS.because("Nothing was stored: a value stands, and it was not to be superseded.")
    if standing is not None and is_proposal(field, standing):
        field = as_proposal(field, standing, change.now)
        kept = await to_keep(change, profile.customer_id, field)
    else:
        kept = await to_keep(change, profile.customer_id, field)
        for each in earlier:
            await supersede_field(change, profile.id, each, kept)
    await store.insert_field(change.connection, change.tenant_id, profile.id, kept)
    name = EventName.FIELD_UPDATED if field.status is ItemStatus.ACTIVE else EventName.FIELD_PROPOSED
    change.happened(name, profile.id, field.id, field_name=field.name, source=field.source, new_value_sha256=value_sha256(kept))
    return SavedField(field.model_copy(update={"status": status_at(field, change.now)}), verdict.warnings)


async def verdict_of(change: Change, field: ProfileField, stated_type: ValueType | None, agent_id: UUID | None) -> Verdict:
    """What the definitions say that stand at this moment, read in the transaction that stores the value, or does not: faults are counted here.

    Raises `field_invalid` for a definition that the value names and that is not there.
    """
    settings = await tenant_settings(change.connection, change.tenant_id)
    definitions = await definitions_of_field(change.connection, change.tenant_id, field.name)
    check_definition_is_there(field.field_definition_id, definitions)
    verdict = SchemaValidationService(ValidationMode(settings.validation_mode)).verdict(
        field.name, field.value, stated_type, definitions, Chosen(agent_id, field.field_definition_id)
    )
    count_faults(change.tenant_id, (*verdict.errors, *verdict.warnings), refused=bool(verdict.errors))
    return verdict


async def supersede_field(change: Change, profile_id: UUID, earlier: KeptField, successor: KeptField) -> None:
    """Let one version of a field take the place of another in a profile that the change holds; the successor need not be stored yet."""
    outcome = supersession(earlier.field, change.now)
    await store.supersede(change.connection, change.tenant_id, earlier.field.id, successor.field.id, outcome, change.now)
    if outcome.status is ItemStatus.EXPIRED and earlier.marked is ItemStatus.ACTIVE:
        change.happened(EventName.FIELD_EXPIRED, profile_id, item_id=earlier.field.id, old_value_sha256=value_sha256(earlier))
    if outcome.superseded_at == change.now:
        change.happened(
            EventName.FIELD_SUPERSEDED,
            profile_id,
            field_id=earlier.field.id,
            successor_id=successor.field.id,
            field_name=earlier.field.name,
            old_value_sha256=value_sha256(earlier),
            new_value_sha256=value_sha256(successor),
        )


async def _kept(change: Change, profile_id: UUID, field_id: UUID) -> KeptField:
    kept = await store.field_with_id(change.connection, change.tenant_id, profile_id, field_id)
    if kept is None:
        raise no_such_field()
    return kept


def no_such_field() -> Problem:
    """The one answer for a field that is not there, or not so."""
    return NOT_FOUND.because("No such field.")
