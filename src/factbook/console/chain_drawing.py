"""A derivation chain as a graph: boxes from the root down, joined by arrows. Pure; a template makes SVG of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote
from uuid import UUID

from factbook.console.pages import PREFIX
from factbook.profile import MESSAGE_ID, ChainLink, DerivationChain, ItemType, SourceType
from factbook.profile.lineage.lineage_queries import ItemSource

WIDTH = 320
_BOX, _GAP, _EDGE = 48, 26, 4
_LONGEST = 34  # characters that fit into a box


@dataclass(frozen=True, slots=True)
class Box:
    """One box: what kind of thing it is, what it is called, the page that shows it (None where there is none), and its upper edge."""

    kind: str
    name: str
    address: str | None
    top: int

    @property
    def middle(self) -> int:
        """Where the lower line of its text stands."""
        return self.top + 34


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes from the root down, the arrows between them as (from, to) heights, and how high all of it is. Its width is `WIDTH`."""

    boxes: Sequence[Box]
    arrows: Sequence[tuple[int, int]]
    height: int


def drawn_chain(chain: DerivationChain, source: ItemSource) -> Drawing:
    """The chain from its source down to the item. `source` is that of the root: a conversation or a message in it stands above all."""
    things = [*_above(chain.items[0], source), *(_thing(link, source.customer_id) for link in chain.items)]
    boxes = [Box(*thing, top=_EDGE + place * (_BOX + _GAP)) for place, thing in enumerate(things)]
    arrows = [(above.top + _BOX, below.top) for above, below in pairwise(boxes)]
    return Drawing(boxes, arrows, boxes[-1].top + _BOX + _EDGE)


def _thing(link: ChainLink, customer_id: UUID) -> tuple[str, str, str | None]:
    if link.type is ItemType.ASSET:
        return "Asset", _fitted(link.name), f"{PREFIX}/customers/{customer_id}/assets/{link.id}/content"
    return "Field", _fitted(link.name), f"{PREFIX}/customers/{customer_id}/fields/{link.name}"


def _above(root: ChainLink, source: ItemSource) -> list[tuple[str, str, str | None]]:
    """What the root came out of: a conversation and the message of it that the metadata names; else the kind of source, where one is said."""
    if source.type is SourceType.SESSION and source.id is not None:
        conversation, message = f"{PREFIX}/conversations/{source.id}", root.source_metadata.get(MESSAGE_ID)
        if message is None:
            return [("Conversation", str(source.id), conversation)]
        return [("Message", f"in conversation {str(source.id)[:8]}", f"{conversation}?message={quote(str(message))}#message-{quote(str(message))}")]
    return [] if source.type is None else [(source.type.value.replace("_", " ").capitalize(), str(source.id or ""), None)]


def _fitted(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
