"""Guesses what kind of value a field holds from the whole words of its name, and from its description where the name says nothing.

Parts of words decide nothing: a country is no count, a message no age, and an account number is a code. Source: profile.md section 15.
"""

from dataclasses import replace

from factbook.language.reading.choices import singular
from factbook.language.reading.words import listed, words
from factbook.language.tasks import ValueKind, WantedField

_EMAIL = listed("email emailaddress")
_PHONE = listed("phone telephone mobile cellphone fax")
_CALLS = listed("contact callback whatsapp cell")
_DATE = listed("date birthday birthdate dob deadline")
_DATE_PARTS = listed("birth")
_BOOLEAN = listed("is has have wants accepts allows needs can does agree agreed consent consented opt optin confirmed")
_BOOLEAN_ENDS = listed("consent agreed allowed accepted confirmed enabled required furnished opted")
_NUMBER = listed(
    "age amount quantity count price cost fare rent balance total size weight height width length depth budget income salary fee rating score "
    "percentage duration distance mileage temperature humidity"
)


def value_type_of(name: str, description: str = "") -> ValueKind:
    """The value type that the name suggests; `string` when it suggests none."""
    named = words(name)
    single = [singular(word) for word in named]
    if not named:
        return "string"
    if not _EMAIL.isdisjoint(single) or single[-2:] == ["e", "mail"] or single in (["mail"], ["e", "mail", "address"]):
        return "email"
    if not _PHONE.isdisjoint(single) and single[-1] in (*_PHONE, "number", "no"):
        return "phone"
    if single[-1] == "number" and single[-2:-1] and (single[-2] in _CALLS or single[-3:-1] == ["call", "back"]):
        return "phone"
    if not _DATE.isdisjoint(single[-1:]) or single[:1] == ["date"] or (single[-1] == "day" and not _DATE_PARTS.isdisjoint(single)):
        return "date"
    if _asks_for_verdict(named, description):
        return "boolean"
    if named[:2] == ["number", "of"] or (len(named) > 1 and single[-1] == "count") or not _NUMBER.isdisjoint(single[-1:]):
        return "number"
    if single[0] == "year" and single[1:2] == ["of"]:
        return "number"
    if not _NUMBER.isdisjoint(single[:1]) and (len(single) > 1 and single[1] in ("per", "of", "in")):
        return "number"
    return "string"


def as_read(field: WantedField) -> WantedField:
    """The field with the type that its name suggests, where nothing but its name is known; every other field as it is."""
    return replace(field, value_type=value_type_of(field.name)) if field == WantedField(field.name) else field


def _asks_for_verdict(named: list[str], description: str) -> bool:
    told = words(description)
    return named[0] in _BOOLEAN or named[-1] in _BOOLEAN_ENDS or told[:1] == ["whether"] or told[:2] == ["boolean", "flag"]
