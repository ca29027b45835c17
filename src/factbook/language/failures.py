"""How a task of language fails, by what the asker can do about it."""

from typing import ClassVar


class LanguageFailure(Exception):
    """A task was not done. The text says why, without a word of what the task was about."""

    retryable: ClassVar[bool] = False


class Unreachable(LanguageFailure):
    """Whoever should do it cannot be reached, did not answer in time, or is overloaded: later it may work."""

    retryable = True


class RateLimited(LanguageFailure):
    """The provider wants fewer requests for a while."""

    retryable = True


class Refused(LanguageFailure):
    """The provider does not accept the key, the model's name or the request, or will not speak of this: again, it would say the same."""


class UnusableAnswer(LanguageFailure):
    """The answer does not have the shape that was asked for, after one attempt to repair it."""


class OverBudget(LanguageFailure):
    """The task would cost more tokens than may be spent."""
