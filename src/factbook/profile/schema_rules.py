"""Decides what becomes of a value that is held to its definitions: refused with every error, stored with warnings, or stored as it is.

The mode is the definition's own, else the tenant's; a field that nobody defined follows the tenant's mode. A value belongs to the customer and not
to an agent, so where no agent is named, or one that did not define the field, every definition of that name holds. What
definitions say of keeping a value, encryption and retention, holds whoever is named. Source: decision 12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from factbook.kernel.problems import FieldError, ProblemKind
from factbook.profile.lifecycle_rules import expiry_by_retention
from factbook.profile.model import ItemStatus, ProfileField
from factbook.profile.schema_model import ProfileFieldDefinition, ValidationMode
from factbook.profile.validation.validation_rules import ErrorType, Fault, faults_of
from factbook.profile.validation.value_types import ValueType, inferred_type

FIELD_INVALID = ProblemKind("field_invalid", 422, "The value is not what its definition asks for")
METHOD_UNFIT = ProblemKind("method_unfit", 422, "The definition does not accept this way of verifying")


_TEXTS = frozenset({ValueType.EMAIL, ValueType.PHONE, ValueType.DATE})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a value may be stored as: not at all with `errors`. `definition_id` is set when one definition alone holds."""

    value_type: ValueType
    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    definition_id: UUID | None
    retention_days: tuple[int | None, ...]
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The definitions that a writer wants to be held to: one, or one agent's. An agent that did not define the field chooses nothing."""

    agent_id: UUID | None = None
    definition_id: UUID | None = None

    def among(self, definitions: Sequence[ProfileFieldDefinition]) -> list[ProfileFieldDefinition]:
        """Those that are chosen, else all."""
        if self.definition_id is not None:
            # One that was taken away since holds nothing: then the others do.
            return [definition for definition in definitions if definition.id == self.definition_id] or list(definitions)
        return [definition for definition in definitions if definition.agent_id == self.agent_id] or list(definitions)


ALL = Chosen()


class SchemaValidationService:
    """Holds the values of one tenant to what its agents defined."""

    def __init__(self, tenant_mode: ValidationMode) -> None:
        self._tenant_mode = tenant_mode

    def verdict(
        self,
        name: str,
        value: Any,
        stated_type: ValueType | None,
        definitions: Sequence[ProfileFieldDefinition],
        chosen: Chosen = ALL,
    ) -> Verdict:
        """The verdict on a value, given all of the tenant's definitions of its field."""
        enabled = [definition for definition in definitions if definition.enabled]
        holding = chosen.among(enabled)
        found = [(self.mode_of(definition), self._faults(value, stated_type, definition)) for definition in holding]
        if not holding:
            found = [
                (self._tenant_mode, [Fault(name, ErrorType.UNKNOWN_FIELD, "nobody defined this field"), *_own_type_faults(name, value, stated_type)])
            ]
        errors = [fault for mode, faults in found if mode is ValidationMode.STRICT for fault in faults]
        warnings = [fault for mode, faults in found if mode is ValidationMode.WARN for fault in faults]
        warnings += [_unverified(definition) for definition in holding if self._warns_of_verification(definition)]
        return Verdict(
            value_type=holding[0].value_type if holding else stated_type or inferred_type(value),
            errors=tuple(dict.fromkeys(errors)),
            warnings=tuple(dict.fromkeys(warnings)),
            definition_id=holding[0].id if len(holding) == 1 else None,
            retention_days=tuple(definition.retention_days for definition in enabled),
            encrypted=any(definition.encryption_required for definition in enabled),
        )

    def mode_of(self, definition: ProfileFieldDefinition) -> ValidationMode:
        """The definition's own mode, else the tenant's."""
        return definition.validation_mode or self._tenant_mode

    def _warns_of_verification(self, definition: ProfileFieldDefinition) -> bool:
        """A new value is unverified, so a definition that asks for verification is always yet to be met: nothing to refuse, something to say."""
        return definition.required_verification and self.mode_of(definition) is not ValidationMode.DISABLED

    def _faults(self, value: Any, stated_type: ValueType | None, definition: ProfileFieldDefinition) -> list[Fault]:
        if self.mode_of(definition) is ValidationMode.DISABLED:
            return []
        faults = faults_of(
            value,
            field_name=definition.name,
            value_type=definition.value_type,
            expression=definition.validation_regex,
            allowed_values=definition.allowed_values,
        )
        if not _agree(stated_type, definition.value_type):
            faults.insert(0, Fault(definition.name, ErrorType.TYPE_ERROR, f"the definition says {definition.value_type}"))
        return faults


def check_definition_is_there(definition_id: UUID | None, definitions: Sequence[ProfileFieldDefinition]) -> None:
    """Raise `field_invalid` for a value that names a definition which does not hold for its field."""
    if definition_id is not None and definition_id not in {definition.id for definition in definitions}:
        errors = [FieldError("field_definition_id", "no enabled definition of this field has this id")]
        raise FIELD_INVALID.because("Nothing was stored.", errors)


def as_defined(field: ProfileField, verdict: Verdict, recorded_by: UUID | None) -> ProfileField:
    """The field as it is stored: an active version, with what its definitions add."""
    return field.model_copy(
        update={
            "value_type": verdict.value_type,
            "field_definition_id": verdict.definition_id or field.field_definition_id,
            "expires_at": expiry_by_retention(field.collected_at, field.expires_at, verdict.retention_days),
            "encrypted": verdict.encrypted,
            "recorded_by": recorded_by,
            "status": ItemStatus.ACTIVE,
            "superseded_by_id": None,
            "superseded_at": None,
        }
    )


def check_method(field: ProfileField, method: str, definitions: Sequence[ProfileFieldDefinition]) -> None:
    """A problem naming those that do for a way of verifying that a definition of the field does not name. A definition that names none takes any."""
    holding = Chosen(definition_id=field.field_definition_id).among(definitions)
    allowed = [set(definition.verification_methods) for definition in holding if definition.verification_methods]
    if any(method not in methods for methods in allowed):
        known = ", ".join(sorted(set.intersection(*allowed)))
        raise METHOD_UNFIT.because("Nothing was verified.", [FieldError("method", f"one of: {known}")])


def check_verdict(verdict: Verdict) -> None:
    """Raise `field_invalid` naming every error, if there are any."""
    if verdict.errors:
        errors = [FieldError("value", f"{fault.error_type}: {fault.message}") for fault in verdict.errors]
        raise FIELD_INVALID.because(f"Nothing was stored. Errors found: {len(errors)}.", errors)


def _own_type_faults(name: str, value: Any, stated_type: ValueType | None) -> list[Fault]:
    """What is wrong with a value by the type that its writer states."""
    if stated_type is None:
        return []
    return faults_of(value, field_name=name, value_type=stated_type, expression=None, allowed_values=None)


def _unverified(definition: ProfileFieldDefinition) -> Fault:
    return Fault(definition.name, ErrorType.VERIFICATION_REQUIRED, "the value counts once a human has verified it")


def _agree(stated: ValueType | None, defined: ValueType) -> bool:
    """Whether a writer's type fits the definition's: most definitions say more exactly which texts they mean."""
    return stated in (None, defined) or (stated is ValueType.STRING and defined in _TEXTS)
