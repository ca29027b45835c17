"""Decides how a long text is cut into pieces that one task can read, between paragraphs, sentences or words. In a row they are the text."""

from collections.abc import Iterator

# What one task reads at most. A token is about three bytes of UTF-8, on the safe side.
TOKENS = 4000
BYTES_PER_TOKEN = 3
_CUTS = ("\n\n", "\n", ". ", "! ", "? ", " ")


def pieces(text: str, most_bytes: int = TOKENS * BYTES_PER_TOKEN) -> Iterator[tuple[int, str]]:
    """The pieces of the text, each with the place of its first character."""
    start = 0
    while start < len(text):
        end = _end_of_piece(text, start, most_bytes)
        yield start, text[start:end]
        start = end


def tokens(text: str) -> int:
    """How many tokens a text may be, estimated."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def _end_of_piece(text: str, start: int, most_bytes: int) -> int:
    fitting = text[start : start + most_bytes].encode()[:most_bytes].decode(errors="ignore")
    end = start + len(fitting)
    if end >= len(text):
        return len(text)
    half = len(fitting) // 2
    for cut in _CUTS:
        place = fitting.rfind(cut, half)
        if place >= 0:
            return start + place + len(cut)
    return end
