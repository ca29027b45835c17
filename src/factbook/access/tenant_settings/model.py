"""The settings of a tenant and their defaults. A new one is a line here, in the migration and in the shapes on the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """`customer_badge` shows a badge on every conversation; off, there is none anywhere."""

    customer_badge: bool = False
