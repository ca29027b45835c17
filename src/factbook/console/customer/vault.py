"""The section about the vault: the newest evidence and the newest files, as cards. One statement, the files being the profile's own."""

from collections.abc import Sequence
from typing import Any

import orjson

from factbook.console.customer.evidence_cards import card_of, file_card_of
from factbook.console.customer.looking import Look
from factbook.history import GroupBy, Selection
from factbook.history.vault.queries import vault_page
from factbook.profile import ProfileAsset

_MOST = 12
_LONGEST_PREVIEW = 160  # characters
_ORDER = ("FILE", "TEXT", "STRUCTURED")


async def vault_section(look: Look, assets: Sequence[ProfileAsset]) -> dict[str, Any]:
    """The newest cards, grouped by type. `assets` are the customer's files in any order."""
    found = await vault_page(
        look.connection,
        look.tenant_id,
        look.customer_id,
        group_by=GroupBy.NONE,
        selection=Selection(),
        basis=None,
        after=None,
        limit=_MOST,
    )
    cards = [card_of(orjson.loads(entry), _LONGEST_PREVIEW) for _, entry in found.entries]
    newest = sorted(assets, key=lambda asset: (asset.uploaded_at, asset.id), reverse=True)
    return {
        "groups": [(kind, of_kind) for kind in _ORDER if (of_kind := [card for card in cards if card.kind == kind])],
        "has_more": found.next_key is not None,
        "files": [file_card_of(asset) for asset in newest[:_MOST]],
        "other_files": len(newest) - len(newest[:_MOST]),
    }
