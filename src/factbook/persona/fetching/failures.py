"""Why a page could not be had. A sentence names the rule or the step at fault; nothing that was fetched is ever part of it."""

from enum import StrEnum


class FetchFailure(StrEnum):
    """The ways in which fetching ends without a text, each with the code under which it is logged, counted and told."""

    NOT_ALLOWED = "not_allowed"
    NAME_UNKNOWN = "name_unknown"
    NOT_PUBLIC = "not_public"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    REDIRECTED_TOO_OFTEN = "redirected_too_often"
    REFUSED = "refused"
    NOT_UNDERSTOOD = "not_understood"
    TOO_LARGE = "too_large"
    NO_TEXT = "no_text"


SENTENCES = {
    FetchFailure.NOT_ALLOWED: "only http and https on their own ports are fetched, without a name and password",
    FetchFailure.NAME_UNKNOWN: "the host has no address",
    FetchFailure.NOT_PUBLIC: "the host has an address that is not public",
    FetchFailure.UNREACHABLE: "the host does not answer, or not in a way that can be trusted",
    FetchFailure.TIMED_OUT: "the page took too long",
    FetchFailure.REDIRECTED_TOO_OFTEN: "redirected too often",
    FetchFailure.REFUSED: "the host answered with something other than the page",
    FetchFailure.NOT_UNDERSTOOD: "the host's answer is not well-formed",
    FetchFailure.TOO_LARGE: "the page is too large",
    FetchFailure.NO_TEXT: "the page holds no text",
}


class FetchFailed(Exception):
    """A page could not be had, for the reason that `failure` names."""

    def __init__(self, failure: FetchFailure) -> None:
        super().__init__(SENTENCES[failure])
        self.failure = failure
