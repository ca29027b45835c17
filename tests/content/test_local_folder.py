"""A folder of content on the disk: crashes, modes, leftovers, memory, and folders that cannot be used."""

import asyncio
import hashlib
import os
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from factbook.content import ContentUnavailable, Stored
from factbook.content.local_folder import LocalFolder
from factbook.kernel.ids import new_id
from tests.content.kept import PLENTY, put, read

MEBIBYTE = 1024 * 1024
TENANT = new_id()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_crash_before_the_rename_leaves_nothing_under_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise OSError("pulled the plug")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(ContentUnavailable):
        await put(LocalFolder(tmp_path), TENANT, b"half done")
    assert files_in(tmp_path) == []


async def test_everything_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def seen_fsync(descriptor: int) -> None:
        fsync(descriptor)
        synced = Path(f"/proc/self/fd/{descriptor}").readlink()
        done.append("draft" if synced.parent.name == "drafts" else str(synced.relative_to(tmp_path)))

    def seen_replace(draft: Path, target: Path) -> None:
        replace(draft, target)
        done.append("rename")

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "replace", seen_replace)
    stored = await put(LocalFolder(tmp_path / "content"), TENANT, b"power may fail")
    tenant, digits, _ = stored.path.split("/")
    entered = [".", "content", "draft", "content", f"content/{tenant}"]
    assert done == [*entered, "rename", f"content/{tenant}/{digits}", f"content/{tenant}", "content"]


async def test_files_and_folders_are_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    stored = await put(LocalFolder(folder), TENANT, b"private")
    assert (folder / stored.path).stat().st_mode & 0o777 == 0o600
    made = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700}


async def test_a_check_sweeps_what_a_crash_left_behind_a_day_ago(tmp_path: Path) -> None:
    store = LocalFolder(tmp_path)
    await store.check()
    old, young = tmp_path / "drafts" / "old", tmp_path / "drafts" / "young"
    for draft in (old, young):
        draft.write_bytes(b"half of it")
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))
    stored = await put(store, TENANT, b"old content stays")
    os.utime(tmp_path / stored.path, (two_days_ago, two_days_ago))
    await store.check()
    assert set(files_in(tmp_path)) == {young, tmp_path / stored.path}


async def test_a_folder_below_a_file_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = LocalFolder(tmp_path / "file" / "content")
    with pytest.raises(ContentUnavailable, match="cannot be used: Not a directory"):
        await store.check()
    with pytest.raises(ContentUnavailable, match="cannot be used: Not a directory"):
        await put(store, TENANT, b"x")
    with pytest.raises(ContentUnavailable, match="cannot be used: Not a directory"):
        await read(store.open(TENANT, "0" * 64, 1))


async def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "drafts").mkdir()
    with pytest.raises(ContentUnavailable, match="No space left on device") as refused:
        await put(LocalFolder(tmp_path), TENANT, b"x")
    assert TENANT.hex not in str(refused.value)
    assert files_in(tmp_path) == []


async def test_a_put_that_is_cancelled_at_any_time_leaves_no_draft_and_nothing_half_done(tmp_path: Path) -> None:
    store = LocalFolder(tmp_path)
    for turns in range(0, 60, 3):
        putting = asyncio.create_task(put(store, TENANT, *[bytes([turns]) * (300 * 1024)] * 5))
        for _ in range(turns):
            await asyncio.sleep(0.0005)
        putting.cancel()
        await asyncio.wait([putting])
    assert list((tmp_path / "drafts").iterdir()) == []
    assert [file.name for file in files_in(tmp_path) if hashlib.sha256(file.read_bytes()).hexdigest() != file.name] == []


async def test_the_event_loop_goes_on_while_the_disk_is_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop_went_on = threading.Event()
    fsync = os.fsync

    def wait_for_the_loop(descriptor: int) -> None:
        assert loop_went_on.wait(timeout=60)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", wait_for_the_loop)
    putting = asyncio.create_task(put(LocalFolder(tmp_path), TENANT, b"slowly"))
    await asyncio.sleep(0.05)
    assert not putting.done()
    loop_went_on.set()
    assert (await putting).size_bytes == 6


async def test_memory_stays_flat_however_long_the_content_is(tmp_path: Path) -> None:
    store = LocalFolder(tmp_path)
    tracemalloc.start()
    try:
        stored = await store.put(TENANT, mebibytes(200), PLENTY)
        size_read = await size_of(store, stored)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored.size_bytes == size_read == 200 * MEBIBYTE
    assert peak < 8 * MEBIBYTE


async def mebibytes(count: int) -> AsyncIterator[bytes]:
    for number in range(count):
        yield bytes([number]) * MEBIBYTE


async def size_of(store: LocalFolder, stored: Stored) -> int:
    async with aclosing(store.open(TENANT, stored.checksum, stored.size_bytes)) as chunks:
        return sum([len(chunk) async for chunk in chunks])
