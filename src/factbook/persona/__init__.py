"""Who are they, in words? Persons, what was submitted about them, and the personas computed from all of it."""

from factbook.persona.computing.backend import Backend
from factbook.persona.computing.operations import regenerate, submit_and_regenerate
from factbook.persona.computing.routes import router as personas_router
from factbook.persona.default_backend import backend_by_rules, persona_backend
from factbook.persona.erasing.model import TABLES_OF_THE_ERASED
from factbook.persona.erasing.operations import erase_person
from factbook.persona.erasing.repair import restore_erasure_events
from factbook.persona.erasing.routes import router as erasing_router
from factbook.persona.operations import assign_customer, change_demographics, create_person, submit
from factbook.persona.routes import router as persons_router
from factbook.persona.verifying.model import PersonasVerdict
from factbook.persona.verifying.verification import verify_personas

routers = (personas_router, persons_router, erasing_router)

__all__ = [
    "TABLES_OF_THE_ERASED",
    "Backend",
    "PersonasVerdict",
    "assign_customer",
    "backend_by_rules",
    "change_demographics",
    "create_person",
    "erase_person",
    "persona_backend",
    "regenerate",
    "restore_erasure_events",
    "routers",
    "submit",
    "submit_and_regenerate",
    "verify_personas",
]
