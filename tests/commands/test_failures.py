"""What stands in the way of a command's work ends it with one clear line; what it cannot explain it does not hide."""

import errno
import os

import asyncpg
import pytest

from factbook.cli.running import with_database
from factbook.database.opening import OpenedDatabase
from factbook.database.pools import Database
from factbook.kernel.problems import NOT_FOUND
from tests.commands.processes import Installation

DATABASE_GONE = "the database cannot be reached any more; what was finished is kept, run it again to go on"


@pytest.fixture
def _here(shared: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in this process work on the shared data folder."""
    monkeypatch.chdir(shared.place)
    monkeypatch.setenv("FACTBOOK_DATA_DIR", str(shared.data.path))


def failing_with(error: Exception) -> None:
    async def work(_: Database, __: OpenedDatabase) -> None:
        raise error

    with_database(work)


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NOT_FOUND.because("No such customer."), "factbook: nothing of yours is here (not_found). No such customer.\n"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "factbook: No space left on device\n"),
        (
            asyncpg.AdminShutdownError("ended"),
            "factbook: the database cannot be reached any more; what was finished is kept, run it again to go on\n",
        ),
    ],
    ids=["a problem", "a full disk", "a database that was stopped"],
)
def test_what_stands_in_the_way_is_told_in_one_clear_line(capsys: pytest.CaptureFixture[str], error: Exception, told: str) -> None:
    with pytest.raises(SystemExit) as ended:
        failing_with(error)
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", told)


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("error", [BrokenPipeError(), asyncpg.UndefinedTableError("a mistake of ours"), ValueError("another")], ids=type)
def test_what_has_no_explanation_is_not_hidden(error: Exception) -> None:
    with pytest.raises(type(error)):
        failing_with(error)
