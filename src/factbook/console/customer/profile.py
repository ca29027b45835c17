"""The section about what is known: each field with its value, where it comes from, how it stands and how old it is."""

from typing import Any

from factbook.console.customer.looking import Look
from factbook.console.customer.masking import masks_over


async def profile_section(look: Look) -> dict[str, Any]:
    """The fields by name, each with whether it is masked, the consents and the level of verification. One statement."""
    fields = look.profile.fields
    masks = await masks_over(look.connection, look.tenant_id, fields)
    return {
        "fields": [{"field": field, "masked": masks.over(field)} for field in fields.values()],
        "consents": look.profile.consents,
        "verification_level": look.profile.verification_level,
    }
