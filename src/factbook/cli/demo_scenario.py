"""What the demo's workshop asks before it takes a bicycle in: a scenario of two steps and a rule, with ids that are the same on every machine."""

from uuid import UUID

from factbook.access import Principal
from factbook.profile import Backend
from factbook.scenarios import DesignLimits, Rule, Scenario, Step, Transition
from factbook.scenarios.designing.operations import save_rule, save_scenario

DEMO_AGENT = UUID("7f3a2c1e-0000-4000-8000-00000000da01")
DEMO_SCENARIO = UUID("7f3a2c1e-0000-4000-8000-00000000da02")
_RULE = UUID("7f3a2c1e-0000-4000-8000-00000000da03")
_BICYCLE, _PICK_UP = UUID("7f3a2c1e-0000-4000-8000-00000000da04"), UUID("7f3a2c1e-0000-4000-8000-00000000da05")

_SCENARIO = Scenario(
    name="Bring in a bicycle for repair",
    description="For customers over 18. Needs the full name of the customer.",
    entry_step_id=_BICYCLE,
    entry_condition_text="The customer wants a bicycle repaired",
    steps=[
        Step(
            id=_BICYCLE,
            name="Take the details",
            description="Ask for the frame number and the kind of damage.",
            collects_profile_fields=["frame_number"],
            transitions=[Transition(to_step_id=_PICK_UP, condition_text="The bicycle cannot be ridden to the workshop")],
        ),
        Step(id=_PICK_UP, name="Agree on a pick-up", description="Ask for the address and the preferred pick-up date.", is_terminal=True),
    ],
)
_WARRANTY = Rule(name="Warranty", condition_text="The bicycle is under warranty", action_text="Ask for the receipt number.")


async def load_demo_scenario(backend: Backend, principal: Principal) -> None:
    """Save the scenario and the rule. What stands already makes no new version."""
    await save_scenario(backend, principal, DEMO_AGENT, DEMO_SCENARIO, _SCENARIO, DesignLimits())
    await save_rule(backend, principal, DEMO_AGENT, _RULE, _WARRANTY, DesignLimits())
