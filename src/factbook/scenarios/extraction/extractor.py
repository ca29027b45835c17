"""Asks an executor of language which fields a scenario or rule needs, and how those that nobody defined could be defined. Writes nothing."""

from collections.abc import Callable, Sequence

from factbook.language import FindRequirements, FoundRequirement, LLMExecutor, SuggestDefinitions, SuggestedDefinition, WantedField
from factbook.scenarios.extraction.finding_rules import findings_in
from factbook.scenarios.extraction.model import Parts, Reading


class ProfileItemSchemaExtractor:
    """Finds requirements and suggests definitions with whichever executor it is given. Source: seed 002, phase 6.

    `condition_fault` says why a condition cannot be used, or None. Both methods raise a `LanguageFailure`.
    """

    def __init__(self, executor: LLMExecutor, condition_fault: Callable[[str], str | None]) -> None:
        self._executor = executor
        self._condition_fault = condition_fault

    async def extract_requirements(self, parts: Parts, known: Sequence[WantedField]) -> Reading:
        """What the texts need. `known` are the fields that are defined or suggested already, so that they keep their names."""
        reply = await self._executor.execute(FindRequirements(parts.sources, tuple(known)))
        findings, left_out = findings_in(reply.answer.fields, parts, self._condition_fault)
        return Reading(findings, left_out, reply.extractor, reply.prompt_version)

    async def suggest_field_definitions(self, parts: Parts, fields: Sequence[FoundRequirement]) -> list[SuggestedDefinition]:
        """A suggestion for each of the fields, as far as the executor has one. Without fields nobody is asked."""
        if not fields:
            return []
        return (await self._executor.execute(SuggestDefinitions(parts.sources, tuple(fields)))).answer.definitions
