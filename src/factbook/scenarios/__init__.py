"""What does a scenario need? The fields that a customer's profile still lacks for it, and where they can be had."""

from factbook.scenarios.missing.routes import router as missing_router

routers = (missing_router,)

__all__ = ["routers"]
