"""What kind of file the first bytes show: what we display or must tell apart, and nothing more. Whoever declares a type may be wrong or lying."""

import codecs
import re

from factbook.content.model import HEAD_BYTES

PNG, JPEG, GIF, WEBP, SVG = "image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"
MP3, WAV, OGG, M4A, MP4 = "audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4", "video/mp4"
PDF, ZIP, HTML, XML, TEXT = "application/pdf", "application/zip", "text/html", "application/xml", "text/plain"
ANYTHING = "application/octet-stream"

# What a browser may show inside our own pages. Neither HTML nor SVG nor XML: they can hold scripts.
SAFE_PREVIEWS = frozenset({PNG, JPEG, GIF, WEBP, PDF, TEXT})

# ISO/IEC 11172-3, 2.4.1.3: eleven bits of sync and layer III of a version that exists, then no reserved bit rate and no reserved sampling frequency.
_MP3_THIRD_BYTES = re.escape(bytes(byte for byte in range(0xF0) if byte & 0x0C != 0x0C))

# Signatures as the WHATWG MIME Sniffing Standard gives them; `....` is a length that may be anything.
_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"GIF8[79]a"), GIF),
    (re.compile(rb"RIFF....WEBPVP", re.DOTALL), WEBP),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), WAV),
    (re.compile(rb"%PDF-"), PDF),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06)"), ZIP),  # the second is an empty archive
    (re.compile(rb"OggS\x00"), OGG),
    (re.compile(rb"\x00...ftypM4[AB]", re.DOTALL), M4A),
    (re.compile(rb"\x00...ftyp(?!heic|heix|heim|mif1|msf1|avif|avis)", re.DOTALL), MP4),  # those are pictures in the same box
    (re.compile(rb"ID3[\x02-\x04]"), MP3),
    (re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][" + _MP3_THIRD_BYTES + rb"]"), MP3),
)
_BEFORE_MARKUP = codecs.BOM_UTF8 + b" \t\r\n\x0c"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|iframe)[\s>/]", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\s", re.IGNORECASE)
_SVG = re.compile(rb"<svg[\s>/]", re.IGNORECASE)
_CONTROLS = frozenset(map(chr, (*range(0x20), 0x7F))) - set("\t\n\r\x0c")

_TEXTS = frozenset({HTML, XML, SVG, TEXT})
_DECLARED_TEXTS = frozenset({"application/json", "application/x-ndjson", "application/xml", "application/yaml", SVG})
_SAME = {M4A: MP4, "audio/x-m4a": MP4, "audio/mp3": MP3, "audio/x-wav": WAV, "audio/wave": WAV, "application/ogg": OGG, "video/ogg": OGG}
_SAME |= {"image/jpg": JPEG, "video/quicktime": MP4, "application/x-zip-compressed": ZIP}
_OFFICE = "application/vnd.openxmlformats-"
_KNOWN = frozenset(media_type for _, media_type in _SIGNATURES)
_FAMILIES = ("image/", "audio/", "video/")


def detected_media_type(head: bytes) -> str | None:
    """The type that the first bytes of a file show, or None when they show none that is known here."""
    for signature, media_type in _SIGNATURES:
        if signature.match(head):
            return media_type
    markup = head.lstrip(_BEFORE_MARKUP)
    if _HTML.match(markup):
        return HTML
    if _SVG.match(markup):
        return SVG
    if _XML.match(markup):
        return SVG if _SVG.search(markup) else XML
    return TEXT if head and _is_text(head) else None


def type_agrees(declared: str, head: bytes) -> bool:
    """Whether a file that begins so may be what it was declared to be, parameters such as a charset aside. An empty file may be anything."""
    media_type = declared.partition(";")[0].strip().lower()
    media_type = _SAME.get(media_type, media_type)
    detected = detected_media_type(head) or ""
    detected = _SAME.get(detected, detected)
    if media_type == ANYTHING or not head:
        return True
    if media_type.startswith("text/") or media_type in _DECLARED_TEXTS or media_type.endswith(("+json", "+xml")):
        return detected in _TEXTS and _is_text(head)
    if media_type.startswith(_OFFICE):
        return detected == ZIP
    if media_type in _KNOWN:
        return detected == media_type
    return not media_type.startswith(_FAMILIES) or not detected or detected.startswith(media_type.partition("/")[0])


def _is_text(head: bytes) -> bool:
    """Whether it is UTF-8 without control characters; only a full head may cut off the last one."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return _CONTROLS.isdisjoint(text)
