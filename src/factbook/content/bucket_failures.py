"""What a bucket's refusals mean, told in words of ours: the texts of the client name whole addresses, which may hold credentials."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError

from factbook.content.failures import ContentUnavailable

# S3's own code for what went wrong, or the kind of failure of the connection; both are single words.
_REASON = re.compile(r"<Code>(\w{1,64})</Code>|HttpError \{\s+kind: (\w{1,64})")
_NO_BUCKET = "<Code>NoSuchBucket</Code>"


@contextmanager
def bucket_explained(name: str) -> Iterator[None]:
    """Tell every failure of the client as `ContentUnavailable`, by the bucket's name and a word for the reason; the cause is left out."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise ContentUnavailable(f"The content bucket {name} cannot be used: {_reason(error)}.") from None


def tells_of_no_bucket(error: FileNotFoundError) -> bool:
    """Whether the bucket is missing, not only the object."""
    return _NO_BUCKET in str(error)


def _reason(error: Exception) -> str:
    found = _REASON.search(str(error))
    return found[1] or found[2] if found else type(error).__name__
