"""Makes field names of noun phrases: "the customer's date of birth" is `date_of_birth`, "a valid e-mail address" is `email`."""

from collections.abc import Sequence
from dataclasses import dataclass

from factbook.language.reading.words import Span, Token, adjacent, at, listed
from factbook.language.rules.guessing import value_type_of
from factbook.language.tasks import ValueKind

LONGEST_NAME = 50  # characters; a definition's name has no more
_MOST_WORDS = 6
_DROPPED = listed(
    """
    a an the their his her its your our my any some this that these those valid short exact correct same verified good detailed brief also
    only please both customer customers patient patients user users client clients caller callers customer's patient's user's client's
    caller's customers' patients' at least current own one following registered necessary relevant respective
    """
)
# What ends a noun phrase: relative clauses, purposes, places.
_CUTS = listed(
    """
    where when who whom which that so because if unless before after as for to from on in at until with without first once is are was will
    would can could should must may might they we you he she it i has have needs need required whether by into onto over about not then only
    optionally such eg like
    """
)
_NO_FIELDS = listed(
    """
    agent anything appointment back booking case chat client company confirmation customer data detail details doctor documents everything
    everything's field fields following help how identity info information it item's items like lot more nobody none nothing nurse offer one
    ones order orders page parcel patient payment people photo's place question questions refund refunds reservation rest service services
    somebody someone something somewhere system technician that them these thing things this those time-out transaction user visit way weather
    what why
    """
)
_EMAILS = (("e", "mail", "address"), ("email", "address"), ("e", "mail"), ("mail", "address"), ("electronic", "mail"))
_OF_THE = "of the"
_ARTICLES = listed("the a an their his her its your our")
_BARE = listed("new full other total exact additional own preferred desired same valid first last like")
# Nouns that name what is asked for in forms everywhere. Another noun may be a field as well, but less surely.
_SLOT_NOUNS = listed(
    """
    name number date time address email phone code id reason amount type method status income limit postcode zip iban city country age
    birthday birth description reference digits dosage language nationality occupation gender title street state region currency price
    quantity size colour color weight model make brand account window area version plan category destination origin location salary budget
    duration pharmacy merchant item product order policy symptom symptoms allergies allergy medicine medication diagnosis consent signature
    photo picture
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
    parts = _owned(_as_emails([word.replace("'s", "").replace("'", "") for _, word in kept]))
    if not parts or len(parts) > _MOST_WORDS or parts[-1] in _NO_FIELDS or parts[-1] in _BARE or parts[-1] == _OF_THE:
        return None
    name = "_".join(part for part in parts if part.isascii()).replace(" ", "_")
    if not name[:1].isalpha() or len(name) > LONGEST_NAME:
        return None
    named = name.split("_")
    is_slot = named[-1] in _SLOT_NOUNS or named[0] in _SLOT_NOUNS
    return NamedPhrase(_begin(phrase, kept[0][0]), kept[-1][0].end, name, _shown(name), value_type_of(name), is_slot)


def _begin(phrase: Sequence[Token], first: Token) -> int:
    """Where the first kept word begins; one in snake case is kept by its last part."""
    index = phrase.index(first)
    while index > 0 and _is_inside_identifier(phrase, index):
        index -= 1
    return phrase[index].start


def _shown(name: str) -> str:
    text = name.replace("_", " ")
    return text[0].upper() + text[1:]


def _kept(phrase: Sequence[Token]) -> list[tuple[Token, str]]:
    """The words of the phrase up to what ends it, without articles and other words that name nothing."""
    kept: list[tuple[Token, str]] = []
    for index, token in enumerate(phrase):
        if kept and _is_inside_identifier(phrase, index):
            kept[-1] = (token, f"{kept[-1][1]}_{token.word}" if token.text != "_" else kept[-1][1])
            continue
        if token.text in ("-", "/", "_") and kept:
            continue
        if not (token.is_word or token.is_figures) or token.word in _CUTS:
            break
        if token.word == "of":
            owned = at(phrase, index + 1) in _ARTICLES
            kept += [(token, _OF_THE if owned else "of")] if kept else []
        elif token.word not in _DROPPED or _is_inside_identifier(phrase, index + 1):
            kept.append((token, token.word))
    while kept and kept[-1][1] in ("of", _OF_THE, "too"):
        kept.pop()
    return kept


def _is_inside_identifier(phrase: Sequence[Token], index: int) -> bool:
    """Whether the token continues a name in snake case: "_" and what follows it without a space."""
    return adjacent(phrase, index) and "_" in (phrase[index].text, phrase[index - 1].text)


def _as_emails(parts: list[str]) -> list[str]:
    for spelled in _EMAILS:
        if tuple(parts[-len(spelled) :]) == spelled:
            return [*parts[: -len(spelled)], "email"]
    return parts


def _owned(parts: list[str]) -> list[str]:
    """What belongs to something with an article goes behind it: "name of the medicine" is "medicine name"; "date of birth" stays."""
    if parts.count(_OF_THE) == 1 and 0 < parts.index(_OF_THE) < len(parts) - 1:
        place = parts.index(_OF_THE)
        return [*parts[place + 1 :], *parts[:place]]
    return parts
