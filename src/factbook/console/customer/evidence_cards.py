"""How a piece of evidence and a file of the customer read on a card. Pure: what may be shown within a page is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from factbook.console.showing import plain, shortened
from factbook.content import SAFE_PREVIEWS
from factbook.profile import ProfileAsset


class Preview(StrEnum):
    """How a file is shown within a page."""

    IMAGE = "image"
    TEXT = "text"
    PDF = "pdf"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """A piece of evidence. `kind` is its type, `title` the name of a file if it says one, `text` what it holds."""

    id: str
    kind: str
    title: str
    text: str
    job_id: str
    job_name: str
    workflow_name: str | None
    attached_at: str
    attached_by: str


@dataclass(frozen=True, slots=True)
class FileCard:
    """A file of the customer."""

    id: str
    name: str
    media_type: str
    size: str
    status: str
    uploaded_at: datetime
    preview: Preview


def card_of(entry: Mapping[str, Any], longest: int) -> EvidenceCard:
    """The card of an entry of the vault, its text cut after so many characters."""
    return EvidenceCard(
        id=entry["id"],
        kind=entry["evidence_type"],
        title=_title(entry["evidence_type"], entry["data"]),
        text=shortened(evidence_text(entry["evidence_type"], entry["data"]), longest),
        job_id=entry["job_id"],
        job_name=entry["job_address"] or entry["job_id"],
        workflow_name=entry["workflow_name"],
        attached_at=entry["attached_at"],
        attached_by=entry["attached_by"],
    )


def evidence_text(kind: str, data: Any) -> str:
    """What the evidence holds, as text: a TEXT as it was written, anything else as JSON."""
    match data:
        case {"content": str(content)} if kind == "TEXT" and len(data) == 1:
            return content
        case _:
            return plain(data)


def _title(kind: str, data: Any) -> str:
    match data:
        case {"fileName": str(name)} if kind == "FILE":
            return name
        case _:
            return ""


def file_card_of(asset: ProfileAsset) -> FileCard:
    """The card of a file."""
    return FileCard(
        id=str(asset.id),
        name=asset.name,
        media_type=asset.mime_type,
        size=_size(asset.size_bytes),
        status=asset.status.value,
        uploaded_at=asset.uploaded_at,
        preview=preview_of(asset.mime_type),
    )


def preview_of(media_type: str) -> Preview:
    """How a file of this type is shown: not at all unless browsers show it without running anything (so neither SVG nor HTML)."""
    if media_type not in SAFE_PREVIEWS:
        return Preview.NONE
    if media_type.startswith("image/"):
        return Preview.IMAGE
    return Preview.PDF if media_type == "application/pdf" else Preview.TEXT


def _size(count: int) -> str:
    """A number of bytes as people read it: `300 bytes`, `1.5 MB`."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return f"{count} bytes"
