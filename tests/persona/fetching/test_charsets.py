"""In which charset a page is written."""

import pytest

from factbook.persona.fetching.charsets import decoded


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("Zoë €".encode(), None, "Zoë €"),
        ("Zoë €".encode(), "utf-8", "Zoë €"),
        ("Zoë €".encode(), '"UTF-8"', "Zoë €"),
        ("Zoë".encode("latin-1"), "iso-8859-1", "Zoë"),
        (b"Zo\xeb \x80", "iso-8859-1", "Zoë €"),
        (b"Zo\xeb \x80", None, "Zoë €"),
        (b"Zo\xeb", "utf-8", "Zo\ufffd"),
        (b"Zo\xeb", "no-such-charset", "Zoë"),
        (b"Zo\xeb", "punycode", "Zoë"),
        (b"Zo\xeb", "unicode_escape", "Zoë"),
        (b"Zo\xeb", "zip", "Zoë"),
        (b"Zo\xeb", "\0", "Zoë"),
        ("\ufeffZoë".encode(), "iso-8859-1", "Zoë"),
        ("\ufeffZoë".encode("utf-16-le"), "utf-8", "Zoë"),
        ("\ufeffZoë".encode("utf-16-be"), None, "Zoë"),
        ("<meta charset=windows-1251>Ада".encode("cp1251"), None, "<meta charset=windows-1251>Ада"),
        ('<META HTTP-EQUIV=x content="text/html; charset=koi8-r">Ада'.encode("koi8-r"), None, None),
        ("<meta charset=windows-1251>Ада".encode(), "utf-8", "<meta charset=windows-1251>Ада"),
        ("愛達".encode("big5"), "Big5", "愛達"),
        ("エイダ".encode("shift_jis"), "Shift_JIS", "エイダ"),
        (b"a\0b", "utf-8", "a\ufffdb"),
        (b"", None, ""),
    ],
    ids=range(22),
)
def test_a_body_is_read_in_its_charset(body: bytes, declared: str | None, text: str | None) -> None:
    assert decoded(body, declared) == (text if text is not None else body.decode("koi8-r"))
