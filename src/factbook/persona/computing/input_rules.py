"""Decides whether a persona has to be computed, and what becomes of one that was computed while the world went on."""

import hashlib
from enum import StrEnum

from factbook.kernel.canonical import canonical_json
from factbook.kernel.problems import Problem, ProblemKind
from factbook.language import LanguageFailure
from factbook.persona.computing.model import ComputedPersona, Inputs, Recipe, StandingPersona

PERSON_WITHOUT_DATA = ProblemKind("person_without_data", 409, "Nothing was submitted about the person yet")
PERSON_CHANGED_MEANWHILE = ProblemKind("person_changed_meanwhile", 409, "The person changed while the persona was computed")
MODEL_UNAVAILABLE = ProblemKind("model_unavailable", 503, "The model that this needs is not available")
MODEL_FAILED = ProblemKind("model_failed", 502, "The model that this needs did not do its work")
PERSONA_UNFINISHED = ProblemKind("persona_unfinished", 503, "The persona takes longer than a request may")
# When to ask again: soon enough to see a short rest done, seldom enough not to be in its way.
_LATER = {"Retry-After": "10"}
_VERSION = "factbook persona 1"


class Verdict(StrEnum):
    """What becomes of a computed persona."""

    STORE = "store"
    UNCHANGED = "unchanged"
    AGAIN = "again"


def input_sha256(inputs: Inputs, recipe: Recipe) -> bytes:
    """The hash of everything that a persona is computed from and by. Equal hashes: computing it again would say nothing new."""
    covered = {
        "rule": _VERSION,
        "submissions": [[str(data_id), sha256.hex()] for data_id, sha256 in inputs.submissions],
        "demographics": inputs.demographics.as_json(),
        "extractor": recipe.extractor,
        "notes_version": recipe.notes_version,
        "prompt_version": recipe.prompt_version,
    }
    return hashlib.sha256(canonical_json(covered)).digest()


def verdict(computed: ComputedPersona, now: Inputs, standing: StandingPersona | None, *, forced: bool, pending: bool, last_try: bool) -> Verdict:
    """What becomes of the computed persona, `now` and `standing` being what is there under the lock of the person's row.

    `pending`: the last submission is not stored yet, and will be together with the persona. A persona is never followed by one that knows less, and
    each knows the first so many submissions of the person. Raises `person_changed_meanwhile` when there is no trying again.
    """
    known = computed.inputs.data_ids
    stored = known[:-1] if pending else known
    if standing is not None and standing.input_sha256 == computed.input_sha256 and not forced:
        return Verdict.UNCHANGED
    if stored == now.data_ids and computed.inputs.demographics == now.demographics:
        return Verdict.STORE
    knows_less = standing is not None and not standing.data_ids <= set(known)
    is_prefix = stored == now.data_ids[: len(stored)]
    if last_try and not pending and is_prefix and not knows_less and computed.inputs.demographics == now.demographics:
        return Verdict.STORE
    if last_try:
        raise PERSON_CHANGED_MEANWHILE.because("Nothing was stored: others kept changing the person. Try again.")
    return Verdict.AGAIN


def problem_of(failure: LanguageFailure) -> Problem:
    """The answer to a request whose task of language failed: 503 where trying again later may help, 502 where it will not."""
    kind = MODEL_UNAVAILABLE if failure.retryable else MODEL_FAILED
    return kind.because(f"Nothing was stored. {failure}".rstrip())


def persona_unfinished(read: int, submissions: int) -> Problem:
    """The answer to a request that had no more time: so many of the stored submissions were read, and need not be read again."""
    detail = (
        f"Nothing of this request was stored. Of {submissions} submissions that are stored, {read} have been read and are not read again; "
        "a job reads the rest and computes the persona. Send the request again."
    )
    return PERSONA_UNFINISHED.because(detail, headers=_LATER)


def request_too_large() -> Problem:
    """The answer to a request of new persons that had no more time: none of it is stored, so none of it can be gone on with."""
    detail = "Nothing was stored. Send fewer or shorter texts at once, or create the person first, submit the texts to it and regenerate its persona."
    return PERSONA_UNFINISHED.because(detail, headers=_LATER)
