"""What is said of addresses that will not be there for ever."""

from datetime import UTC, datetime

import pytest

from factbook.kernel.retirement import Retirement

RETIREMENT = Retirement("/v1/old", datetime(2023, 6, 30, 23, 59, 59, tzinfo=UTC), datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC))


def test_the_headers_have_the_forms_of_their_standards() -> None:
    # The first is the example of RFC 9745, section 2.1.
    assert RETIREMENT.headers == {"Deprecation": "@1688169599", "Sunset": "Wed, 31 Dec 2025 23:59:59 GMT"}


@pytest.mark.parametrize(("path", "covered"), [("/v1/old", True), ("/v1/old/", True), ("/v1/old/a/b", True), ("/v1/older", False), ("/v1", False)])
def test_a_path_and_what_is_below_it_is_covered(path: str, covered: bool) -> None:
    assert RETIREMENT.covers(path) is covered
