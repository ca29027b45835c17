"""Who are they, in words? Persons, what was submitted about them, and the personas computed from all of it."""

from factbook.persona.computing.backend import Backend
from factbook.persona.computing.diff_rules import difference
from factbook.persona.computing.document import UNKNOWN
from factbook.persona.computing.operations import regenerate, submit_and_regenerate
from factbook.persona.computing.routes import router as personas_router
from factbook.persona.default_backend import backend_by_rules, persona_backend
from factbook.persona.erasing.model import TABLES_OF_THE_ERASED
from factbook.persona.erasing.operations import erase_person
from factbook.persona.erasing.routes import router as erasing_router
from factbook.persona.fetching.fetcher import PageFetcher
from factbook.persona.fetching.urls import allowed_hosts
from factbook.persona.legacy.retirement import RETIREMENT as OLDER_INTERFACE
from factbook.persona.legacy.routes import router as legacy_router
from factbook.persona.merging.operations import merge_persons
from factbook.persona.migrating.batches import opened_source
from factbook.persona.migrating.files import SourceUnreadableError
from factbook.persona.migrating.model import Report as MigrationReport
from factbook.persona.migrating.operations import migrate_personas, take_back_personas
from factbook.persona.operations import assign_customer, change_demographics, create_person, submit
from factbook.persona.repair import restore_person_events
from factbook.persona.routes import router as persons_router
from factbook.persona.verifying.model import PersonasVerdict
from factbook.persona.verifying.verification import verify_personas

routers = (personas_router, persons_router, erasing_router, legacy_router)

__all__ = [
    "OLDER_INTERFACE",
    "TABLES_OF_THE_ERASED",
    "UNKNOWN",
    "Backend",
    "MigrationReport",
    "PageFetcher",
    "PersonasVerdict",
    "SourceUnreadableError",
    "allowed_hosts",
    "assign_customer",
    "backend_by_rules",
    "change_demographics",
    "create_person",
    "difference",
    "erase_person",
    "merge_persons",
    "migrate_personas",
    "opened_source",
    "persona_backend",
    "regenerate",
    "restore_person_events",
    "routers",
    "submit",
    "submit_and_regenerate",
    "take_back_personas",
    "verify_personas",
]
