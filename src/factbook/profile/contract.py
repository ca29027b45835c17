"""What every store of profiles does, method by method. Source: profile.md section 6; the same tests run against each store.

All methods name the tenant first and see nothing of any other. Everything given out is a copy that nobody can change what is kept through.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from factbook.profile.missing_rules import MissingField
from factbook.profile.model import (
    Consent,
    CustomerProfile,
    DerivationChain,
    DerivedItems,
    ItemStatus,
    ItemType,
    ProfileAsset,
    ProfileField,
    ProfileIdentity,
    VerificationLevel,
)
from factbook.profile.schema_model import ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement
from factbook.profile.validation.validation_rules import Fault


@dataclass(frozen=True, slots=True)
class SavedField:
    """A field as it was stored, and what its definitions warn of."""

    field: ProfileField
    warnings: tuple[Fault, ...] = ()


class ProfileStore(Protocol):
    """Profiles, what they hold, and the schema that they are held to."""

    async def get_by_customer_id(self, tenant_id: UUID, customer_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        """The customer's profile; None before the first write."""

    async def get_by_id(self, tenant_id: UUID, profile_id: UUID, *, include_history: bool = False) -> CustomerProfile | None:
        """The profile with this id."""

    async def get_by_channel_identity(
        self, tenant_id: UUID, channel: str, channel_user_id: str, *, include_history: bool = False
    ) -> CustomerProfile | None:
        """The profile of the customer whom this normalized address stands for, or whose profile theirs was merged into."""

    async def get_or_create(self, tenant_id: UUID, channel: str, channel_user_id: str) -> CustomerProfile:
        """The profile behind this normalized address, made with its customer when there is none. Racing callers get one and the same."""

    async def save(self, profile: CustomerProfile) -> UUID:
        """Create or update the profile of a customer who exists: its level, times, identities' marks, and every item and consent that is new."""

    async def delete(self, tenant_id: UUID, profile_id: UUID) -> bool:
        """Take the profile out of sight, its items with it. False when there is none."""

    async def update_field(
        self, tenant_id: UUID, profile_id: UUID, field: ProfileField, *, supersede_existing: bool = True, agent_id: UUID | None = None
    ) -> SavedField:
        """Store a new value, superseding the one that stands, or as a proposal where it may not.

        Raises 404 without the profile, `field_invalid`, `source_unknown`, and `value_stands` where a value stands and may not be superseded.
        """

    async def get_field(self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE) -> ProfileField | None:
        """The newest version with this status; with None, the newest of all."""

    async def get_field_history(self, tenant_id: UUID, profile_id: UUID, name: str) -> list[ProfileField]:
        """Every version, the last collected first."""

    async def verify_field(self, tenant_id: UUID, profile_id: UUID, name: str, method: str, verified_by: str) -> ProfileField:
        """Mark the active value as verified. Raises 404 without one, and `method_not_allowed_here` for a method its definition does not name."""

    async def delete_field(self, tenant_id: UUID, profile_id: UUID, field_id: UUID, *, force: bool = False) -> None:
        """Delete one version. Raises 404, and `has_dependents` unless forced; what was derived from it is orphaned then."""

    async def expire_stale_fields(self, tenant_id: UUID, profile_id: UUID | None = None) -> int:
        """Mark the active fields and assets whose time is over as expired, and tell how many. Again: 0."""

    async def mark_orphaned_items(self, tenant_id: UUID, profile_id: UUID | None = None) -> int:
        """Mark the active fields and assets whose source is gone as orphaned, and tell how many. Again: 0."""

    async def add_asset(self, tenant_id: UUID, profile_id: UUID, asset: ProfileAsset, *, supersede_existing: bool = False) -> UUID:
        """Add an asset, superseding active ones of its name if asked to. Raises 404 without the profile, and `source_unknown`."""

    async def get_asset(self, tenant_id: UUID, profile_id: UUID, asset_id: UUID) -> ProfileAsset | None:
        """The asset with this id, whatever its status."""

    async def get_asset_by_name(
        self, tenant_id: UUID, profile_id: UUID, name: str, *, status: ItemStatus | None = ItemStatus.ACTIVE
    ) -> ProfileAsset | None:
        """The newest asset of this name with this status; with None, the newest of all."""

    async def delete_asset(self, tenant_id: UUID, profile_id: UUID, asset_id: UUID, *, force: bool = False) -> None:
        """As `delete_field`."""

    async def get_derivation_chain(self, tenant_id: UUID, item_id: UUID, item_type: ItemType | None = None) -> DerivationChain:
        """Where the item comes from, root first, at most ten items. Raises 404 for an item that is not the tenant's."""

    async def get_derived_items(self, tenant_id: UUID, source_item_id: UUID) -> DerivedItems:
        """What was derived from the item directly."""

    async def check_has_dependents(self, tenant_id: UUID, item_id: UUID) -> bool:
        """Whether anything was derived from the item."""

    async def link_channel(self, tenant_id: UUID, profile_id: UUID, identity: ProfileIdentity) -> bool:
        """Attach an address. False when the profile is unknown or the address stands for another customer."""

    async def merge_profiles(self, tenant_id: UUID, source_profile_id: UUID, target_profile_id: UUID) -> bool:
        """Move everything of one profile into another and take the first out of sight. False unless both are there, and for one and the same."""

    async def record_consent(self, tenant_id: UUID, profile_id: UUID, consent: Consent) -> Consent:
        """Add a consent; earlier ones stay. Raises 404 without the profile."""

    async def get_consents(self, tenant_id: UUID, profile_id: UUID) -> list[Consent]:
        """Every consent, oldest first."""

    async def set_verification_level(self, tenant_id: UUID, profile_id: UUID, level: VerificationLevel) -> None:
        """Say how far the customer's identity was verified. Raises 404 without the profile."""

    async def get_field_definitions(self, tenant_id: UUID, agent_id: UUID, *, enabled_only: bool = True) -> list[ProfileFieldDefinition]:
        """The agent's definitions, by name."""

    async def get_field_definition(self, tenant_id: UUID, agent_id: UUID, name: str) -> ProfileFieldDefinition | None:
        """The agent's definition of this field."""

    async def save_field_definition(self, definition: ProfileFieldDefinition) -> UUID:
        """Create the definition, or replace the one of its tenant, agent and name, whose id stays."""

    async def delete_field_definition(self, tenant_id: UUID, agent_id: UUID, name: str) -> bool:
        """Take a definition away; values and requirements stay. False when there is none."""

    async def get_scenario_requirements(
        self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None, all_steps: bool = False
    ) -> list[ScenarioFieldRequirement]:
        """Those of the whole scenario, and those of the step if one is given (or of all steps), in collection order."""

    async def save_scenario_requirement(self, requirement: ScenarioFieldRequirement) -> UUID:
        """Create the requirement, or replace the one of its scenario, step, rule and field, whose id stays.

        Raises `requirement_contradicts`, and `condition_invalid` for a condition that is not taken.
        """

    async def delete_scenario_requirements(self, tenant_id: UUID, scenario_id: UUID, *, step_id: UUID | None = None) -> int:
        """Take away all requirements of the scenario, or those of one step, and tell how many."""

    async def get_missing_fields(
        self,
        tenant_id: UUID,
        profile: CustomerProfile,
        scenario_id: UUID,
        *,
        step_id: UUID | None = None,
        required_level: RequiredLevel | None = RequiredLevel.HARD,
    ) -> list[MissingField]:
        """The requirements that the profile does not meet, in collection order, each with its definition and why."""
