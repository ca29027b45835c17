"""The process in which the engine's runs happen, for tests: the service's own, with the tests' jobs. Run as a program."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from pydantic import SecretStr

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.jobs.hatchet.engine import Engine
from factbook.jobs.hatchet.worker import work_for_engine
from factbook.jobs.run import Tools
from tests.jobs.hatchet.effects import registry

SLOTS = 8


def main(address: str, token: str, writer: str, reader: str, silent_for: str, port: str) -> None:
    @asynccontextmanager
    async def open_tools() -> AsyncIterator[Tools]:
        database = await Database.open(DatabaseUrls("", "", writer, reader, ""), pool_size=10)
        try:
            yield {Database: database}
        finally:
            await database.close()

    engine = Engine(address, SecretStr(token), tls=False)
    work_for_engine(engine, registry(), open_tools, slots=SLOTS, health_port=int(port), silent_for=timedelta(seconds=float(silent_for)))


if __name__ == "__main__":
    main(*sys.argv[1:])
