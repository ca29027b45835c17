"""The table of what is read: which words, said by or of the person, tell which leaf of a persona. First and third person, statements alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from factbook.persona.computing.leaves import Leaf
from factbook.persona.reading.grammar import DOES, END, IS, OWN, PHRASE, REST, TAIL, TIMES, YEARS_OLD
from factbook.persona.reading.words import anything, description, occupation, proper_name, years

Reading = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is looked for in a sentence that holds one of the cues. `reading` makes a note's text out of the part called `text`, or refuses it."""

    cues: frozenset[str]
    leaf: Leaf
    expression: re.Pattern[str]
    reading: Reading
    whole_sentence: bool


def _pattern(cues: str, leaf: Leaf, expression: str, reading: Reading = anything, *, whole_sentence: bool = False) -> Pattern:
    return Pattern(frozenset(cues.split()), leaf, re.compile(expression, re.IGNORECASE), reading, whole_sentence)


_TENS = r"(?:(?:early|mid|late)[\s-])?(?:teens|twenties|thirties|(?:for|fif|six|seven|eigh|nine)ties|\d0s)"
_THINKING = "analytical methodical logical creative systematic intuitive practical"
_SOCIAL = "outgoing sociable shy introvert introverted extrovert extroverted reserved"
_SKILLED = "patient organised organized reliable punctual curious"
_GOOD_AT_PEOPLE = "listener communicator organiser organizer player"
_RISKS = r"(?:avoid|take|like|dislike|hate|accept)s?\s+(?:taking\s+)?(?:big\s+|small\s+)?risks?"


def _any(words: str) -> str:
    return f"(?:{'|'.join(words.split())})"


PATTERNS = (
    _pattern("name name's called call", Leaf.NAME, rf"\b(?:{OWN}\s+name(?:\s+is|'s)|(?:i\s+am|i'm)\s+called|call\s+me)\s+{REST}", proper_name),
    _pattern("name", Leaf.NAME, rf"^name:\s*{REST}", proper_name),
    _pattern("am is i'm he's she's", Leaf.AGE, rf"{IS}(?P<text>\d{{1,3}})(?=\s+years?\b|\s*(?:[,;!]|\.?$)|\s+and\b)", years),
    _pattern("old", Leaf.AGE, rf"{IS}an?\s+(?P<text>\d{{1,3}})[\s-]years?[\s-]old\b", years),
    _pattern("age", Leaf.AGE, r"^age(?::|\s+is)?\s*(?P<text>\d{1,3})\b", years),
    _pattern("my his her their", Leaf.AGE_RANGE, rf"{IS}in\s+{OWN}\s+(?P<text>{_TENS})\b"),
    _pattern("woman man girl boy female male", Leaf.GENDER, rf"{IS}an?\s+(?:[\w-]+\s+)?(?P<text>woman|man|girl|boy|female|male)\b"),
    _pattern("gender", Leaf.GENDER, r"^gender(?::|\s+is)\s*(?P<text>[\w-]+)"),
    _pattern("a an", Leaf.ROLE, rf"{IS}an?\s+{YEARS_OLD}{REST}", occupation),
    _pattern("work works", Leaf.ROLE, rf"{DOES}works?\s+as\s+(?:an?\s+|the\s+)?{REST}", occupation),
    _pattern("job occupation profession role", Leaf.ROLE, rf"\b(?:job|occupation|profession|role)(?::|\s+is)\s*(?:an?\s+)?{REST}", occupation),
    _pattern("live lives reside resides", Leaf.LOCATION, rf"{DOES}(?:live|reside)s?\s+in\s+{REST}", proper_name),
    _pattern("based living located", Leaf.LOCATION, rf"(?:{IS}|^)(?:based|living|located)\s+in\s+{REST}", proper_name),
    _pattern("come comes moved relocated", Leaf.LOCATION, rf"{DOES}(?:comes?\s+from|(?:moved|relocated)\s+to)\s+{REST}", proper_name),
    _pattern("from", Leaf.LOCATION, rf"{IS}from\s+{REST}", proper_name),
    _pattern("location city home hometown", Leaf.LOCATION, rf"^(?:location|city|home\s?town):\s*{REST}", proper_name),
    _pattern("a an", Leaf.CORE_DESCRIPTION, rf"{IS}an?\s+{YEARS_OLD}{REST}", occupation, whole_sentence=True),
    _pattern("myself", Leaf.SELF_PERCEPTION, rf"\bi\s+(?:consider\s+myself|(?:see|describe|think\s+of)\s+myself\s+as)\s+{REST}"),
    _pattern("a an", Leaf.SELF_PERCEPTION, rf"\b(?:i\s+am|i'm)\s+an?\s+(?!\d){REST}", description),
    _pattern("value values care cares", Leaf.VALUES, rf"{DOES}(?:values?|cares?\s+about)\s+{REST}"),
    _pattern("important", Leaf.VALUES, rf"^{PHRASE}\s+(?:is|are)\s+(?:(?:very|really|most)\s+)?important\s+to\s+(?:me|him|her|them)\b"),
    _pattern("believe believes", Leaf.BELIEFS, rf"{DOES}believes?\s+(?:that\s+|in\s+)?{REST}"),
    _pattern(_THINKING, Leaf.THINKING_STYLE, rf"{IS}(?:(?:very|quite|rather)\s+)?(?P<text>{_any(_THINKING)})\b"),
    _pattern("decide decides decisions", Leaf.DECISION_MAKING, rf"{DOES}(?:decides?|makes?\s+(?:{OWN}\s+)?decisions)\s+{REST}"),
    _pattern("learn learns", Leaf.LEARNING_STYLE, rf"{DOES}learns?\s+(?P<text>(?:best|by|from|through){TAIL}){END}"),
    _pattern("problems", Leaf.PROBLEM_SOLVING, rf"{DOES}solves?\s+problems\s+{REST}"),
    _pattern("risk risks", Leaf.RISK_TOLERANCE, rf"{DOES}(?P<text>{_RISKS})\b"),
    _pattern(
        "always usually often never rarely tend tends",
        Leaf.PATTERNS,
        rf"{DOES}(?P<text>(?:always|usually|often|never|rarely|tends?\s+to){TAIL}){END}",
    ),
    _pattern("every each", Leaf.HABITS, rf"{DOES}(?P<text>[^\W\d_]+\b[^,.;:!?()]*?\s{TIMES})\b"),
    _pattern("routine", Leaf.ROUTINES, rf"\b{OWN}\s+(?:daily\s+)?routine\s+(?:is|starts|begins)\s+{REST}"),
    _pattern(_SOCIAL, Leaf.SOCIAL_BEHAVIOR, rf"{IS}(?:an?\s+)?(?P<text>(?:(?:very|quite|rather)\s+)?{_any(_SOCIAL)})\b"),
    _pattern(
        "energetic morning night bird",
        Leaf.ENERGY_LEVEL,
        rf"{IS}(?P<text>(?:very\s+)?energetic|an?\s+(?:morning\s+person|night\s+owl|early\s+bird))\b",
    ),
    _pattern("tone", Leaf.TONE, rf"\b(?:{OWN}|the)\s+tone\s+(?:is|was)\s+{REST}"),
    _pattern("speak speaks talk talks write writes", Leaf.STYLE, rf"{DOES}(?:speak|talk|write)s?\s+(?P<text>(?:very\s+)?[a-z]+ly)\b"),
    _pattern("prefer prefers rather", Leaf.PREFERENCES, rf"(?:{DOES}(?:would\s+)?prefers?|\bi'd\s+(?:prefer|rather))\s+(?:to\s+)?{REST}"),
    _pattern("please", Leaf.PREFERENCES, r"^(?P<text>please\s+(?:call|e-?mail|write|text|contact|message)\s[^,.;:!?()]*)"),
    _pattern("good", Leaf.STRENGTHS, rf"{IS}(?:(?:very|really|quite)\s+)?good\s+(?:at|with)\s+{REST}"),
    _pattern("excel excels strength strengths", Leaf.STRENGTHS, rf"(?:{DOES}excels?\s+(?:at|in)|\b{OWN}\s+strengths?\s+(?:is|are))\s+{REST}"),
    _pattern("struggle struggles", Leaf.CHALLENGES, rf"{DOES}struggles?\s+(?:with|to)\s+{REST}"),
    _pattern("hard difficult", Leaf.CHALLENGES, rf"{DOES}finds?\s+it\s+(?:hard|difficult)\s+to\s+{REST}"),
    _pattern("trouble difficulty difficulties", Leaf.CHALLENGES, rf"{DOES}ha(?:ve|s)\s+(?:trouble|difficulty|difficulties)\s+(?:with\s+)?{REST}"),
    _pattern(
        "like likes enjoy enjoys",
        Leaf.PRIMARY_INTERESTS,
        rf"{DOES}(?:likes?|enjoys?)(?!\s+(?:to\s+be|it|that|this)\b)\s+(?:to\s+)?{REST}",
    ),
    _pattern("interested fan", Leaf.PRIMARY_INTERESTS, rf"{IS}(?:interested\s+in|a\s+(?:big\s+)?fan\s+of)\s+{REST}"),
    _pattern(
        "hobby hobbies interest interests",
        Leaf.PRIMARY_INTERESTS,
        rf"\b{OWN}\s+(?:hobby|hobbies|interests?)\s+(?:is|are|includes?)\s+{REST}",
    ),
    _pattern("sometimes", Leaf.SECONDARY_INTERESTS, rf"{DOES}sometimes\s+(?:likes?\s+to|enjoys?)\s+{REST}"),
    _pattern("love loves adore adores", Leaf.PASSIONS, rf"{DOES}(?:love|adore)s?(?!\s+(?:it|that|this|you)\b)\s+(?:to\s+)?{REST}"),
    _pattern("passionate", Leaf.PASSIONS, rf"{IS}passionate\s+about\s+{REST}"),
    _pattern("speak speaks fluent", Leaf.HARD_SKILLS, rf"(?:{DOES}speaks?|{IS}fluent\s+in)\s+{REST}", proper_name),
    _pattern("know knows", Leaf.HARD_SKILLS, rf"{DOES}knows?\s+how\s+to\s+{REST}"),
    _pattern(_SKILLED, Leaf.SOFT_SKILLS, rf"{IS}(?P<text>(?:very\s+)?{_any(_SKILLED)})\b(?!\s+(?:of|at)\b)"),
    _pattern(_GOOD_AT_PEOPLE, Leaf.SOFT_SKILLS, rf"{IS}(?P<text>an?\s+(?:good|great)\s+(?:team\s+player|{_any(_GOOD_AT_PEOPLE)}))\b"),
    _pattern("specialise specialises specialize specializes", Leaf.EXPERTISE, rf"{DOES}speciali[sz]es?\s+in\s+{REST}"),
    _pattern("expert", Leaf.EXPERTISE, rf"{IS}an\s+expert\s+(?:in|on)\s+{REST}"),
    _pattern("experience", Leaf.EXPERTISE, rf"{DOES}ha(?:ve|s)\s+(?P<text>\d+\s+years\s+of\s+experience[^,.;:!?()]*?){END}"),
    _pattern("motivated driven", Leaf.PRIMARY_DRIVES, rf"{IS}(?:motivated|driven)\s+by\s+{REST}"),
    _pattern(
        "want wants hope hopes plan plans intend intends aim aims",
        Leaf.GOALS,
        rf"{DOES}(?:want|hope|plan|intend|aim)s?\s+to\s+{REST}",
    ),
    _pattern("would i'd goal", Leaf.GOALS, rf"(?:{DOES}would\s+like\s+to|\bi'd\s+(?:like|love)\s+to|\b{OWN}\s+goal\s+is(?:\s+to)?)\s+{REST}"),
    _pattern("dream dreams aspire aspires", Leaf.ASPIRATIONS, rf"{DOES}(?:dreams?\s+(?:of|about)|aspires?\s+to)\s+{REST}"),
    _pattern(
        "afraid scared worried anxious nervous",
        Leaf.FEARS,
        rf"{IS}(?:(?:very|a\s+bit)\s+)?(?:afraid|scared|worried|anxious|nervous)\s+(?:of|about)\s+{REST}",
    ),
    _pattern("fear fears worry worries", Leaf.FEARS, rf"{DOES}(?:fears?|worr(?:y|ies)\s+about)\s+{REST}"),
    _pattern("married divorced single widowed", Leaf.RELATIONAL_STYLE, rf"{IS}(?P<text>(?:happily\s+)?(?:married|divorced|single|widowed))\b"),
    _pattern("best", Leaf.PREFERRED_RELATIONSHIPS, rf"{DOES}(?:get|work)s?\s+(?:along\s+|on\s+)?best\s+with\s+{REST}"),
    _pattern(
        "lead leads manage manages coach coaches organise organises organize organizes chair chairs run runs",
        Leaf.ROLE_IN_GROUPS,
        rf"{DOES}(?P<text>(?:lead|manage|coache?|organi[sz]e|chair|run)s?\s+(?:an?|the|{OWN}|our){TAIL}){END}",
    ),
    _pattern(
        "mentor mentors inspire inspires advise advises encourage encourages",
        Leaf.INFLUENCE_ON_OTHERS,
        rf"{DOES}(?P<text>(?:mentor|inspire|advise|encourage)s?{TAIL}){END}",
    ),
)
