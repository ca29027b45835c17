"""What text PostgreSQL can keep and UTF-8 can carry."""


def storable(text: str) -> str:
    """The text as it is. `ValueError` in plain words for a NUL character or half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("the NUL character cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a lone surrogate is not a character") from None
    return text
