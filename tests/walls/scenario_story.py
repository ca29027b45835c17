"""What a tenant does with scenarios and rules: a row in every table of what designers write and of what is found in it."""

from typing import cast
from uuid import UUID

from factbook.access import Principal
from factbook.database.pools import Database
from factbook.jobs import Registry, run_job
from factbook.kernel import clock
from factbook.kernel.ids import new_id
from factbook.language import FindRequirements, FoundRequirement, FoundRequirements, LLMExecutor, Reply, SuggestedDefinitions, Task
from factbook.language.model import AnswerType
from factbook.profile import Backend, MasterKeys, Review, ScenarioFieldRequirement
from factbook.scenarios import extract_requirements, suggest_definitions
from factbook.scenarios.designing.answers import extraction_answer, rule_page, scenario_answer, scenario_page
from factbook.scenarios.designing.operations import delete_design, read_again, save_rule, save_scenario
from factbook.scenarios.model import DesignKind, DesignLimits, Rule, Scenario, Step
from factbook.scenarios.requirements.answers import requirements_page
from factbook.scenarios.requirements.operations import decide_requirement, delete_requirement, save_requirement
from tests.walls.profile_story import OLD
from tests.walls.telling import doing, expect

AGENT, STEP = UUID(int=21), UUID(int=22)
SCENARIO = Scenario(name="Refund", description="Needs a reason", entry_step_id=STEP, steps=[Step(id=STEP, name="Ask")])


class Reader:
    """Finds that a reason is needed wherever one is spoken of."""

    extractor = "reader"

    async def execute(self, task: Task[AnswerType]) -> Reply[AnswerType]:
        """The fields that are needed; no suggestion."""
        if not isinstance(task, FindRequirements):
            return cast("Reply[AnswerType]", Reply(SuggestedDefinitions(definitions=[]), self.extractor, "1"))
        said = {"name": "reason", "display_name": "Reason", "quote": "reason"}
        found = [FoundRequirement(source_id=source.id, **said) for source in task.sources if "reason" in source.text]
        return cast("Reply[AnswerType]", Reply(FoundRequirements(fields=found), self.extractor, "1"))


async def design(database: Database, actor: Principal) -> None:
    """Do everything that designers do. May be done again. Raises `HouseAmissError`."""
    backend = Backend(database, MasterKeys([OLD]))
    # Ids of a visit's own: what was saved under an id before would stand already.
    scenario_id, rule_id, doomed_id = new_id(), new_id(), new_id()
    with doing("save scenarios and rules in several versions"):
        for content in (SCENARIO.model_copy(update={"name": "Return"}), SCENARIO):
            version, _ = await save_scenario(backend, actor, AGENT, scenario_id, content, DesignLimits())
        expect("the scenario's version", version.version, 2)
        await save_rule(backend, actor, AGENT, rule_id, Rule(name="Always", condition_text="a reason is given", action_text="thank"), DesignLimits())
        await save_scenario(backend, actor, AGENT, doomed_id, SCENARIO, DesignLimits())
    with doing("read them for requirements"):
        await _read(database, backend, actor.tenant_id)
        await read_again(backend, actor, DesignKind.SCENARIO, AGENT, scenario_id)
        await _read(database, backend, actor.tenant_id)
        found = await extraction_answer(database, actor.tenant_id, DesignKind.SCENARIO, AGENT, scenario_id, None, 50, None)
        expect("what was found", [(each.field_name, each.quote) for each in found.findings], [("reason", "reason")])
    with doing("write, review and remove requirements"):
        await _decide(backend, actor, scenario_id)
    with doing("take a scenario away"):
        await delete_design(backend, actor, DesignKind.SCENARIO, AGENT, doomed_id)
    with doing("read scenarios and rules"):
        older = await scenario_answer(database, actor.tenant_id, AGENT, scenario_id, 1)
        expect("the scenario's first name", older.name, "Return")
        scenarios = await scenario_page(database, actor.tenant_id, AGENT, 200, None)
        expect("whether the scenario is listed", scenario_id in [each.id for each in scenarios.items], True)
        rules = await rule_page(database, actor.tenant_id, AGENT, 200, None)
        expect("whether the rule is listed", rule_id in [each.id for each in rules.items], True)


async def _decide(backend: Backend, actor: Principal, scenario_id: UUID) -> None:
    now = clock.now()
    about = {"tenant_id": actor.tenant_id, "agent_id": AGENT, "scenario_id": scenario_id, "created_at": now, "updated_at": now}
    written, _ = await save_requirement(backend, actor, ScenarioFieldRequirement.model_validate(about | {"field_name": "colour"}), None)
    of_scenario = await requirements_page(backend.database, actor.tenant_id, AGENT, scenario_id, None, 50, None)
    expect("what is required", sorted({each.field_name for each in of_scenario.items}), ["colour", "reason"])
    decided = await decide_requirement(backend, actor, AGENT, of_scenario.items[0].id, Review.REJECTED)
    expect("what was decided", decided.review, Review.REJECTED)
    await delete_requirement(backend, actor, AGENT, written.id)


async def _read(database: Database, backend: Backend, tenant_id: UUID) -> None:
    tools = {Database: database, Backend: backend, LLMExecutor: Reader()}
    async with database.reading(tenant_id) as connection:
        jobs = await connection.fetch(
            "SELECT id FROM queued_jobs WHERE tenant_id = $1 AND name IN ('extract_requirements', 'suggest_definitions') AND state = 'waiting'",
            tenant_id,
        )
    for job in jobs:
        ending = await run_job(Registry([extract_requirements, suggest_definitions]), tools, tenant_id, job["id"])
        expect("how the job ended", ending.outcome.value, "done")
