"""Workers in processes of their own are killed at random: every job has its effect exactly once, and every tick is queued and done once."""

import pytest

from tests.conftest import fresh_database
from tests.jobs.simulation import Plan, faults, simulate


@pytest.mark.parametrize("seed", [1, 2])
def test_every_job_has_its_effect_exactly_once_whoever_is_killed(server_url: str, template: str, worker_id: str, seed: int) -> None:
    plan = Plan(seed=seed, workers=6, jobs=600, kills=14)
    outcome = simulate(fresh_database(server_url, template, f"simulation_{worker_id}_{seed}"), plan)
    assert faults(outcome, plan) == [], outcome
