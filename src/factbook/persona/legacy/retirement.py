"""Until when the older interface is promised."""

from datetime import UTC, datetime

from factbook.kernel.retirement import Retirement

RETIREMENT = Retirement("/v1/persona", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC))
