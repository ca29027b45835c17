"""What is done later: one durable queue in PostgreSQL, the registry of jobs, and the function that runs one of them."""

from factbook.jobs.declaring import Job, Registry, job
from factbook.jobs.forgetting import Keeping, forget_done_jobs
from factbook.jobs.model import Backoff, Ending, FinishedElsewhere, GivesUp, JobState, NoInput, Outcome, QueuedJob
from factbook.jobs.operations import list_jobs, retry_failed_jobs
from factbook.jobs.queries import MOST_COUNTED, QueueState, failed_jobs, jobs_counted, queue_state
from factbook.jobs.run import Run, Tools
from factbook.jobs.running import run_job
from factbook.jobs.ticks_rules import is_schedule

__all__ = [
    "MOST_COUNTED",
    "Backoff",
    "Ending",
    "FinishedElsewhere",
    "GivesUp",
    "Job",
    "JobState",
    "Keeping",
    "NoInput",
    "Outcome",
    "QueueState",
    "QueuedJob",
    "Registry",
    "Run",
    "Tools",
    "failed_jobs",
    "forget_done_jobs",
    "is_schedule",
    "job",
    "jobs_counted",
    "list_jobs",
    "queue_state",
    "retry_failed_jobs",
    "run_job",
]
