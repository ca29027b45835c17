"""What an item was derived from, and how much of a chain is shown."""

from collections.abc import Collection, Sequence
from graphlib import CycleError, TopologicalSorter
from uuid import UUID

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.profile.model import ItemType, ProfileAsset, ProfileField, SourceType

SOURCE_UNKNOWN = ProblemKind("source_unknown", 422, "The item cannot come from there")

# How many items of a chain are shown, the item itself among them. Source: profile.md section 8.
MAX_CHAIN = 10
ITEM_TYPES = {SourceType.PROFILE_FIELD: ItemType.FIELD, SourceType.PROFILE_ASSET: ItemType.ASSET}


def followed_source(item: ProfileField | ProfileAsset) -> tuple[UUID, ItemType] | None:
    """The field or asset that the item says it was derived from; None when its source is nothing of ours."""
    if item.source_item_id is None or item.source_item_type not in ITEM_TYPES:
        return None
    return item.source_item_id, ITEM_TYPES[item.source_item_type]


def in_order_of_sources(items: Sequence[ProfileField | ProfileAsset], standing: Collection[UUID]) -> list[ProfileField | ProfileAsset]:
    """Those of the items that do not stand yet, each after the one that it was derived from. Raises `source_unknown` for a circle."""
    new = {item.id: item for item in items if item.id not in standing}
    sources = {item.id: {item.source_item_id} & new.keys() for item in new.values()}
    try:
        return [new[item_id] for item_id in TopologicalSorter(sources).static_order() if item_id in new]
    except CycleError:
        raise SOURCE_UNKNOWN.because("Nothing was stored.", [FieldError("source_item_id", "items come from each other in a circle")]) from None
