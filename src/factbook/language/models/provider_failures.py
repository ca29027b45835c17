"""What went wrong at a model's server, in words of ours: the library's errors hold the server's answer, which may repeat the request, or a key."""

from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelTimeoutError,
    UnexpectedModelBehavior,
)

from factbook.language.failures import LanguageFailure, OverBudget, RateLimited, Refused, Unreachable

# What a request may raise. The library trusts the shape of an answer with status 200, so a page of some gateway makes it trip over its own feet.
PROVIDER_ERRORS = (ModelAPIError, UnexpectedModelBehavior, AttributeError, TypeError, KeyError, IndexError, ValueError)

# Of statuses without a kind of their own, those that say to come again, though they blame the request.
_LATER_STATUSES = frozenset({408, 409, 425})


def failure_of(error: Exception) -> LanguageFailure:
    """The failure that an error of `PROVIDER_ERRORS` is to those who asked."""
    match error:
        case ModelAuthenticationError():
            return Refused("The model's server does not accept the key.")
        case ModelNotFoundError():
            return Refused("The model's server knows no such model, or is not at this address.")
        case ModelContextWindowExceededError():
            return OverBudget("The task is longer than what the model can read.")
        case ModelQuotaExceededError():
            return Refused("The account at the model's server is used up.")
        case ModelRateLimitError():
            return RateLimited("The model's server wants fewer requests for a while.")
        case ModelTimeoutError():
            return Unreachable("The model's server did not answer in time.")
        case ModelHTTPError(status_code=status) if status < 500 and status not in _LATER_STATUSES:
            return Refused(f"The model's server does not accept the request: status {status}.")
        case ModelHTTPError(status_code=status):
            return Unreachable(f"The model's server failed with status {status}.")
        case ModelAPIError():
            return Unreachable("The model's server cannot be reached, broke off, or sent no JSON.")
        case _:
            return Unreachable("What answers at the address of the model's server does not speak as its kind does.")


def turned_away(error: Exception) -> bool:
    """Whether the server said no, or was not even reached, so that it has read nothing that must be paid for."""
    return isinstance(error, ModelHTTPError) or (isinstance(error, ModelConnectionError) and error.phase in ("pool", "connect"))


def wait_asked_for(error: Exception) -> float:
    """Seconds that the server asked to wait; 0 when it did not say."""
    return error.retry_after or 0.0 if isinstance(error, ModelAPIError) else 0.0
