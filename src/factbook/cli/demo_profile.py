"""What the demo's workshop knows of its first customer: facts from different mouths, one of them corrected, one derived from another."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from factbook.profile import Actor, Backend, PostgresProfileStore, new_field

_SAID: tuple[tuple[str, Any, str, str], ...] = (
    ("full_name", "Nora Lindqvist", "user_provided", "2024-11-04T09:15:00"),
    ("address", "8 Harbour Street", "user_provided", "2024-11-04T09:16:00"),
    ("address", "12 Harbour Street", "human_entered", "2025-03-22T13:45:00"),
    ("rider_height_cm", 172, "tool_result", "2025-03-22T14:05:00"),
)
_DERIVED = ("frame_size_cm", 54, "system_inferred", "2025-03-22T14:06:00")


async def load_demo_profile(backend: Backend, tenant_id: UUID, actor: Actor, channel: str, identifier: str) -> None:
    """Write what is known of the customer with this address, unless something was written before."""
    store = PostgresProfileStore(backend, actor)
    profile = await store.get_or_create(tenant_id, channel, identifier)
    if profile.fields:
        return
    for name, value, source, said_at in _SAID:
        saved = await store.update_field(tenant_id, profile.id, new_field(name, value, source, _instant(said_at)))
    name, value, source, said_at = _DERIVED
    derived = new_field(name, value, source, _instant(said_at), source_item_id=saved.field.id)
    await store.update_field(tenant_id, profile.id, derived)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
