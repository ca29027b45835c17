"""What the rules find that a scenario needs, how sure they are, and what they suggest for it."""

import asyncio

import pytest

from factbook.language import FindRequirements, FoundRequirement, Source, SuggestDefinitions, SuggestedDefinition, ValueKind, WantedField
from factbook.language.gate import Gated
from factbook.language.rules import RulesExecutor
from factbook.language.rules.conditions import fields_read, is_condition
from factbook.language.rules.guessing import value_type_of


def required(*texts: str, known: tuple[WantedField, ...] = ()) -> dict[str, FoundRequirement]:
    """What the texts need, by name, behind the gate."""
    task = FindRequirements(tuple(Source(f"part_{place}", text, by_customer=False) for place, text in enumerate(texts)), known)
    reply = asyncio.run(Gated(RulesExecutor()).execute(task))
    assert reply.extractor == "rules"
    return {field.name: field for field in reply.answer.fields}


def suggested(*fields: FoundRequirement) -> list[SuggestedDefinition]:
    return asyncio.run(Gated(RulesExecutor()).execute(SuggestDefinitions((), fields))).answer.definitions


def test_a_refund_needs_what_its_text_says_and_an_age_is_for_a_human_to_look_at() -> None:
    found = required("Refund", "Refund for customers over 18, needs order number and reason.")
    assert list(found) == ["date_of_birth", "order_number", "reason"]
    birth = found["date_of_birth"]
    assert (birth.value_type, birth.required_level, birth.quote, birth.source_id) == ("date", "hard", "over 18", "part_1")
    assert (birth.confidence or 0) < 0.8 <= min(found["order_number"].confidence or 0, found["reason"].confidence or 0)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ask for the delivery address.", ["delivery_address"]),
        (
            "We need the full name, date of birth and insurance number, and a phone number.",
            ["full_name", "date_of_birth", "insurance_number", "phone_number"],
        ),
        ("Must have a verified e-mail.", ["email"]),
        ("Requires the customer's e-mail address", ["email"]),
        ("The company name is mandatory.", ["company_name"]),
        ("The name and phone number of a parent must be on file.", ["parent_name", "parent_phone_number"]),
        ("Collect the recipient's IBAN", ["recipient_iban"]),
        ("Required: year of construction, heated area and proof of ownership", ["year_of_construction", "heated_area", "proof_of_ownership"]),
        ("The nurse has to know about allergies before the shot.", ["allergies"]),
        ("When the customer asks for a quote, ask for the area", ["area"]),
        ("Before we make an offer we need the loan amount, the income and the term.", ["loan_amount", "income", "term"]),
        ("Verify identity: date of birth, postcode", ["date_of_birth", "postcode"]),
        ("Ask which size they want", ["size"]),
        ("collect customer_email and order_id", ["customer_email", "order_id"]),
        ("needs the name, e.g. Ada", ["name"]),
        ("Ask for height (cm) and weight (kg)", ["height", "weight"]),
        ("Do not ask for the card number.", []),
        ("For patients who need more of a medicine.", []),
        ("The customer wants to send money. Nothing is required.", []),
        ("Ask whether they want a refund.", []),
        ("", []),
    ],
)
def test_what_a_text_asks_for(text: str, names: list[str]) -> None:
    assert list(required(text)) == names


@pytest.mark.parametrize(
    "text",
    [
        "for customers older than 18",
        "Patients under 16 need a parent.",
        "only people over 65 can apply",
        "Must be at least 18 years old",
        "Customers must be 21 or older",
        "customers aged 18+",
    ],
)
def test_an_age_needs_a_date_of_birth(text: str) -> None:
    assert required(text)["date_of_birth"].value_type == "date"


@pytest.mark.parametrize(
    "text", ["if the subsidy is above 5,000 euros", "customers over 18% discount", "over 100 orders", "orders over 50", "the order is 18 days old"]
)
def test_not_every_number_is_an_age(text: str) -> None:
    assert "date_of_birth" not in required(text)


def test_an_age_that_a_condition_reads_is_not_asked_for_twice() -> None:
    assert list(required("For patients over 60.", "age >= 60")) == ["age"]


def test_optional_words_make_a_requirement_soft() -> None:
    found = required(
        "Needs the order number. Optionally ask for a phone number. A photo is optional. Ask for an e-mail address too if they have one."
    )
    assert {name: field.required_level for name, field in found.items()} == {
        "order_number": "hard",
        "phone_number": "soft",
        "photo": "soft",
        "email": "soft",
    }


def test_choices_become_allowed_values() -> None:
    found = required("Ask for the shipping method: express, standard or pickup. We need the heating type (oil, gas, electric) and the address.")
    assert found["shipping_method"].allowed_values == ["express", "standard", "pickup"]
    assert found["heating_type"].allowed_values == ["oil", "gas", "electric"]
    assert found["address"].allowed_values is None


def test_what_is_needed_in_some_cases_only_is_for_a_human_to_look_at_unless_a_known_field_says_which_cases() -> None:
    text = "If the shipping method is pickup, we need the branch number."
    (unknown,) = required(text).values()
    assert (unknown.confidence or 0) < 0.8
    assert unknown.when_condition is None
    method = WantedField("shipping_method", allowed_values=("express", "pickup"))
    known = required(text, known=(method,))["branch_number"]
    assert (known.when_condition, known.confidence) == ('shipping_method == "pickup"', 0.8)


def test_a_known_field_keeps_its_own_type_and_name_for_show() -> None:
    field = required("Needs the order number", known=(WantedField("order_number", "number", display_name="Order no."),))["order_number"]
    assert (field.value_type, field.display_name) == ("number", "Order no.")


def test_a_known_field_that_is_taken_for_given_is_never_sure() -> None:
    known = (WantedField("genre"), WantedField("city_of_event"), WantedField("event_name"))
    found = required("Find events by genre in a given city", known=known)
    assert {name: field.confidence for name, field in found.items()} == {"genre": 0.7, "city_of_event": 0.7}


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ("customer.age >= 18 && country == 'DE'", [("age", "number"), ("country", "string")]),
        ("has(order.express) || !is_new", [("express", "string"), ("is_new", "boolean")]),
        ("plan in ['gold', 'silver']", [("plan", "string")]),
        ("size(items) > 2 && name.startsWith('A')", [("items", "string"), ("name", "string")]),
        ("last_inspection_date < today", [("last_inspection_date", "date")]),
        ("verified == true", [("verified", "boolean")]),
        ("order.days_since_delivery <= 30", [("days_since_delivery", "number")]),
        ('text == "a && b"', [("text", "string")]),
        ("a == 1 && a == 2", [("a", "number")]),
    ],
)
def test_the_fields_that_a_condition_reads(condition: str, fields: list[tuple[str, ValueKind]]) -> None:
    assert is_condition(condition)
    assert [(field.name, field.value_type) for field in fields_read(condition)] == fields
    assert all(field.confidence == 0.9 and field.quote in condition for field in required(condition).values())


@pytest.mark.parametrize(
    "text",
    ["", "refund", "customers over 18", "a > ", "express/standard", "a == 1 &&", "(" * 500 + "a" + ")" * 500 + " == 1", "'a' == \"", "a, b > 3 c"],
)
def test_what_is_no_condition(text: str) -> None:
    assert not is_condition(text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *(
            (name, "string")
            for name in ("language", "country", "discount_code", "message", "page", "account_number", "cancellation_reason", "last_update")
        ),
        *(
            (name, "string")
            for name in ("this_address", "order_id", "iban", "postcode", "phone_model", "email_subject_line_x"[6:], "update", "candidate", "homepage")
        ),
        *((name, "email") for name in ("email", "work_email", "email_address", "e_mail", "e_mail_address")),
        *((name, "phone") for name in ("phone", "phone_number", "mobile_number", "parent_phone_number", "call_back_number", "contact_number", "fax")),
        *((name, "date") for name in ("date", "date_of_birth", "birthday", "purchase_date", "dob", "appointment_date")),
        *(
            (name, "number")
            for name in ("age", "amount", "number_of_rooms", "transfer_amount", "monthly_income", "total_price", "price_per_night", "room_count")
        ),
        *((name, "boolean") for name in ("is_new", "has_wifi", "marketing_consent", "wants_invoice", "pets_allowed", "terms_accepted")),
    ],
)
def test_types_are_guessed_by_whole_words(name: str, kind: ValueKind) -> None:
    assert value_type_of(name) == kind


@pytest.mark.parametrize(
    "text", ["Needs the " + "very " * 30 + "long number", "Needs the 4th 'number'", "Ask for the Größe, número and 電話", "Needs: ; , and or."]
)
def test_every_name_can_be_that_of_a_definition(text: str) -> None:
    for field in required(text).values():
        assert field.name.isascii()
        assert field.name.isidentifier()
        assert field.name == field.name.lower()
        assert len(field.name) <= 50


def requirement(name: str, value_type: ValueKind = "string", allowed: list[str] | None = None) -> FoundRequirement:
    return FoundRequirement(name=name, display_name=name.capitalize(), value_type=value_type, allowed_values=allowed, source_id="x", quote="x")


@pytest.mark.parametrize(
    ("field", "question", "examples"),
    [
        (requirement("order_number"), "What is the order number?", []),
        (requirement("allergies"), "What are the allergies?", []),
        (requirement("email", "email"), "What is your e-mail address?", ["name@example.org"]),
        (requirement("phone_number", "phone"), "What is your phone number?", ["+1 202 555 0143"]),
        (requirement("date_of_birth", "date"), "When were you born?", ["2026-01-31"]),
        (requirement("purchase_date", "date"), "What date is the purchase?", ["2026-01-31"]),
        (requirement("number_of_rooms", "number"), "How many rooms?", []),
        (requirement("marketing_consent", "boolean"), "Marketing consent: yes or no?", []),
        (
            requirement("shipping", allowed=["express", "standard", "pickup"]),
            "Which shipping would you like: express, standard or pickup?",
            ["express", "standard", "pickup"],
        ),
    ],
    ids=lambda given: given.name if isinstance(given, FoundRequirement) else "",
)
def test_a_suggestion_has_a_question_and_examples_only_of_forms_that_everybody_knows(
    field: FoundRequirement, question: str, examples: list[str]
) -> None:
    (definition,) = suggested(field)
    assert (definition.name, definition.value_type, definition.collection_prompt, definition.examples) == (
        field.name,
        field.value_type,
        question,
        examples,
    )
    assert definition.confidence == 0.5


def test_a_field_that_is_asked_about_twice_is_suggested_once() -> None:
    assert [definition.name for definition in suggested(requirement("a"), requirement("b"), requirement("a"))] == ["a", "b"]
