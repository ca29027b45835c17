"""Jobs whose effects can be counted, in tables of the tests' own, and the same for the process that hands over and the one that runs."""

import asyncio
from uuid import UUID

import psycopg
from pydantic import BaseModel, ConfigDict

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs import Backoff, GivesUp, NoInput, Registry, Run, job

QUICK = Backoff(first_seconds=0.2, factor=1.0, most_seconds=1.0, jitter=0.0)
PERSONAL = "ada@example.org"

_TABLES = """
    CREATE TABLE factbook.effects (tenant_id uuid NOT NULL, job_id uuid NOT NULL, attempt integer NOT NULL);
    CREATE TABLE factbook.begun (tenant_id uuid NOT NULL, job_id uuid NOT NULL, attempt integer NOT NULL);
    CREATE TABLE factbook.gates (name text PRIMARY KEY);
    GRANT SELECT, INSERT ON factbook.effects, factbook.begun, factbook.gates TO factbook_writer;
"""


class Task(BaseModel):
    """How long the job takes, and the gate that it waits for, if any."""

    model_config = ConfigDict(frozen=True)

    seconds: float = 0.0
    gate: str | None = None


@job("mark", input=Task, retries=20, backoff=QUICK)
async def mark(task: Task, run: Run) -> None:
    """Says that it has begun, takes its time, and has its effect in the transaction that finishes it."""
    await _begin(run)
    while task.gate is not None and not await _is_open(run, task.gate):  # noqa: ASYNC110  # the database tells nobody unasked
        await asyncio.sleep(0.05)
    await asyncio.sleep(task.seconds)
    async with run.finishing() as connection:
        await connection.execute("INSERT INTO factbook.effects VALUES ($1, $2, $3)", run.tenant_id, run.job_id, run.attempt)


@job("stumble", input=NoInput, retries=3, backoff=QUICK)
async def stumble(_: NoInput, run: Run) -> None:
    """Fails twice, with something in its error that nobody else may see."""
    await _begin(run)
    if run.attempt < 3:
        raise ValueError(f"could not write to {PERSONAL}")
    async with run.finishing() as connection:
        await connection.execute("INSERT INTO factbook.effects VALUES ($1, $2, $3)", run.tenant_id, run.job_id, run.attempt)


@job("give_up", input=NoInput, retries=3, backoff=QUICK)
async def give_up(_: NoInput, run: Run) -> None:
    """Never succeeds."""
    await _begin(run)
    raise GivesUp("there is nothing to do")


@job("sweep", input=NoInput, cron="0 3 * * *")
async def sweep(_: NoInput, run: Run) -> None:
    """Is done for each tenant, once a day."""
    async with run.finishing() as connection:
        await connection.execute("INSERT INTO factbook.effects VALUES ($1, $2, $3)", run.tenant_id, run.job_id, run.attempt)


def registry() -> Registry:
    return Registry([mark, stumble, give_up, sweep])


def make_tables(urls: DatabaseUrls) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute(_TABLES)


def open_gate(urls: DatabaseUrls, name: str) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("INSERT INTO factbook.gates VALUES (%s)", (name,))


def count(urls: DatabaseUrls, table: str, job_id: UUID) -> int:
    """Rows of `effects` or `begun` of this job."""
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        row = owner.execute(f"SELECT count(*) FROM factbook.{table} WHERE job_id = %s", (job_id,)).fetchone()
        assert row is not None
        return int(row[0])


async def _begin(run: Run) -> None:
    async with run.tool(Database).transaction(run.tenant_id) as connection:
        await connection.execute("INSERT INTO factbook.begun VALUES ($1, $2, $3)", run.tenant_id, run.job_id, run.attempt)


async def _is_open(run: Run, gate: str) -> bool:
    async with run.tool(Database).transaction(run.tenant_id) as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM factbook.gates WHERE name = $1)", gate))
