"""What a phrase after "I am a" or "lives in" is: a name, a place, an occupation, or something else that is said of a person."""

import re


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PARTICLES = _listed("de da di del della van von der den la le al el bin ibn du do dos san")
_TITLES = _listed("dr dr. mr mr. mrs mrs. ms ms. prof prof.")
_NO_NAMES = _listed("i i'm my the a an")
_MOST_WORDS_OF_A_NAME = 5
_MOST_WORDS_OF_A_ROLE = 5
# Where an occupation ends and its circumstances begin.
_CIRCUMSTANCES = re.compile(r"\s+(?:at|in|for|with|from|who|that|by|on|of|and|living|working|based|near)\b.*", re.IGNORECASE | re.DOTALL)
_OCCUPATIONS = _listed(
    """
    accountant actor actress analyst architect artist assistant attorney auditor author baker banker barber barista biologist bookkeeper builder
    butcher carer caretaker carpenter cashier chef chemist clerk coach consultant cook dancer dentist designer developer dietitian director doctor
    driver economist editor electrician engineer entrepreneur farmer firefighter fisherman florist freelancer gardener geologist guide hairdresser
    historian housekeeper illustrator interpreter investor joiner journalist judge lawyer lecturer librarian locksmith manager mason mathematician
    mechanic midwife miner model musician nanny nurse optician painter paramedic pharmacist photographer physician physicist physiotherapist pilot
    plumber poet politician porter postman potter principal producer professor programmer psychiatrist psychologist publisher receptionist reporter
    researcher retailer sailor salesman saleswoman salesperson scientist sculptor seamstress secretary singer soldier statistician student surgeon
    surveyor tailor teacher technician therapist trader trainer translator tutor vet veterinarian waiter waitress welder writer zoologist retiree
    pensioner homemaker apprentice intern
    """
)
_OTHERS = _listed("bit little lot few customer client member caller user guest visitor fan big huge")


def proper_name(phrase: str) -> str | None:
    """The capitalised words with which a phrase begins, titles aside: "Ada Lovelace", "New York", "Rio de Janeiro". None when it begins otherwise."""
    words = phrase.split()
    while words and words[0].lower() in _TITLES:
        words.pop(0)
    taken = 0
    for index, word in enumerate(words[:_MOST_WORDS_OF_A_NAME]):
        if word[0].isupper() and word.lower() not in _NO_NAMES:
            taken = index + 1
        elif word.lower() not in _PARTICLES:
            break
    return " ".join(words[:taken]).rstrip(".'\u2019") or None


def occupation(phrase: str) -> str | None:
    """The occupation that a phrase names: "nurse", "senior software engineer". None when it names none that is known."""
    head = _CIRCUMSTANCES.sub("", phrase).strip()
    words = head.split()
    known = words and words[-1].lower().rstrip(".") in _OCCUPATIONS and len(words) <= _MOST_WORDS_OF_A_ROLE
    return head.rstrip(".") if known and words[0].lower() not in _OTHERS else None


def description(phrase: str) -> str | None:
    """What somebody says to be that is no occupation: "vegetarian", "very patient person". None for "bit late", and for a customer of somebody."""
    words = phrase.split()
    return phrase if words and words[0].lower() not in _OTHERS and occupation(phrase) is None else None


def years(phrase: str) -> str | None:
    """An age somebody can have."""
    return phrase if phrase.isdecimal() and phrase.isascii() and 0 < int(phrase) <= 120 else None


def anything(phrase: str) -> str | None:
    """The phrase as it is."""
    return phrase
