"""Checks, on the way in, that an item comes from something that is there."""

from factbook.kernel.problems import FieldError, Problem
from factbook.profile.lineage_rules import SOURCE_UNKNOWN, followed_source
from factbook.profile.model import ProfileAsset, ProfileField
from factbook.profile.sources_store import held_source
from factbook.profile.writing import Change


async def check_source(change: Change, item: ProfileField | ProfileAsset) -> None:
    """Raise `source_unknown` for an item that is its own source, or whose source is no field or asset of the tenant.

    What is stored has its source for good and came after it, so nothing that passes here can close a circle.
    """
    if item.source_item_id == item.id:
        raise _unknown("an item cannot be its own source")
    if item.source_item_id is not None and item.source_item_type is None:
        raise SOURCE_UNKNOWN.because("Nothing was stored.", [FieldError("source_item_type", "needed with `source_item_id`")])
    source = followed_source(item)
    if source is not None and not await held_source(change.connection, change.tenant_id, *source):
        raise _unknown(f"no {source[1]} of the tenant has this id")


def _unknown(message: str) -> Problem:
    return SOURCE_UNKNOWN.because("Nothing was stored.", [FieldError("source_item_id", message)])
