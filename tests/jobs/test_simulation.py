"""Workers in processes of their own are killed and stopped at random: every job has its effect exactly once, and every tick is done once."""

from tests.conftest import fresh_database
from tests.jobs.simulation import Plan, faults, simulate


def test_every_job_has_its_effect_exactly_once_whoever_is_killed(server_url: str, template: str, worker_id: str) -> None:
    plan = Plan(seed=1, workers=6, jobs=500, kills=8, stops=4)
    outcome = simulate(fresh_database(server_url, template, f"simulation_{worker_id}"), plan)
    assert faults(outcome, plan) == [], outcome
