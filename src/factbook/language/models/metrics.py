"""Counts what models do and cost. Labels are names of prompts and kinds of outcome, both from closed sets: never a tenant, a field or a text."""

from typing import Literal, TypeAlias

from prometheus_client import Counter, Histogram

from factbook.language.failures import LanguageFailure, OverBudget, RateLimited, Refused, Unreachable, UnusableAnswer
from factbook.language.model import Usage

Outcome: TypeAlias = Literal["answered", "unreachable", "rate_limited", "refused", "unusable_answer", "over_budget", "cancelled", "broken"]
_OUTCOMES: dict[type[LanguageFailure], Outcome] = {
    Unreachable: "unreachable",
    RateLimited: "rate_limited",
    Refused: "refused",
    UnusableAnswer: "unusable_answer",
    OverBudget: "over_budget",
}
# Seconds. A short answer takes about one, a long one tens.
_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)

_TASKS = Counter("factbook_model_tasks_total", "Tasks given to a model, by what came of them.", ["prompt", "outcome"])
_SECONDS = Histogram("factbook_model_task_seconds", "Time from a task to its answer or failure.", ["prompt", "outcome"], buckets=_BUCKETS)
_REQUESTS = Counter("factbook_model_requests_total", "Requests made to a model's server, by what came of them.", ["prompt", "outcome"])
_INPUT_TOKENS = Counter("factbook_model_input_tokens_total", "Tokens that models read, as their servers count.", ["prompt"])
_OUTPUT_TOKENS = Counter("factbook_model_output_tokens_total", "Tokens that models wrote, as their servers count.", ["prompt"])


def outcome_of(failure: LanguageFailure) -> Outcome:
    """The label of a failure."""
    return next((outcome for kind, outcome in _OUTCOMES.items() if isinstance(failure, kind)), "broken")


def count_task(prompt: str, outcome: Outcome, seconds: float) -> None:
    """Count one task."""
    _TASKS.labels(prompt, outcome).inc()
    _SECONDS.labels(prompt, outcome).observe(seconds)


def count_request(prompt: str, outcome: Outcome, usage: Usage) -> None:
    """Count one request and the tokens it is known to have cost."""
    _REQUESTS.labels(prompt, outcome).inc()
    _INPUT_TOKENS.labels(prompt).inc(usage.input_tokens)
    _OUTPUT_TOKENS.labels(prompt).inc(usage.output_tokens)
