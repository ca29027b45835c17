"""Addresses that are still answered and will not be for ever, and the two headers that say so with every answer."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Retirement:
    """Everything at `path` and below it. Since `deprecated_at` something better is there; from `sunset_at` on nothing may be there."""

    path: str
    deprecated_at: datetime
    sunset_at: datetime

    def covers(self, path: str) -> bool:
        """Whether the address is one of these."""
        return path == self.path or path.startswith(f"{self.path}/")

    @property
    def headers(self) -> dict[str, str]:
        """`Deprecation` as RFC 9745 writes it, a date in seconds, and `Sunset` as RFC 8594 does, a date of HTTP."""
        return {"Deprecation": f"@{int(self.deprecated_at.timestamp())}", "Sunset": format_datetime(self.sunset_at, usegmt=True)}
