"""The shapes of tenants' settings on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, StrictBool

from factbook.access.tenant_settings.model import TenantSettings

ValidationMode = Literal["strict", "warn", "disabled"]


class SettingsAnswer(BaseModel):
    """Every setting of the tenant as it stands."""

    customer_badge: bool
    validation_mode: ValidationMode

    @classmethod
    def of(cls, settings: TenantSettings) -> "SettingsAnswer":
        """The settings' shape."""
        return cls.model_validate(settings, from_attributes=True)


class SettingsChange(BaseModel):
    """The settings to change; those that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"customer_badge": True}]})

    customer_badge: StrictBool = False
    validation_mode: ValidationMode = "warn"

    def changes(self) -> dict[str, object]:
        """What was named, by name."""
        return self.model_dump(exclude_unset=True)
