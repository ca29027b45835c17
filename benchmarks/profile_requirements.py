"""Holds the figures of a run to what the seed asks for: the table of its requirements, each met or not."""

import json
from pathlib import Path
from typing import Any, TypedDict

from benchmarks import profile_validation

LANGUAGE = Path(__file__).with_name("language.json")
_MILLISECOND = 1000.0  # microseconds


class Requirement(TypedDict):
    """One requirement of seed 003: what it asks for, what was measured, and the verdict `pass`, `fail` or `not measured`."""

    name: str
    asks: str
    measured: str
    verdict: str


def requirements(figures: dict[str, Any]) -> list[Requirement]:
    """All of them, in the seed's order."""
    loading, rate = figures["loading"], figures["hit_rate"]["once_all_were_read"]["hit_rate"]
    return [
        _below("NFR-001 cached load", 10 * _MILLISECOND, loading["cached_in_process"]["load"]["p99_us"]),
        _below("NFR-001 cached load, out of Valkey", 10 * _MILLISECOND, loading["cached_in_valkey"]["load"]["p99_us"]),
        _below("NFR-002 uncached load", 50 * _MILLISECOND, loading["uncached"]["load"]["p99_us"]),
        _below("NFR-003 validation of a field, slowest type", 5 * _MILLISECOND, profile_validation.slowest(figures["validation"])),
        _below("NFR-004 derivation chain of ten", 100 * _MILLISECOND, figures["lineage"]["chain_through_pool"]["p99_us"]),
        extraction(LANGUAGE),
        Requirement(name="hit rate of the cache", asks="at least 80 %", measured=f"{rate:.1%}", verdict="pass" if rate >= 0.8 else "fail"),
    ]


def extraction(measured: Path) -> Requirement:
    """NFR-005, as the run of `benchmarks.language` wrote it down: reading each of fifty scenarios by rules."""
    name = "NFR-005 extraction, by rules"
    if not measured.exists():
        return Requirement(name=name, asks="p99 under 5000 ms", measured="run python -m benchmarks.language", verdict="not measured")
    return _below(name, 5000 * _MILLISECOND, json.loads(measured.read_text(encoding="utf-8"))["time"]["scenarios"]["p99_us"])


def table(rows: list[Requirement]) -> str:
    """The requirements as lines of text for a terminal."""
    return "\n".join(f"{row['verdict']:<14}{row['name']:<46}{row['asks']:<20}{row['measured']}" for row in rows)


def _below(name: str, limit: float, measured: float) -> Requirement:
    verdict = "pass" if measured < limit else "fail"
    return Requirement(name=name, asks=f"p99 under {limit / _MILLISECOND:g} ms", measured=f"{measured / _MILLISECOND:.3f} ms", verdict=verdict)
