"""What do we know, and how do we know it? Fields and assets with source and status, the schema they are held to, and the stores that keep them."""

import re

from factbook.profile.assets.downloading import asset_content
from factbook.profile.assets.routes import router as assets_router
from factbook.profile.backend import SYSTEM, Actor, Backend
from factbook.profile.conditions.condition_rules import LONGEST_CONDITION
from factbook.profile.conditions.evaluating import condition_fault
from factbook.profile.consents.routes import router as consents_router
from factbook.profile.document_routes import router as document_router
from factbook.profile.fields.filling import MESSAGE_ID, Extraction, Filling, FillOutcome, fill_gaps
from factbook.profile.fields.quoting_rules import QUOTE
from factbook.profile.fields.routes import router as fields_router
from factbook.profile.fields.values import SEALED_VALUE_UNREADABLE
from factbook.profile.fields.wire import FieldPage
from factbook.profile.finding import unwritten_profile_id
from factbook.profile.http import CurrentBackend, CustomerInPath, require_designer, require_profile_writer
from factbook.profile.identities.routes import router as identities_router
from factbook.profile.lifecycle.routes import router as lifecycle_router
from factbook.profile.lifecycle_rules import is_active, new_field
from factbook.profile.lineage.routes import router as lineage_router
from factbook.profile.missing_rules import MissingField, MissingReason, applying_requirements, fills, missing_fields, unmet_reason
from factbook.profile.model import (
    NAME_FORM,
    AssertedBy,
    ChainLink,
    CustomerProfile,
    DerivationChain,
    FieldName,
    ItemStatus,
    ItemType,
    ProfileAsset,
    ProfileField,
    ProfileFieldSource,
    SourceType,
)
from factbook.profile.profiles.routes import router as profiles_router
from factbook.profile.schema.automatic import remove_automatic_of_rule, remove_of_scenario, suggest_definitions, write_automatic
from factbook.profile.schema.by_hand import put_requirement, remove_requirement, review_requirement
from factbook.profile.schema.definitions_store import definitions_of_agent
from factbook.profile.schema.requirement_rules import CONDITION_INVALID, REQUIREMENT_CONTRADICTS
from factbook.profile.schema.requirements_store import (
    PlaceInScenario,
    RequirementPlace,
    requirement_counts,
    requirement_page,
    requirement_with_id,
    requirements_after,
    requirements_by_review,
    requirements_of_rule,
    requirements_of_scenario,
)
from factbook.profile.schema.routes import router as schema_router
from factbook.profile.schema_model import (
    DefinitionOrigin,
    FallbackAction,
    ProfileFieldDefinition,
    RequiredLevel,
    RequirementOrigin,
    RequirementReviewState,
    Review,
    ScenarioFieldRequirement,
    ValidationMode,
    review_state_of,
)
from factbook.profile.schema_rules import Chosen, SchemaValidationService, Verdict, as_defined
from factbook.profile.sealing.operations import MasterKeys, master_keys
from factbook.profile.situation import Asked, Situation, situation_of
from factbook.profile.stores.cached import CachedProfileStore
from factbook.profile.stores.in_memory import InMemoryProfileStore
from factbook.profile.stores.postgres import PostgresProfileStore
from factbook.profile.validation.expressions import expression_fault
from factbook.profile.validation.validation_rules import Fault
from factbook.profile.validation.value_types import ValueType
from factbook.profile.writing import Change, changing

routers = (
    document_router,
    fields_router,
    assets_router,
    lineage_router,
    lifecycle_router,
    consents_router,
    profiles_router,
    identities_router,
    schema_router,
)

# Where files come in, whose bodies may be larger than others by what a form has beside the file.
ASSETS_PATH = re.compile(r"/v1/customers/[^/]+/profile/assets")
FORM_OVERHEAD_BYTES = 64 * 1024

__all__ = [
    "ASSETS_PATH",
    "CONDITION_INVALID",
    "FORM_OVERHEAD_BYTES",
    "LONGEST_CONDITION",
    "MESSAGE_ID",
    "NAME_FORM",
    "QUOTE",
    "REQUIREMENT_CONTRADICTS",
    "SEALED_VALUE_UNREADABLE",
    "SYSTEM",
    "Actor",
    "Asked",
    "AssertedBy",
    "Backend",
    "CachedProfileStore",
    "ChainLink",
    "Change",
    "Chosen",
    "CurrentBackend",
    "CustomerInPath",
    "CustomerProfile",
    "DefinitionOrigin",
    "DerivationChain",
    "Extraction",
    "FallbackAction",
    "Fault",
    "FieldName",
    "FieldPage",
    "FillOutcome",
    "Filling",
    "InMemoryProfileStore",
    "ItemStatus",
    "ItemType",
    "MasterKeys",
    "MissingField",
    "MissingReason",
    "PlaceInScenario",
    "PostgresProfileStore",
    "ProfileAsset",
    "ProfileField",
    "ProfileFieldDefinition",
    "ProfileFieldSource",
    "RequiredLevel",
    "RequirementOrigin",
    "RequirementPlace",
    "RequirementReviewState",
    "Review",
    "ScenarioFieldRequirement",
    "SchemaValidationService",
    "Situation",
    "SourceType",
    "ValidationMode",
    "ValueType",
    "Verdict",
    "applying_requirements",
    "as_defined",
    "asset_content",
    "changing",
    "condition_fault",
    "definitions_of_agent",
    "expression_fault",
    "fill_gaps",
    "fills",
    "is_active",
    "master_keys",
    "missing_fields",
    "new_field",
    "put_requirement",
    "remove_automatic_of_rule",
    "remove_of_scenario",
    "remove_requirement",
    "require_designer",
    "require_profile_writer",
    "requirement_counts",
    "requirement_page",
    "requirement_with_id",
    "requirements_after",
    "requirements_by_review",
    "requirements_of_rule",
    "requirements_of_scenario",
    "review_requirement",
    "review_state_of",
    "routers",
    "situation_of",
    "suggest_definitions",
    "unmet_reason",
    "unwritten_profile_id",
    "write_automatic",
]
