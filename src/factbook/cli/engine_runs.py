"""The process in which a worker has the engine's runs happen. No command for people: `factbook worker` starts and ends it.

Hatchet's SDK starts a process of its own that reads this file, too, so nothing is imported before `main`.
"""

import sys


def main(health_port: int) -> None:
    """Run what the engine of the settings assigns until told to end; how it is in touch is told at the port."""
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager

    from factbook.composition.places import database_place
    from factbook.composition.service import engine_of, job_registry, job_tools, keys_that_seal, model_limits, model_of
    from factbook.database.opening import running_database
    from factbook.database.pools import Database
    from factbook.edge import configure_logging
    from factbook.jobs import Tools
    from factbook.jobs.hatchet.worker import work_for_engine
    from factbook.language.composition import executor_of
    from factbook.settings import Settings

    settings = Settings()
    engine = engine_of(settings)
    if engine is None:
        raise ValueError("there is no engine to run for: FACTBOOK_HATCHET_ADDRESS is not set")
    configure_logging(settings.log_level)
    urls = running_database(database_place(settings)).urls

    @asynccontextmanager
    async def open_tools() -> AsyncIterator[Tools]:
        database = await Database.open(urls, settings.worker_concurrency + 2)  # one for each run, and for what runs note of themselves
        try:
            async with executor_of(model_of(settings), model_limits(settings)) as language:
                yield job_tools(settings, database, keys_that_seal(settings), language)
        finally:
            await database.close()

    work_for_engine(engine, job_registry(settings), open_tools, settings.worker_concurrency, health_port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
