"""Decides whether a value from a conversation may fill a field, and as what: held to the field's definitions before anything is stored.

Where a strict definition refuses a value, the field is not filled with it, wherever it comes from. Source: profile.md sections 12 and 23 (A2, A14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from factbook.profile import (
    MESSAGE_ID,
    QUOTE,
    AssertedBy,
    Chosen,
    Fault,
    MissingReason,
    ProfileField,
    ProfileFieldSource,
    SchemaValidationService,
    SourceType,
    ValidationMode,
    Verdict,
    as_defined,
    fills,
    is_active,
    unmet_reason,
)
from factbook.scenarios.gap_fill.known import Known
from factbook.scenarios.gap_fill.model import Found, GapFillResult, GapFillSource


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one place gives for a field, and the field as it would be with it; None where it may not be used."""

    result: GapFillResult
    field: ProfileField | None = None


def from_variables(known: Known, name: str) -> Attempt | None:
    """What the conversation's variables give; None where they say nothing."""
    value = known.variables.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    is_defined = any(each.name == name for each in known.situation.definitions)
    # A variable is not stored, so nobody needs to have defined it.
    verdict = _verdict(known, name, value, known.mode if is_defined else ValidationMode.DISABLED)
    result = GapFillResult(
        field_name=name,
        filled=not verdict.errors,
        value=value,
        source=GapFillSource.SESSION,
        confidence=1.0,
        field_definition=known.definition_of(name),
        validation_errors=_told(verdict.errors or verdict.warnings),
        source_item_id=known.gaps.conversation_id,
        source_item_type=SourceType.SESSION,
    )
    said = _as_field(known, name, value, verdict, known.now, source=ProfileFieldSource.SYSTEM_INFERRED, asserted_by=AssertedBy.SYSTEM)
    return Attempt(result, None if verdict.errors else said)


def from_messages(known: Known, name: str, stored: ProfileField | None) -> Attempt | None:
    """What was found in messages gives; None where that is nothing, too unsure, or no better than what is stored."""
    found = known.found.get(name)
    if found is None or found.confidence < known.limits.extraction_confidence:
        return None
    verdict = _verdict(known, name, found.value, known.mode)
    unsure = found.confidence < known.limits.confirmation
    if verdict.errors:
        return Attempt(of_words(known, name, found, verdict.errors, filled=False, needs_confirmation=unsure))
    extracted = _extracted(known, name, found, verdict)
    is_over = not is_active(as_defined(extracted, verdict, None), known.now)
    if is_over or not fills(extracted, stored, known.definition_of(name), known.now):
        return None
    return Attempt(of_words(known, name, found, verdict.warnings, filled=True, needs_confirmation=unsure), extracted)


def of_profile(known: Known, stored: ProfileField) -> GapFillResult:
    """What a value that stands in the profile gives."""
    definition = known.definition_of(stored.name)
    lacks_verification = unmet_reason(stored, definition, known.now) is MissingReason.UNVERIFIED
    return GapFillResult(
        field_name=stored.name,
        filled=True,
        value=stored.value,
        source=GapFillSource.PROFILE,
        confidence=stored.confidence,
        needs_confirmation=stored.requires_confirmation,
        field_definition=definition,
        validation_errors=["verification_required: the value counts once a human has verified it"] if lacks_verification else [],
        source_item_id=stored.id,
        source_item_type=SourceType.PROFILE_FIELD,
    )


def of_words(known: Known, name: str, found: Found, faults: Sequence[Fault], *, filled: bool, needs_confirmation: bool) -> GapFillResult:
    """What a value that the customer's words hold gives."""
    return GapFillResult(
        field_name=name,
        filled=filled,
        value=found.value,
        source=GapFillSource.EXTRACTION,
        confidence=found.confidence,
        needs_confirmation=needs_confirmation,
        extraction_quote=found.quote,
        field_definition=known.definition_of(name),
        validation_errors=_told(faults),
        source_item_id=known.gaps.conversation_id,
        source_item_type=SourceType.SESSION,
        source_message_id=found.message_id,
        extractor=found.extractor,
    )


def of_nothing(known: Known, name: str) -> GapFillResult:
    """What a field gives of which nothing is known."""
    return GapFillResult(field_name=name, filled=False, source=GapFillSource.NOT_FOUND, field_definition=known.definition_of(name))


def _extracted(known: Known, name: str, found: Found, verdict: Verdict) -> ProfileField:
    """The value as it is stored: collected when it was said, and from the conversation and the message that it was said in."""
    return _as_field(
        known,
        name,
        found.value,
        verdict,
        min(found.said_at, known.now),
        source=ProfileFieldSource.LLM_EXTRACTED,
        asserted_by=AssertedBy.MODEL,
        confidence=found.confidence,
        requires_confirmation=found.confidence < known.limits.confirmation,
        source_session_id=known.gaps.conversation_id,
        source_metadata={
            QUOTE: found.quote,
            MESSAGE_ID: str(found.message_id),
            "extractor": found.extractor,
            "prompt_version": found.prompt_version,
        },
    )


def _as_field(known: Known, name: str, value: Any, verdict: Verdict, collected_at: datetime, **more: Any) -> ProfileField:
    return ProfileField(
        name=name,
        value=value,
        value_type=verdict.value_type,
        source_scenario_id=known.gaps.scenario_id,
        source_step_id=known.gaps.step_id,
        source_item_id=known.gaps.conversation_id,
        source_item_type=SourceType.SESSION,
        collected_at=collected_at,
        updated_at=known.now,
        **more,
    )


def _verdict(known: Known, name: str, value: Any, mode: ValidationMode) -> Verdict:
    """What the definitions say of a value; of a field that nobody defined, what the mode says."""
    definitions = [each for each in known.situation.definitions if each.name == name]
    return SchemaValidationService(mode).verdict(name, value, None, definitions, Chosen(known.gaps.agent_id))


def _told(faults: Sequence[Fault]) -> list[str]:
    """Faults as they are shown, none twice. None repeats the value."""
    return list(dict.fromkeys(f"{fault.error_type}: {fault.message}" for fault in faults))
