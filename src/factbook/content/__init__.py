"""Where are the bytes? Assets and evidence, kept per tenant under the checksum of their content, in a folder or in a bucket."""

from factbook.content.failures import ContentDamaged, ContentMissing, ContentTooLarge, ContentUnavailable
from factbook.content.media_type import SAFE_PREVIEWS, detected_media_type, type_agrees
from factbook.content.model import HEAD_BYTES, ContentStore, Stored
from factbook.content.opening import content_store

__all__ = [
    "HEAD_BYTES",
    "SAFE_PREVIEWS",
    "ContentDamaged",
    "ContentMissing",
    "ContentStore",
    "ContentTooLarge",
    "ContentUnavailable",
    "Stored",
    "content_store",
    "detected_media_type",
    "type_agrees",
]
