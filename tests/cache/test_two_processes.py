"""The promise itself, by two processes of the operating system that read and write while Valkey and the listening connections fail."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from factbook.cache import BOUND_SECONDS
from factbook.database.urls import DatabaseUrls
from tests.cache.judging import Acknowledged, too_old
from tests.cache.process import KEYS, RUN_SECONDS
from tests.conftest import fresh_database
from tests.faults.listeners import end_listeners
from tests.faults.valkey import Valkey

ROOT = Path(__file__).parents[2]

TABLE = f"""
    CREATE TABLE cached_truth (key integer PRIMARY KEY, version bigint NOT NULL);
    INSERT INTO cached_truth SELECT number, 1 FROM generate_series(0, {KEYS - 1}) AS number;
    GRANT SELECT ON cached_truth TO factbook_reader;
    GRANT SELECT, UPDATE ON cached_truth TO factbook_writer;
"""


@pytest.fixture
def own_urls(server_url: str, template: str, worker_id: str) -> DatabaseUrls:
    urls = fresh_database(server_url, template, f"cache_{worker_id}")
    with psycopg.connect(urls.owner) as owner:
        owner.execute(TABLE.encode())
    return urls


@dataclass
class Process:
    """A program of `tests/cache/process.py` and where it puts its notes."""

    running: subprocess.Popen[bytes]
    notes: Path

    @classmethod
    def start(cls, urls: DatabaseUrls, redis_url: str, seed: str, notes: Path) -> "Process":
        command = [sys.executable, "-W", "error", "-m", "tests.cache.process", urls.reader, urls.writer, redis_url, seed, str(notes)]
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}), notes)

    def wait_until_ready(self) -> None:
        assert self.running.stdout is not None
        while line := self.running.stdout.readline():  # the log goes there, too
            if line == b"ready\n":
                return
        raise AssertionError("the process ended at its start")

    def go(self) -> None:
        assert self.running.stdin is not None
        self.running.stdin.write(b"go\n")
        self.running.stdin.flush()

    def noted(self) -> Any:
        self.running.communicate(timeout=60)
        assert self.running.returncode == 0
        return json.loads(self.notes.read_text())

    def end(self) -> None:
        self.running.kill()
        self.running.communicate()


def do_harm(valkey: Valkey, urls: DatabaseUrls, chance: random.Random) -> list[str]:
    """Everything once, in any order, and once more at random, with time in between for the shared tier to be used again."""
    harms = ["kill", "hang", "deafen", "kill"]
    chance.shuffle(harms)
    end = time.monotonic() + RUN_SECONDS
    time.sleep(0.8)
    for harm in harms:
        match harm:
            case "kill":
                valkey.kill()
                time.sleep(chance.uniform(0.0, 0.3))
                valkey.start()
            case "hang":
                valkey.pause()
                time.sleep(chance.uniform(0.1, 0.5))
                valkey.resume()
            case "deafen":
                end_listeners(urls)
        time.sleep(max(0.0, min(chance.uniform(0.3, 1.7), end - time.monotonic())))
    return harms


def test_no_read_is_older_than_the_bound_allows_whatever_fails(own_urls: DatabaseUrls, valkey: Valkey, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)  # noqa: S311  # nothing secret
    processes = [Process.start(own_urls, valkey.url, f"{seed} {number}", tmp_path / f"{number}.json") for number in range(2)]
    try:
        for process in processes:
            process.wait_until_ready()
        for process in processes:
            process.go()
        harms = do_harm(valkey, own_urls, chance)
        notes = [process.noted() for process in processes]
    finally:
        for process in processes:
            process.end()
    told = f"seed {seed}, {harms}, {[(len(note['reads']), len(note['writes']), note['hits']) for note in notes]}"
    everything = Acknowledged(tuple(write) for note in notes for write in note["writes"])
    for note in notes:
        assert too_old(note["reads"], everything, BOUND_SECONDS) == [], told
        assert too_old(note["reads"], Acknowledged(note["writes"]), 0.0) == [], told
        assert len(note["writes"]) > 20, told
        assert note["hits"]["process"] > 20, told
        assert note["hits"]["shared"] > 0, told


def test_the_judge_finds_a_read_that_is_too_old() -> None:
    acknowledged = Acknowledged([(1.0, 0, 5), (2.0, 0, 4), (3.0, 1, 9)])
    reads = [(0.9, 0, 1), (1.1, 0, 4), (1.3, 0, 4), (2.5, 0, 5), (9.0, 2, 1)]
    assert too_old(reads, acknowledged, 0.25) == [((1.3, 0, 4), 5)]
    assert too_old(reads, acknowledged, 0.0) == [((1.1, 0, 4), 5), ((1.3, 0, 4), 5)]
