"""There is one normalizer: the lint over our sources, and the lint's own tests on small snippets."""

import pytest

from tests.architecture.sources import our_sources
from tests.identity.one_normalizer import ALLOWED, violations


def test_nothing_but_the_normalizer_changes_an_identifier() -> None:
    sources = our_sources()
    assert set(ALLOWED) <= set(sources)
    assert violations(sources) == []


def test_the_normalizer_itself_would_be_found_if_it_were_not_allowed() -> None:
    source = our_sources()["factbook.identity.normalize"]
    found = violations({"factbook.copy": source})
    assert any("email_validator" in line for line in found)
    assert any("def normalize" in line for line in found)


FOUND = {
    "strip": "key = identifier.strip()",
    "lower": "key = identifier.lower()",
    "casefold of an attribute": "key = body.customer_identifier.casefold()",
    "a name with more words": "key = raw_phone_number.replace(' ', '')",
    "an e-mail address": "key = user.email_address.lower()",
    "a key": "key = body['identifier'].strip()",
    "get": "key = query.get('identifier', '').strip()",
    "getattr": "key = getattr(body, 'phone').strip()",
    "a default": "key = (identifier or '').strip()",
    "a condition": "key = (identifier if identifier else '').strip()",
    "a walrus": "key = (given := identifier).strip()",
    "str()": "key = str(identifier).strip()",
    "an f-string": "key = f'{identifier}'.strip()",
    "an element": "key = identifiers[0].strip()",
    "a chain": "key = identifier.encode_it.identifier.strip().lower()",
    "the method of str": "key = str.lower(identifier)",
    "map": "keys = list(map(str.lower, identifiers))",
    "filter": "key = ''.join(filter(str.isdigit, phone))",
    "a comprehension over characters": "key = ''.join(c for c in phone if c.isdigit())",
    "removeprefix": "key = phone.removeprefix('+')",
    "split": "local, domain = email.split('@')",
    "partition": "local, _, domain = email.partition('@')",
    "translate": "key = phone.translate(TABLE)",
    "a slice": "key = phone[1:]",
    "re.sub": "key = re.sub('[^0-9]', '', phone)",
    "a compiled pattern": "key = re.compile('[^0-9]').sub('', phone)",
    "a constant pattern": "key = NOT_A_DIGIT.sub('', phone)",
    "a pattern for phones": "key = PHONE.fullmatch(raw)",
    "Unicode normalization": "key = unicodedata.normalize('NFC', identifier)",
    "a local variable": "def f(body):\n    value = body.identifier\n    return value.strip()",
    "a local variable of a local variable": "def f(body):\n    a = body.identifier or ''\n    b = a\n    return b.lower()",
    "a function inside": "def f(identifier):\n    def g():\n        return identifier.strip()\n    return g",
    "an async function": "async def f(identifier):\n    return identifier.strip()",
    "a default argument": "def f(value=phone.strip()):\n    return value",
    "importing the e-mail library": "import email_validator",
    "importing from the e-mail library": "from email_validator import validate_email",
    "importing the phone library": "import phonenumbers.phonenumberutil",
    "importing inside a function": "def f():\n    from phonenumbers import parse",
    "pydantic's e-mail type": "from pydantic import EmailStr",
    "a second normalizer": "def normalize(raw): ...",
    "a second normalizer by another name": "def _clean_phone_number(raw): ...",
    "a second normalizer, spelt otherwise": "def normalise_identifier(raw): ...",
    "pydantic's trimming": "class Body:\n    identifier: Annotated[str, StringConstraints(strip_whitespace=True)]",
    "pydantic's lower case": "def route(email: Annotated[str, StringConstraints(to_lower=True)]): ...",
    "a model that trims all": "model_config = ConfigDict(str_strip_whitespace=True)",
    "lower() in SQL": "SQL = 'SELECT id FROM customers WHERE lower(normalized_identifier) = $1'",
    "nested functions in SQL": "SQL = 'SELECT trim(lower(c.customer_identifier)) FROM conversations c'",
    "regexp_replace in SQL": "SQL = 'SELECT regexp_replace ( phone, $1, $2) FROM t'",
    "SQL over lines": "SQL = '''\n    SELECT TRIM(\n        both from identifier)'''",
    "SQL in an f-string": "SQL = f'SELECT lower({table}.identifier) FROM t'",
}


@pytest.mark.parametrize("source", FOUND.values(), ids=FOUND.keys())
def test_a_change_of_an_identifier_is_found(source: str) -> None:
    found = violations({"factbook.other": source})
    assert len(found) == 1
    assert found[0].startswith("factbook.other:")
    assert found[0].endswith("; only factbook.identity.normalize may")


PASSED = {
    "the normalizer's own call": "from factbook.identity import normalize\nkey = normalize(channel, identifier)",
    "passing it on": "customer = await find(connection, identifier)",
    "comparing it": "same = row.normalized_identifier == identifier",
    "measuring it": "short = len(identifier) < 255",
    "asking about it": "is_international = phone.startswith('+')",
    "changing something else": "name = body.name.strip().lower()",
    "a result that is no identifier": "row = find(identifier)\nname = row.name.strip()",
    "a variable that was assigned anew": "def f(body):\n    value = body.identifier\n    value = body.name\n    return value.strip()",
    "a variable of another function": "def f(body):\n    value = body.identifier\n\n\ndef g(value):\n    return value.strip()",
    "a constant that speaks of identifiers": "columns = IDENTIFIER_COLUMNS.split(',')",
    "a batch": "batch = identifiers[:100]",
    "one of a batch": "first = identifiers[0]",
    "joining several": "line = ', '.join(identifier for identifier in identifiers)",
    "searching that is no pattern's": "rows = queries.search(identifier)",
    "a pattern on something else": "found = WORD.findall(text)",
    "a docstring about SQL": "def f():\n    '''Never lower(identifier).'''",
    "SQL that compares": "SQL = 'SELECT id FROM customers WHERE normalized_identifier = $1 AND lower(name) = $2'",
    "a type without switches": "class Body:\n    identifier: Annotated[str, StringConstraints(max_length=255)]",
    "a switch on something else": "class Body:\n    name: Annotated[str, StringConstraints(strip_whitespace=True)]",
    "another type of pydantic": "from pydantic import BaseModel",
    "a name that begins alike": "def cleanup(tenant): ...",
}


@pytest.mark.parametrize("source", PASSED.values(), ids=PASSED.keys())
def test_what_does_not_change_an_identifier_passes(source: str) -> None:
    assert violations({"factbook.other": source}) == []


def test_the_place_is_named_with_module_line_and_call() -> None:
    source = "def f(identifier):\n    return identifier.strip()\n"
    assert violations({"factbook.conversations.rules": source}) == [
        "factbook.conversations.rules:2: identifier.strip() changes an identifier; only factbook.identity.normalize may"
    ]


def test_several_places_come_in_order() -> None:
    sources = {"factbook.b": "a = phone.strip()\nb = phone.lower()", "factbook.a": "a = email.lower()"}
    assert [line.rpartition(": ")[0] for line in violations(sources)] == ["factbook.a:1", "factbook.b:1", "factbook.b:2"]
