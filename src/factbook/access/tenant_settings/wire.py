"""The shapes of tenants' settings on the wire."""

from pydantic import BaseModel, ConfigDict, StrictBool

from factbook.access.tenant_settings.model import TenantSettings


class SettingsAnswer(BaseModel):
    """Every setting of the tenant as it stands."""

    customer_badge: bool

    @classmethod
    def of(cls, settings: TenantSettings) -> "SettingsAnswer":
        """The settings' shape."""
        return cls.model_validate(settings, from_attributes=True)


class SettingsChange(BaseModel):
    """The settings to change; those that are not named stay as they are."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"customer_badge": True}]})

    customer_badge: StrictBool = False

    def changes(self) -> dict[str, object]:
        """What was named, by name."""
        return self.model_dump(exclude_unset=True)
