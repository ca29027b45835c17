"""The settings of a tenant and their defaults. A new one is a line here, in the migration and in the shapes on the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """`customer_badge` shows a badge on every conversation; off, there is none anywhere.

    `validation_mode` is what becomes of a profile's value that is not as it should be, where its definition does not say: `strict` refuses it, `warn`
    stores it with warnings, `disabled` does not look.
    """

    customer_badge: bool = False
    validation_mode: str = "warn"
