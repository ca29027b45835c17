"""Inspects a database as the application's own roles: does the house work, and does every wall of it stand?

It looks at what happens, not at what is declared, so whatever takes a wall down is found, however it was done. Each fault is a sentence.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from factbook.database.pools import Database
from factbook.database.urls import DatabaseUrls
from factbook.kernel.ids import new_id
from tests.walls.queue import furnish, queue_faults
from tests.walls.scene import Scene, scene
from tests.walls.sight import sight_faults
from tests.walls.story import live
from tests.walls.tampering import directory_faults, epoch_faults, role_faults, tampering_faults
from tests.walls.telling import HouseAmissError
from tests.walls.writing import grant_faults, immutability_faults, reach_faults

WALLS = (sight_faults, grant_faults, reach_faults, immutability_faults, directory_faults, epoch_faults, tampering_faults, role_faults, queue_faults)


@dataclass(frozen=True, slots=True)
class Inspector:
    """Inspects one database again and again, on connections that stay open."""

    urls: DatabaseUrls
    database: Database
    scene: Scene

    async def faults(self) -> list[str]:
        """What is wrong. Where the walls are as they should be, a tenant who has never been here tries the house."""
        return list(self.wall_faults()) or await self._house_faults()

    def wall_faults(self, *, queue_first: bool = False) -> Iterator[str]:
        """What is wrong with the walls, one wall after the other as it is asked for."""
        return (fault for wall in (WALLS[::-1] if queue_first else WALLS) for fault in wall(self.scene))

    async def _house_faults(self) -> list[str]:
        try:
            await live(self.urls, self.database, f"newcomer {new_id()}")
        except HouseAmissError as amiss:
            return [str(amiss)]
        return []


@asynccontextmanager
async def inspector(urls: DatabaseUrls) -> AsyncIterator[Inspector]:
    """An inspector of a database in whose tables two tenants have rows. `HouseAmissError` when they cannot even move in."""
    database = await Database.open(urls, pool_size=2)
    try:
        north, south = [await live(urls, database, f"{side} of the wall") for side in ("north", "south")]
        with scene(urls, north, south) as found:
            furnish(found)
            yield Inspector(urls, database, found)
    finally:
        await database.close()


async def faults(urls: DatabaseUrls) -> list[str]:
    """Everything that is wrong with this database; nothing when it is as it should be."""
    try:
        async with inspector(urls) as opened:
            return await opened.faults()
    except HouseAmissError as amiss:
        return [str(amiss)]
