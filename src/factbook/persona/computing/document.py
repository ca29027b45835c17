"""The JSON of a persona, as it is validated, stored, hashed and published (docs/reference/persona.schema.json)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from factbook.kernel.canonical import canonical_json
from factbook.persona.computing.leaves import PLACE, Leaf

# Stands where nothing is known. It claims nothing, so it needs no source.
UNKNOWN = "Unknown"
LONGEST_LEAF = 600  # first and last name fit in
MOST_OF_A_LIST = 50

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_LEAF)]
Texts = Annotated[list[Text], Field(max_length=MOST_OF_A_LIST)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Meta(_Part):
    """Who the person is. Name and gender are those of the database where it has them."""

    name: Text = UNKNOWN
    age: Text = UNKNOWN
    age_range: Text = UNKNOWN
    gender: Text = UNKNOWN
    role: Text = UNKNOWN
    location: Text = UNKNOWN


class Identity(_Part):
    """What the person is at heart."""

    core_description: Text = UNKNOWN
    self_perception: Text = UNKNOWN
    archetypes: Texts = []
    values: Texts = []
    beliefs: Texts = []


class Cognition(_Part):
    """How the person thinks."""

    thinking_style: Text = UNKNOWN
    decision_making: Text = UNKNOWN
    learning_style: Text = UNKNOWN
    problem_solving: Text = UNKNOWN
    risk_tolerance: Text = UNKNOWN


class Behavior(_Part):
    """What the person does."""

    patterns: Texts = []
    habits: Texts = []
    routines: Text = UNKNOWN
    social_behavior: Text = UNKNOWN
    energy_level: Text = UNKNOWN


class Communication(_Part):
    """How the person speaks, and wants to be spoken to."""

    tone: Text = UNKNOWN
    style: Text = UNKNOWN
    preferences: Texts = []
    vocabulary: Text = UNKNOWN
    non_verbal: Text = UNKNOWN


class Interests(_Part):
    """What the person likes."""

    primary: Texts = []
    secondary: Texts = []
    passions: Texts = []


class Skills(_Part):
    """What the person can do."""

    hard_skills: Texts = []
    soft_skills: Texts = []
    expertise: Texts = []


class Motivations(_Part):
    """What the person wants and does not want."""

    primary_drives: Texts = []
    goals: Texts = []
    aspirations: Text = UNKNOWN
    fears: Texts = []


class Relationships(_Part):
    """How the person is with others."""

    relational_style: Text = UNKNOWN
    role_in_groups: Text = UNKNOWN
    preferred_relationships: Text = UNKNOWN
    influence_on_others: Text = UNKNOWN


class PersonaDocument(_Part):
    """A persona. A text is `Unknown` and a list empty where nothing is known."""

    meta: Meta = Meta()
    identity: Identity = Identity()
    cognition: Cognition = Cognition()
    behavior: Behavior = Behavior()
    communication: Communication = Communication()
    strengths: Texts = []
    challenges: Texts = []
    interests: Interests = Interests()
    skills: Skills = Skills()
    motivations: Motivations = Motivations()
    relationships: Relationships = Relationships()

    @classmethod
    def of(cls, texts: Mapping[Leaf, list[str]]) -> "PersonaDocument":
        """The persona with these texts at these leaves, one text where the leaf holds one. `ValueError` for more than may stand there."""
        tree: dict[str, Any] = {}
        for leaf, found in sorted(texts.items(), key=lambda item: PLACE[item[0]]):
            *parents, name = leaf.split(".")
            part = tree
            for parent in parents:
                part = part.setdefault(parent, {})
            part[name] = found if leaf.is_list else found[0]
        return cls.model_validate(tree)

    def texts(self, leaf: Leaf) -> list[str]:
        """What the persona claims at a leaf: any number of texts of a list, one text or none elsewhere."""
        value: Any = self
        for name in leaf.split("."):
            value = getattr(value, name)
        return list(value) if leaf.is_list else [] if value == UNKNOWN else [value]

    def leaves(self) -> Iterator[tuple[str, str]]:
        """Each text that claims something, by its path: `meta.role`, `identity.values[0]`."""
        for leaf in Leaf:
            for index, text in enumerate(self.texts(leaf)):
                yield f"{leaf}[{index}]" if leaf.is_list else leaf.value, text

    def text(self) -> str:
        """The JSON text as it is stored and sent, keys in the order of the template."""
        return json_of(self.model_dump())

    def sha256(self) -> bytes:
        """The hash of the canonical JSON, by which a persona is known again however it is written."""
        return hashlib.sha256(canonical_json(self.model_dump())).digest()


def json_of(value: Any) -> str:
    """A JSON text without spaces, its keys in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
