"""Makes field names of noun phrases: "the customer's date of birth" is `date_of_birth`, "a valid e-mail address" is `email`."""

from collections.abc import Sequence
from dataclasses import dataclass

from factbook.language.reading.words import Span, Token, listed
from factbook.language.rules.guessing import value_type_of
from factbook.language.tasks import ValueKind

LONGEST_NAME = 50  # characters; a definition's name has no more
_MOST_WORDS = 6
_DROPPED = listed(
    """
    a an the their his her its your our my any some this that these those valid short exact correct same verified good detailed brief also only please both
    customer customers patient patients user users client clients caller callers customer's patient's user's client's caller's customers' patients' at
    least current own one following registered necessary relevant respective
    """
)
# What ends a noun phrase: relative clauses, purposes, places.
_CUTS = listed(
    """
    where when who whom which that so because if unless before after as for to from on in at until with without first once is are was will would can could
    should must may might they we you he she it i has have needs need required whether by into onto over about not then only optionally
    """
)
_NO_FIELDS = listed(
    """
    help more information info details detail something somebody someone anything everything it them this that these those one ones thing things
    confirmation doctor technician nurse agent customer patient user client people time-out refund refunds order orders appointment parcel item's
    place way lot chat case question questions data help payment back somewhere system service services company page offer visit photo's everything's
    """
)
_EMAILS = (("e", "mail", "address"), ("email", "address"), ("e", "mail"), ("mail", "address"), ("electronic", "mail"))
_OWNED_FIRST = listed("name names make model brand owner address colour color size status holder")
# Nouns that name what is asked for in forms everywhere. Another noun may be a field as well, but less surely.
_SLOT_NOUNS = listed(
    """
    name number date time address email phone code id reason amount type method status income limit postcode zip iban city country age birthday birth
    description reference digits dosage language nationality occupation gender title street state region currency price quantity size colour color
    weight model make brand color quantity account window area address size version plan category destination origin location salary budget duration
    pharmacy merchant item product order policy symptom symptoms allergies allergy medicine medication diagnosis consent signature photo picture
    """
)


@dataclass(frozen=True, slots=True)
class NamedPhrase(Span):
    """A noun phrase with the field name made of it. `is_slot` when its noun is one that forms ask for."""

    name: str
    display_name: str
    value_type: ValueKind
    is_slot: bool


def named_phrase(phrase: Sequence[Token]) -> NamedPhrase | None:
    """The field that a phrase names; None when it names none."""
    kept = _kept(phrase)
    parts = [token.word.replace("'s", "").replace("'", "") for token in kept]
    parts = _as_emails(parts)
    if not parts or len(parts) > _MOST_WORDS or parts[-1] in _NO_FIELDS or parts == ["name", "of"]:
        return None
    parts = _owned(parts)
    parts = [part for part in parts if part.isascii()]
    name = "_".join(parts)
    if not parts or not name[0].isalpha() or len(name) > LONGEST_NAME:
        return None
    display = " ".join(parts)
    is_slot = parts[-1] in _SLOT_NOUNS or parts[0] in _SLOT_NOUNS
    return NamedPhrase(kept[0].start, kept[-1].end, name, display[0].upper() + display[1:], value_type_of(name), is_slot)


def _kept(phrase: Sequence[Token]) -> list[Token]:
    """The words of the phrase up to what ends it, without articles and other words that name nothing."""
    kept: list[Token] = []
    for token in phrase:
        if token.text in ("-", "/", "_") and kept:
            continue
        if not (token.is_word or token.is_figures) or (token.word in _CUTS and kept):
            break
        if token.word in _DROPPED or token.word in _CUTS or (token.word == "of" and not kept):
            continue
        kept.append(token)
    while kept and kept[-1].word in ("of", "too"):
        kept.pop()
    return kept


def _as_emails(parts: list[str]) -> list[str]:
    for spelled in _EMAILS:
        if tuple(parts[-len(spelled) :]) == spelled:
            return [*parts[: -len(spelled)], "email"]
    return parts


def _owned(parts: list[str]) -> list[str]:
    """ "name of medicine" as "medicine name"; "date of birth" and "number of rooms" stay."""
    if parts.count("of") == 1:
        place = parts.index("of")
        if place == 1 and parts[0] in _OWNED_FIRST:
            return [*parts[2:], parts[0]]
    return parts
