"""The leaves of a persona: every place of it that holds a text, or a list of texts. Source: the template of seed 004, section 8 of the facts."""

from enum import StrEnum


class Leaf(StrEnum):
    """A place in a persona, in the order of the document."""

    NAME = "meta.name"
    AGE = "meta.age"
    AGE_RANGE = "meta.age_range"
    GENDER = "meta.gender"
    ROLE = "meta.role"
    LOCATION = "meta.location"
    CORE_DESCRIPTION = "identity.core_description"
    SELF_PERCEPTION = "identity.self_perception"
    ARCHETYPES = "identity.archetypes"
    VALUES = "identity.values"
    BELIEFS = "identity.beliefs"
    THINKING_STYLE = "cognition.thinking_style"
    DECISION_MAKING = "cognition.decision_making"
    LEARNING_STYLE = "cognition.learning_style"
    PROBLEM_SOLVING = "cognition.problem_solving"
    RISK_TOLERANCE = "cognition.risk_tolerance"
    PATTERNS = "behavior.patterns"
    HABITS = "behavior.habits"
    ROUTINES = "behavior.routines"
    SOCIAL_BEHAVIOR = "behavior.social_behavior"
    ENERGY_LEVEL = "behavior.energy_level"
    TONE = "communication.tone"
    STYLE = "communication.style"
    PREFERENCES = "communication.preferences"
    VOCABULARY = "communication.vocabulary"
    NON_VERBAL = "communication.non_verbal"
    STRENGTHS = "strengths"
    CHALLENGES = "challenges"
    PRIMARY_INTERESTS = "interests.primary"
    SECONDARY_INTERESTS = "interests.secondary"
    PASSIONS = "interests.passions"
    HARD_SKILLS = "skills.hard_skills"
    SOFT_SKILLS = "skills.soft_skills"
    EXPERTISE = "skills.expertise"
    PRIMARY_DRIVES = "motivations.primary_drives"
    GOALS = "motivations.goals"
    ASPIRATIONS = "motivations.aspirations"
    FEARS = "motivations.fears"
    RELATIONAL_STYLE = "relationships.relational_style"
    ROLE_IN_GROUPS = "relationships.role_in_groups"
    PREFERRED_RELATIONSHIPS = "relationships.preferred_relationships"
    INFLUENCE_ON_OTHERS = "relationships.influence_on_others"

    @property
    def is_list(self) -> bool:
        """Whether the place holds any number of texts."""
        return self in LISTS


LISTS = frozenset(
    {
        *(Leaf.ARCHETYPES, Leaf.VALUES, Leaf.BELIEFS, Leaf.PATTERNS, Leaf.HABITS, Leaf.PREFERENCES, Leaf.STRENGTHS, Leaf.CHALLENGES),
        *(Leaf.PRIMARY_INTERESTS, Leaf.SECONDARY_INTERESTS, Leaf.PASSIONS, Leaf.HARD_SKILLS, Leaf.SOFT_SKILLS, Leaf.EXPERTISE),
        *(Leaf.PRIMARY_DRIVES, Leaf.GOALS, Leaf.FEARS),
    }
)
# What a text must say in these very words: a fact about somebody is read, not concluded.
LITERAL = frozenset({Leaf.NAME, Leaf.AGE, Leaf.ROLE, Leaf.LOCATION})
PLACE = {leaf: place for place, leaf in enumerate(Leaf)}
