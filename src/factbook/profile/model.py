"""What is known of a customer: fields and assets with source, status and verification, consents, and the profile around them.

Source: seed 003, sections 1, 2 and 5. Everything here is immutable; a change is a new object. Instants are UTC and whole milliseconds.
"""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from factbook.kernel.ids import new_id
from factbook.kernel.wire import Timestamp
from factbook.profile.validation.value_types import ValueType

# A field's name is an identifier, so that conditions can read it. The same form stands as a CHECK on the tables.
NAME_FORM = r"^[a-z_][a-z0-9_]{0,49}$"
FieldName = Annotated[str, Field(pattern=NAME_FORM)]


class ItemStatus(StrEnum):
    """How an item stands. It leaves `active` once, and never comes back."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    ORPHANED = "orphaned"


class SourceType(StrEnum):
    """What an item was derived from. Fields and assets are items of ours and are followed; the others are where a chain begins."""

    PROFILE_FIELD = "profile_field"
    PROFILE_ASSET = "profile_asset"
    SESSION = "session"
    TOOL = "tool"
    EXTERNAL = "external"


class ItemType(StrEnum):
    """The two kinds of items, by the names that they have as sources."""

    FIELD = "profile_field"
    ASSET = "profile_asset"


class ProfileFieldSource(StrEnum):
    """How a value was obtained."""

    USER_PROVIDED = "user_provided"
    LLM_EXTRACTED = "llm_extracted"
    TOOL_RESULT = "tool_result"
    DOCUMENT_EXTRACTED = "document_extracted"
    HUMAN_ENTERED = "human_entered"
    SYSTEM_INFERRED = "system_inferred"


class AssertedBy(StrEnum):
    """Who says that the value is so."""

    CUSTOMER = "customer"
    HUMAN = "human"
    TOOL = "tool"
    SYSTEM = "system"
    MODEL = "model"


class VerificationLevel(StrEnum):
    """How far a customer's identity was verified; levels may be skipped."""

    UNVERIFIED = "unverified"
    EMAIL_VERIFIED = "email_verified"
    PHONE_VERIFIED = "phone_verified"
    DOCUMENT_VERIFIED = "document_verified"
    KYC_COMPLETE = "kyc_complete"


class AssetType(StrEnum):
    """What kind of document an asset is."""

    IMAGE = "image"
    PDF = "pdf"
    DOCUMENT = "document"
    AUDIO = "audio"


class _Immutable(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileField(_Immutable):
    """One version of one fact, with where it comes from and how it stands.

    `value` is any JSON value but null. `confidence` is between 0 and 1. `encrypted` tells that the value is kept sealed; here it is in clear.
    """

    id: UUID = Field(default_factory=new_id)
    name: FieldName
    value: Any
    value_type: ValueType
    source: ProfileFieldSource
    asserted_by: AssertedBy
    recorded_by: UUID | None = None
    source_session_id: UUID | None = None
    source_scenario_id: UUID | None = None
    source_step_id: UUID | None = None
    source_item_id: UUID | None = None
    source_item_type: SourceType | None = None
    source_metadata: dict[str, Any] = {}
    status: ItemStatus = ItemStatus.ACTIVE
    superseded_by_id: UUID | None = None
    superseded_at: Timestamp | None = None
    verified: bool = False
    verification_method: str | None = None
    verified_at: Timestamp | None = None
    verified_by: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    requires_confirmation: bool = False
    collected_at: Timestamp
    updated_at: Timestamp
    expires_at: Timestamp | None = None
    field_definition_id: UUID | None = None
    encrypted: bool = False

    @property
    def is_orphaned(self) -> bool:
        """Whether its source is gone."""
        return self.status is ItemStatus.ORPHANED


class ProfileAsset(_Immutable):
    """One document or medium, its bytes in the content store by `checksum` (SHA-256). `analysis_field_ids` are the fields derived from it."""

    id: UUID = Field(default_factory=new_id)
    name: Annotated[str, Field(min_length=1, max_length=255)]
    asset_type: AssetType
    storage_provider: str
    storage_path: str
    mime_type: str
    size_bytes: Annotated[int, Field(ge=0)]
    checksum: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    recorded_by: UUID | None = None
    uploaded_at: Timestamp
    uploaded_in_session_id: UUID | None = None
    uploaded_in_scenario_id: UUID | None = None
    source_item_id: UUID | None = None
    source_item_type: SourceType | None = None
    derived_from_tool: str | None = None
    status: ItemStatus = ItemStatus.ACTIVE
    superseded_by_id: UUID | None = None
    superseded_at: Timestamp | None = None
    verified: bool = False
    verification_result: dict[str, Any] | None = None
    retention_policy: str = "permanent"
    expires_at: Timestamp | None = None
    analysis_field_ids: list[UUID] = []

    @property
    def is_orphaned(self) -> bool:
        """Whether its source is gone."""
        return self.status is ItemStatus.ORPHANED


class ProfileIdentity(_Immutable):
    """An address of the customer. The one that founded the customer is primary, and so may be one attached on each other channel."""

    channel: str
    channel_user_id: str
    verified: bool = False
    verified_at: Timestamp | None = None
    primary: bool = False


class Consent(_Immutable):
    """What the customer agreed to or took back, at one moment. A change of mind is a consent of its own."""

    id: UUID = Field(default_factory=new_id)
    consent_type: Annotated[str, Field(min_length=1, max_length=100)]
    granted: bool
    granted_at: Timestamp | None = None
    revoked_at: Timestamp | None = None
    source_session_id: UUID | None = None
    ip_address: Annotated[str | None, Field(max_length=45)] = None
    created_at: Timestamp


class CustomerProfile(_Immutable):
    """Everything known of one customer. `fields` and `assets` hold active items only; the histories hold all, and only when asked for.

    `consents` are the last word on each type, all of them with the histories. `version` grows with every change.
    """

    id: UUID
    tenant_id: UUID
    customer_id: UUID
    channel_identities: list[ProfileIdentity] = []
    fields: dict[str, ProfileField] = {}
    field_history: dict[str, list[ProfileField]] = {}
    assets: list[ProfileAsset] = []
    asset_history: list[ProfileAsset] = []
    verification_level: VerificationLevel = VerificationLevel.UNVERIFIED
    consents: list[Consent] = []
    created_at: Timestamp
    updated_at: Timestamp
    last_interaction_at: Timestamp | None = None
    version: Annotated[int, Field(ge=0)] = 0

    @property
    def active_field_count(self) -> int:
        """How many fields have an active value."""
        return len(self.fields)

    @property
    def expired_field_count(self) -> int:
        """How many values in the history are past their time."""
        return sum(field.status is ItemStatus.EXPIRED for versions in self.field_history.values() for field in versions)

    def newest_fields(self) -> dict[str, ProfileField]:
        """The version of each field that tells how it stands: the active one, else, with histories, the newest that no other took the place of.

        One that another took the place of, such as a proposal, tells something only where there is nothing else.
        """
        told = {
            name: next((version for version in versions if version.status is not ItemStatus.SUPERSEDED), versions[0])
            for name, versions in self.field_history.items()
            if versions
        }
        return told | self.fields

    def get_derived_fields(self, source_item_id: UUID) -> list[ProfileField]:
        """The active fields that were derived from this item."""
        return [field for field in self.fields.values() if field.source_item_id == source_item_id]

    def get_derivation_chain(self, field_name: str) -> list[UUID]:
        """The ids of a field's sources, root first, as far as they are active fields of this profile and the first that is not."""
        by_id = {field.id: field for field in self.fields.values()}
        chain: list[UUID] = []
        field = self.fields.get(field_name)
        while field and field.source_item_id and field.source_item_id not in chain:
            chain.insert(0, field.source_item_id)
            field = by_id.get(field.source_item_id) if field.source_item_type is SourceType.PROFILE_FIELD else None
        return chain


class ChainLink(_Immutable):
    """One item of a derivation chain."""

    id: UUID
    type: ItemType
    name: str
    source_metadata: dict[str, Any] = {}


class DerivationChain(_Immutable):
    """Where an item comes from: root first, the item itself last. `truncated` when the chain is longer and the root is not shown."""

    items: list[ChainLink]
    truncated: bool


class DerivedItems(_Immutable):
    """What was derived from an item directly, whatever its status."""

    fields: list[ProfileField]
    assets: list[ProfileAsset]
