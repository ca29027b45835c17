"""Decides which types of files there may be for each kind of asset, and how their content is handed out."""

from factbook.kernel.problems import MEDIA_TYPE_UNSUPPORTED, FieldError
from factbook.profile.model import AssetType

_OFFICE = "application/vnd.openxmlformats-officedocument."
_TYPES = {
    AssetType.IMAGE: frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "image/heic", "image/tiff"}),
    AssetType.PDF: frozenset({"application/pdf"}),
    AssetType.AUDIO: frozenset({"audio/mpeg", "audio/wav", "audio/x-wav", "audio/ogg", "audio/mp4", "audio/x-m4a", "audio/webm"}),
    AssetType.DOCUMENT: frozenset(
        {
            *("text/plain", "text/csv", "text/markdown", "text/html", "application/json", "application/xml", "application/pdf"),
            *("application/rtf", "application/msword", "application/zip", "application/octet-stream", "message/rfc822"),
            *(f"{_OFFICE}{part}" for part in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")),
            *("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"),
        }
    ),
}


def check_media_type(asset_type: AssetType, declared: str | None) -> str:
    """The declared type without its parameters. A 415 problem naming the file for one that is not of the asset's kind."""
    media_type = (declared or "application/octet-stream").partition(";")[0].strip().lower()
    if media_type not in _TYPES[asset_type]:
        errors = [FieldError("file", f"an asset of the type {asset_type} is one of: {', '.join(sorted(_TYPES[asset_type]))}")]
        raise MEDIA_TYPE_UNSUPPORTED.because("This kind of file is not kept as this type of asset.", errors)
    return media_type
