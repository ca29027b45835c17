"""Fills gaps: reads everything in one snapshot, has messages looked at outside any transaction, and stores in one change what was found in them."""

from dataclasses import dataclass, replace

from factbook.access import Principal, tenant_settings
from factbook.conversations import Message, conversation_turns
from factbook.idempotency import IdempotentRequest, MadeBefore, made_before
from factbook.kernel import clock
from factbook.language import LLMExecutor
from factbook.profile import Backend, Extraction, ValidationMode, fill_gaps, require_profile_writer
from factbook.scenarios.gap_fill import filling_rules as rules
from factbook.scenarios.gap_fill.extracting import look_for
from factbook.scenarios.gap_fill.filling_rules import Filled
from factbook.scenarios.gap_fill.known import Known
from factbook.scenarios.gap_fill.metrics import log_concluded, log_started, log_stored
from factbook.scenarios.gap_fill.model import ExtractionReport, GapFill, GapFillLimits, Gaps
from factbook.scenarios.gap_fill.quote_rules import looked_for
from factbook.scenarios.missing.answers import scenario_situation


@dataclass(frozen=True, slots=True)
class _Read:
    """What a request knows before messages are looked at, the messages, and whether it was carried out before."""

    known: Known
    messages: tuple[Message, ...]
    is_repeated: bool


class GapFillService:
    """Fills gaps of profiles for scenarios, with the help of whoever reads messages."""

    def __init__(self, backend: Backend, executor: LLMExecutor, limits: GapFillLimits) -> None:
        self._backend = backend
        self._executor = executor
        self._limits = limits

    async def fill_scenario_requirements(self, principal: Principal, gaps: Gaps, request: IdempotentRequest | None) -> GapFill:
        """Fill what the scenario needs of the customer. What was found in messages is stored; nothing else is.

        A request that was carried out under its key before is answered as things stand, with no look at messages. Raises `scope_required`, 404
        without the customer, the scenario or the conversation, `conversation_of_another`, `idempotency_key_reused` and `sealed_value_unreadable`.
        """
        require_profile_writer(principal)
        log_started(principal.tenant_id, gaps)
        read = await self._read(principal, gaps, request)
        if read.is_repeated:
            return _concluded(read.known, rules.fill(read.known), None)
        try:
            return await self._filled(principal, read, request)
        except MadeBefore:  # by a racing request under the same key
            known = (await self._read(principal, gaps, request)).known
            return _concluded(known, rules.fill(known), None)

    async def _read(self, principal: Principal, gaps: Gaps, request: IdempotentRequest | None) -> _Read:
        tenant_id = principal.tenant_id
        async with self._backend.database.reading(tenant_id) as connection:
            situation = await scenario_situation(connection, self._backend, tenant_id, gaps.customer_id, gaps.asked, with_values=True)
            turns = await conversation_turns(connection, tenant_id, gaps.conversation_id, gaps.customer_id, self._limits.turns)
            mode = ValidationMode((await tenant_settings(connection, tenant_id)).validation_mode)
            before = await made_before(connection, tenant_id, principal.id, request)
        situation.missing(gaps.level, clock.now())  # counts the conditions that cannot be decided, once
        return _Read(Known(gaps, situation, mode, turns.variables, self._limits, clock.now()), turns.messages, before is not None)

    async def _filled(self, principal: Principal, read: _Read, request: IdempotentRequest | None) -> GapFill:
        known, filled, report = read.known, rules.fill(read.known), None
        wanted = {name: looked_for(name, known.definition_of(name)) for name in rules.to_look_for(known, filled)}
        if wanted and self._limits.extraction_enabled:
            found, report = await look_for(self._executor, wanted, read.messages, self._limits)
            known = replace(known, found=found, now=clock.now())
            filled = rules.fill(known)
        if filled.extracted or request is not None:
            filled = await self._stored(principal, known, filled, request)
        concluded = _concluded(known, filled, report)
        log_concluded(principal.tenant_id, known.gaps, concluded)
        return concluded

    async def _stored(self, principal: Principal, known: Known, filled: Filled, request: IdempotentRequest | None) -> Filled:
        gaps, extractions = known.gaps, [Extraction(field, known.gaps.agent_id) for field in filled.extracted]
        fillings = await fill_gaps(self._backend, principal, gaps.customer_id, gaps.conversation_id, extractions, request)
        log_stored(principal.tenant_id, gaps, fillings)
        return rules.settle(known, filled, fillings)


def _concluded(known: Known, filled: Filled, report: ExtractionReport | None) -> GapFill:
    return GapFill(filled.results, rules.blocks(known, filled), rules.to_ask(known, filled), report)
