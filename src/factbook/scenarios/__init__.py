"""What does a scenario need? Scenarios and rules in every version, and the requirements found in them, written by hand and reviewed."""

from factbook.scenarios.designing.extraction_routes import router as extraction_router
from factbook.scenarios.designing.routes import router as designing_router
from factbook.scenarios.jobs import extract_requirements
from factbook.scenarios.requirements.routes import router as requirements_router

routers = (designing_router, extraction_router, requirements_router)

__all__ = ["extract_requirements", "routers"]
