"""What an item was derived from, and how much of a chain is shown."""

from uuid import UUID

from factbook.profile.model import ItemType, ProfileAsset, ProfileField, SourceType

# How many items of a chain are shown, the item itself among them. Source: profile.md section 8.
MAX_CHAIN = 10
ITEM_TYPES = {SourceType.PROFILE_FIELD: ItemType.FIELD, SourceType.PROFILE_ASSET: ItemType.ASSET}


def followed_source(item: ProfileField | ProfileAsset) -> tuple[UUID, ItemType] | None:
    """The field or asset that the item says it was derived from; None when its source is nothing of ours."""
    if item.source_item_id is None or item.source_item_type not in ITEM_TYPES:
        return None
    return item.source_item_id, ITEM_TYPES[item.source_item_type]
