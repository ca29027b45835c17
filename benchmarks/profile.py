"""Measures profiles: loading, over HTTP and in process, validation, lineage, the cache's hit rate, writing and expiry.

    python -m benchmarks.profile [--quick]

Writes `benchmarks/profile.json`; docs/benchmarks.md says how to read it. `--quick` makes everything small and prints the figures.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks import (
    profile_expiry,
    profile_hit_rate,
    profile_http,
    profile_lineage,
    profile_loading,
    profile_requirements,
    profile_validation,
    profile_writing,
)
from benchmarks.history import SECRET, Scratch, scratch_server
from benchmarks.measuring import run
from benchmarks.profile_data import ADDRESSES, ASSETS, CONSENTS, FIELDS, Tenant, make_tenant, vacuum
from benchmarks.profile_valkey import valkey_server, valkey_version
from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.edge import configure_logging
from factbook.profile.sealing.master_keys import MasterKeys


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything."""

    profiles: int
    rounds: int
    http_turns: int
    http_seconds: float
    validations: int
    lineage_fields: int
    entries_in_process: int
    zipf_reads: int
    writes: int
    due_fields: int


FULL = Sizes(
    profiles=20_000,
    rounds=2000,
    http_turns=3,
    http_seconds=3,
    validations=10_000,
    lineage_fields=1_000_000,
    entries_in_process=2000,
    zipf_reads=40_000,
    writes=1024,
    due_fields=10_000,
)
QUICK = Sizes(
    profiles=500,
    rounds=100,
    http_turns=1,
    http_seconds=0.5,
    validations=200,
    lineage_fields=20_000,
    entries_in_process=50,
    zipf_reads=1000,
    writes=128,
    due_fields=200,
)


def measure(sizes: Sizes) -> dict[str, Any]:
    """Every measurement, one after another on one server of each kind."""
    configure_logging("warning")  # a line for each write would be this script's output
    with scratch_server() as scratch, valkey_server() as redis_url:
        figures: dict[str, Any] = {"postgresql": scratch.server_version(), "valkey": valkey_version(redis_url)}
        figures |= _measured(scratch, redis_url, sizes)
    figures["requirements"] = profile_requirements.requirements(figures)
    print(profile_requirements.table(figures["requirements"]), file=sys.stderr)
    return figures


def _measured(scratch: Scratch, redis_url: str, sizes: Sizes) -> dict[str, Any]:
    masters = MasterKeys([os.urandom(32)])
    urls = scratch.database("profiles")
    tenant = asyncio.run(_tenant(urls, sizes.profiles))
    profile = {"fields": FIELDS, "addresses": ADDRESSES, "assets": ASSETS, "consents": CONSENTS}
    figures: dict[str, Any] = {"profiles": sizes.profiles, "each_profile": profile}
    figures["http"] = profile_http.measure(urls, SECRET, tenant, sizes.http_turns, sizes.http_seconds)
    figures |= asyncio.run(_on_profiles(urls, masters, redis_url, tenant, sizes))
    figures["writing"] = asyncio.run(profile_writing.measure(urls, masters, redis_url, sizes.writes))
    figures["validation"] = profile_validation.measure(sizes.validations)
    figures["lineage"] = asyncio.run(profile_lineage.measure(scratch.database("lineage"), sizes.lineage_fields, sizes.rounds))
    return figures


async def _tenant(urls: DatabaseUrls, profiles: int) -> Tenant:
    database = await Database.open(urls, pool_size=1)
    try:
        tenant = await make_tenant(database, urls.admin, profiles)
    finally:
        await database.close()
    await vacuum(urls.admin)
    return tenant


async def _on_profiles(urls: DatabaseUrls, masters: MasterKeys, redis_url: str, tenant: Tenant, sizes: Sizes) -> dict[str, Any]:
    """What is measured in process on the one large tenant. Expiry comes last, since it changes most."""
    database = await Database.open(urls, pool_size=4)
    try:
        figures = {"loading": await profile_loading.measure(database, urls, masters, redis_url, tenant, sizes.rounds)}
        with valkey_server() as empty:
            figures["hit_rate"] = await profile_hit_rate.measure(database, urls, masters, empty, tenant, sizes.entries_in_process, sizes.zipf_reads)
        figures["expiry"] = await profile_expiry.measure(database, urls, masters, tenant, sizes.due_fields)
    finally:
        await database.close()
    return figures


if __name__ == "__main__":
    run("profile", measure, FULL, QUICK)
