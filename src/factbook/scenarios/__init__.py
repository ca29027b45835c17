"""What does a scenario need? Scenarios and rules in every version, the requirements found in them, and how what is missing gets filled."""

from factbook.scenarios.designing.extraction_routes import router as extraction_router
from factbook.scenarios.designing.routes import router as designing_router
from factbook.scenarios.gap_fill.model import GapFillLimits
from factbook.scenarios.gap_fill.routes import router as gap_fill_router
from factbook.scenarios.gap_fill.service import GapFillService
from factbook.scenarios.jobs import extract_requirements, suggest_definitions
from factbook.scenarios.missing.routes import router as missing_router
from factbook.scenarios.model import DesignLimits, Rule, RuleScope, Scenario, Step, Transition
from factbook.scenarios.requirements.routes import router as requirements_router

routers = (missing_router, gap_fill_router, designing_router, extraction_router, requirements_router)

__all__ = [
    "DesignLimits",
    "GapFillLimits",
    "GapFillService",
    "Rule",
    "RuleScope",
    "Scenario",
    "Step",
    "Transition",
    "extract_requirements",
    "routers",
    "suggest_definitions",
]
