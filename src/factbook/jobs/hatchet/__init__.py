"""A Hatchet engine in place of the local worker: the queue hands its jobs over, and the engine runs the same functions.

Importing this imports nothing of Hatchet's SDK, and opens no connection.
"""

from factbook.jobs.hatchet.engine import Engine
from factbook.jobs.hatchet.model import EngineState
from factbook.jobs.hatchet.queries import EngineSeen, engine_seen

__all__ = ["Engine", "EngineSeen", "EngineState", "engine_seen"]
