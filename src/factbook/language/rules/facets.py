"""What a field asks for, read from its type, its name and its description: a day, a time, a place, a count, a person's own name, ...

Whole words decide, never parts of words, and the words of the name come before those of the description.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from factbook.language.evidence import IDLE_WORDS, verdict_of
from factbook.language.reading.choices import singular
from factbook.language.reading.dates import Towards
from factbook.language.reading.numbers import number_of
from factbook.language.reading.words import listed, words
from factbook.language.tasks import WantedField


class Kind(StrEnum):
    """What is looked for in a text."""

    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CODE = "code"
    PLACE = "place"
    ADDRESS = "address"
    NAME = "name"
    OWN_NAME = "own_name"
    TEXT = "text"


class Role(StrEnum):
    """On which side of a move or a span of time a field stands."""

    START = "start"
    END = "end"
    NONE = "none"


EMAIL_WORDS = listed("email mail")
PHONE_WORDS = listed("phone telephone mobile cell fax cellphone")
DATE_WORDS = listed("date day birthday dob birthdate deadline")
TIME_WORDS = listed("time hour")
PLACE_WORDS = listed("city town location area place destination origin country region state suburb district where county province")
ADDRESS_WORDS = listed("address street")
CITY_WORDS = listed("city town area suburb district village")
NAME_WORDS = listed("name title artist director actor author album song movie film book singer starring brand")
COUNT_WORDS = listed(
    "count amount quantity age price cost fare rent balance total size weight height budget income salary length duration rating score"
)
CODE_WORDS = listed("number code id identifier reference zip postcode iban ssn vin sku no")
PEOPLE_WORDS = listed("person people passenger rider traveler traveller guest seat ticket adult visitor attendee")
START_WORDS = listed("from origin departure depart leave leaving departing start begin outbound pickup originate checkin source sender")
END_WORDS = listed("to destination return end arrival arrive arriving dropoff inbound checkout back recipient returning target")
PAST_WORDS = listed(
    "birth born birthday dob birthdate purchase purchased order ordered delivered issued last since received bought paid hired previous past"
)
_OWN_NAMES = frozenset(
    {("name",), ("full", "name"), ("first", "name"), ("last", "name"), ("surname",), ("customer", "name"), ("family", "name"), ("your", "name")}
)


@dataclass(frozen=True, slots=True)
class Facet:
    """A wanted field with what it asks for. `own` are the words that tell it from other fields, `described` those of its description."""

    field: WantedField
    kind: Kind
    role: Role
    own: frozenset[str]
    described: frozenset[str]
    towards: Towards

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def is_city(self) -> bool:
        """Whether it is a place that people live in, and not a house in one."""
        return self.kind is Kind.PLACE and bool(CITY_WORDS & (self.own or self.described))

    @property
    def counts_people(self) -> bool:
        """Whether it is about how many people there are."""
        return self.kind in (Kind.NUMBER, Kind.CHOICE) and bool(PEOPLE_WORDS & (self.own or self.described))


@lru_cache(maxsize=1024)
def facet_of(field: WantedField) -> Facet:
    """What the field asks for."""
    named = [singular(word) for word in words(field.name)]
    shown = [singular(word) for word in words(field.display_name or "")]
    described = [singular(word) for word in words(" ".join((field.description or "", field.hint or "")))]
    kind = _kind(field, named, shown + described)
    own = frozenset(named + shown) - IDLE_WORDS
    past = not PAST_WORDS.isdisjoint(named + shown + described) and not (START_WORDS | END_WORDS) & set(named)
    return Facet(field, kind, _role(named, described), own, frozenset(described) - IDLE_WORDS, "past" if past else "future")


def _kind(field: WantedField, named: list[str], described: list[str]) -> Kind:
    match field.value_type:
        case "email" | "phone" | "date":
            return Kind(field.value_type)
        case "boolean":
            return Kind.BOOLEAN
        case "number":
            return Kind.NUMBER
        case "json":
            return Kind.TEXT
        case "string":
            return _kind_of_text(field, named, described)


def _kind_of_text(field: WantedField, named: list[str], described: list[str]) -> Kind:
    if field.allowed_values:
        only_verdicts = all(verdict_of(value) is not None for value in field.allowed_values)
        only_figures = all(number_of(value) is not None for value in field.allowed_values)
        return Kind.BOOLEAN if only_verdicts else Kind.NUMBER if only_figures else Kind.CHOICE
    if tuple(named) in _OWN_NAMES:
        return Kind.OWN_NAME
    for vocabulary, kind in (
        (EMAIL_WORDS, Kind.EMAIL),
        (PHONE_WORDS, Kind.PHONE),
        (ADDRESS_WORDS, Kind.ADDRESS),
        (NAME_WORDS, Kind.NAME),
        (DATE_WORDS, Kind.DATE),
        (TIME_WORDS, Kind.TIME),
        (PLACE_WORDS, Kind.PLACE),
    ):
        if not vocabulary.isdisjoint(named):
            return kind
    if named[:2] == ["number", "of"] or not COUNT_WORDS.isdisjoint(named):
        return Kind.NUMBER
    if not CODE_WORDS.isdisjoint(named):
        return Kind.CODE
    if described[:1] and described[0] in PLACE_WORDS:
        return Kind.PLACE
    return Kind.TEXT


def _role(named: list[str], described: list[str]) -> Role:
    for read in (named, described):
        start, end = not START_WORDS.isdisjoint(read), not END_WORDS.isdisjoint(read) and not (read is described and set(read) & END_WORDS == {"to"})
        if start != end:
            return Role.START if start else Role.END
    return Role.NONE
