"""What the first bytes of a file show, and whether that may be what was declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factbook.content import HEAD_BYTES, SAFE_PREVIEWS, detected_media_type, type_agrees

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00word/document.xml"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
OGG = b"OggS\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00OpusHead"
M4A = b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A isom"
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
MP3_TAGGED = b"ID3\x04\x00\x00\x00\x00\x00\x23TSSE"
MP3_BARE = b"\xff\xfb\x90\x64\x00\x0f\xf0\x00\x00\x69\x00\x00"
AAC = b"\xff\xf1\x50\x80\x03\xdf\xfc\xde\x02\x00"
HTML = b"<!DOCTYPE html><title>x</title>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
XML = b'<?xml version="1.0"?><invoice/>'
CSV = b"name,amount\nM\xc3\xbcller,3\n"
BINARY = b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (b"GIF87a" + GIF[6:], "image/gif"),
        (WEBP, "image/webp"),
        (PDF, "application/pdf"),
        (ZIP, "application/zip"),
        (b"PK\x05\x06" + b"\x00" * 18, "application/zip"),
        (WAV, "audio/wav"),
        (OGG, "audio/ogg"),
        (M4A, "audio/mp4"),
        (MP4, "video/mp4"),
        (MP3_TAGGED, "audio/mpeg"),
        (MP3_BARE, "audio/mpeg"),
        (HTML, "text/html"),
        (b"\xef\xbb\xbf \r\n<HTML>", "text/html"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"\n<sCrIpT src=x>\xff\x00", "text/html"),
        (SVG, "image/svg+xml"),
        (b"\xef\xbb\xbf" + XML[:21] + SVG, "image/svg+xml"),
        (XML, "application/xml"),
        (CSV, "text/plain"),
        (b"ID3,ID4\n1,2\n", "text/plain"),
        (b"a < b, says <html> in the middle", "text/plain"),
        (b"<htmlish>", "text/plain"),
        (HEIC, None),
        (AAC, None),
        (BINARY, None),
        (b"", None),
        (b"caf\xe9", None),
        (b"with a NUL\x00", None),
        (b"\x1b[31mred", None),
        (b"cut off \xc3", None),
        (b"\xff\xfe<\x00h\x00", None),
        (b"\xff\xfb\xff\x64", None),
    ],
)
def test_the_first_bytes_show_the_type(head: bytes, media_type: str | None) -> None:
    assert detected_media_type(head) == media_type


def test_a_character_that_the_end_of_the_head_cuts_off_is_still_text() -> None:
    assert detected_media_type(("x" + "ü" * HEAD_BYTES).encode()[:HEAD_BYTES]) == "text/plain"


@pytest.mark.parametrize(
    ("declared", "head"),
    [
        ("image/png", PNG),
        ("IMAGE/PNG", PNG),
        ("image/jpg", JPEG),
        ("text/csv; charset=utf-8", CSV),
        ("text/markdown", b"# Title\n"),
        ("application/json", b'{"a": 1}'),
        ("application/ld+json", b"{}"),
        ("text/plain", HTML),
        ("text/html", HTML),
        ("image/svg+xml", SVG),
        ("application/xml", XML),
        (WORD, ZIP),
        ("application/zip", ZIP),
        ("audio/mp4", M4A),
        ("audio/mp4", MP4),
        ("video/mp4", M4A),
        ("audio/mpeg", MP3_BARE),
        ("audio/mp3", MP3_TAGGED),
        ("audio/x-wav", WAV),
        ("video/ogg", OGG),
        ("audio/opus", OGG),
        ("audio/aac", AAC),
        ("image/heic", HEIC),
        ("application/x-unheard-of", PNG),
        ("application/x-unheard-of", BINARY),
        ("image/png", b""),
    ],
)
def test_a_declaration_that_may_be_true_agrees(declared: str, head: bytes) -> None:
    assert type_agrees(declared, head)


@pytest.mark.parametrize(
    ("declared", "head"),
    [
        ("image/png", JPEG),
        ("image/png", HTML),
        ("image/png", BINARY),
        ("application/pdf", HTML),
        ("application/pdf", ZIP),
        ("text/plain", PNG),
        ("text/plain", b"caf\xe9"),
        ("text/html", b"<html>\xff"),
        ("text/csv", PDF),
        ("text/csv", b"a\x00b"),
        ("application/json", BINARY),
        (WORD, PDF),
        (WORD, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("audio/mp4", MP3_TAGGED),
        ("audio/opus", PNG),
        ("image/heic", MP4),
        ("image/tiff", HTML),
        ("video/x-unheard-of", JPEG),
    ],
)
def test_a_declaration_that_the_bytes_contradict_does_not_agree(declared: str, head: bytes) -> None:
    assert not type_agrees(declared, head)


@given(st.binary(max_size=64))
def test_any_bytes_may_be_declared_as_just_bytes(head: bytes) -> None:
    assert type_agrees("application/octet-stream", head)


@given(st.text(max_size=30), st.binary(max_size=64))
def test_any_declaration_and_any_bytes_get_an_answer(declared: str, head: bytes) -> None:
    assert type_agrees(declared, head) in (True, False)


def test_a_browser_is_shown_nothing_that_can_hold_a_script() -> None:
    assert {detected_media_type(head) for head in (PNG, JPEG, GIF, WEBP, PDF, CSV)} == SAFE_PREVIEWS
    assert SAFE_PREVIEWS.isdisjoint({detected_media_type(head) for head in (HTML, SVG, XML, ZIP, BINARY)})
