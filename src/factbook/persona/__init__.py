"""Who are they, in words? Persons, what was submitted about them, and the personas computed from all of it."""

from factbook.persona.erasing.operations import erase_person
from factbook.persona.erasing.routes import router as erasing_router
from factbook.persona.operations import assign_customer, change_demographics, create_person, submit
from factbook.persona.routes import router as persons_router

routers = (persons_router, erasing_router)

__all__ = ["assign_customer", "change_demographics", "create_person", "erase_person", "routers", "submit"]
