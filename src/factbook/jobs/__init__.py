"""What is done later: one durable queue in PostgreSQL, the registry of jobs, and the function that runs one of them."""

from factbook.jobs.declaring import Job, Registry, job
from factbook.jobs.model import Backoff, Ending, FinishedElsewhere, GivesUp, NoInput, Outcome
from factbook.jobs.run import Run, Tools
from factbook.jobs.running import run_job

__all__ = ["Backoff", "Ending", "FinishedElsewhere", "GivesUp", "Job", "NoInput", "Outcome", "Registry", "Run", "Tools", "job", "run_job"]
