"""What people type, as a pattern that the database looks for."""

_LONGEST = 200


def beginning_pattern(text: str) -> str:
    """The pattern of LIKE for whatever begins with this text, in any case, its own signs meaning themselves."""
    plain = text.lower()[:_LONGEST].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{plain}%"
