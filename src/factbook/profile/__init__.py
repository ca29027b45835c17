"""What do we know, and how do we know it? Fields and assets with source and status, the schema they are held to, and the stores that keep them."""

import re

from factbook.profile.assets.routes import router as assets_router
from factbook.profile.backend import SYSTEM, Actor, Backend
from factbook.profile.consents.routes import router as consents_router
from factbook.profile.document_routes import router as document_router
from factbook.profile.fields.routes import router as fields_router
from factbook.profile.fields.values import SEALED_VALUE_UNREADABLE
from factbook.profile.http import CurrentBackend, CustomerInPath
from factbook.profile.identities.routes import router as identities_router
from factbook.profile.lifecycle.routes import router as lifecycle_router
from factbook.profile.lifecycle_rules import new_field
from factbook.profile.lineage.routes import router as lineage_router
from factbook.profile.missing_rules import MissingField, MissingReason
from factbook.profile.profiles.routes import router as profiles_router
from factbook.profile.schema.routes import router as schema_router
from factbook.profile.schema_model import FallbackAction, ProfileFieldDefinition, RequiredLevel, ScenarioFieldRequirement
from factbook.profile.sealing.operations import MasterKeys, master_keys
from factbook.profile.situation import Asked, Situation, situation_of
from factbook.profile.stores.cached import CachedProfileStore
from factbook.profile.stores.in_memory import InMemoryProfileStore
from factbook.profile.stores.postgres import PostgresProfileStore

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
    "FORM_OVERHEAD_BYTES",
    "SEALED_VALUE_UNREADABLE",
    "SYSTEM",
    "Actor",
    "Asked",
    "Backend",
    "CachedProfileStore",
    "CurrentBackend",
    "CustomerInPath",
    "FallbackAction",
    "InMemoryProfileStore",
    "MasterKeys",
    "MissingField",
    "MissingReason",
    "PostgresProfileStore",
    "ProfileFieldDefinition",
    "RequiredLevel",
    "ScenarioFieldRequirement",
    "Situation",
    "master_keys",
    "new_field",
    "routers",
    "situation_of",
]
