"""What the rules find in conversations, and what they leave to be asked."""

import pytest

from factbook.language import FoundValue, WantedField
from tests.language.asked import found, sure

EMAIL, PHONE = WantedField("email", "email"), WantedField("phone", "phone")
CITY, NAME = WantedField("city"), WantedField("full_name")
VISIT, BIRTH = WantedField("visit_date", "date"), WantedField("date_of_birth", "date")
LEAVING, RETURNING = WantedField("departure_date", "date"), WantedField("return_date", "date")
ORIGIN, DESTINATION = WantedField("origin_city"), WantedField("destination_city")
SHIPPING = WantedField("shipping_method", allowed_values=("express", "standard", "pickup"))
SEATS = WantedField("number_of_seats", allowed_values=("1", "2", "3", "4"))
CONSENT = WantedField("marketing_consent", "boolean")
ORDER, REASON = WantedField("order_number"), WantedField("reason", description="Why the item comes back")


def test_a_value_carries_where_it_stands_and_how_sure_it_is() -> None:
    assert found([EMAIL], "Hello", "A: Your e-mail?", "it's Ada@example.org, thanks") == {
        "email": FoundValue(field_name="email", value="Ada@example.org", confidence=0.97, source_id="3", quote="Ada@example.org")
    }


@pytest.mark.parametrize(
    ("fields", "lines", "values"),
    [
        ([CITY], ["A: Which city?", "Paris"], {"city": "Paris"}),
        ([CITY], ["A: Which city?", "paris please"], {"city": "paris"}),
        ([CITY], ["I live in Rohnert Park, near the lake"], {"city": "Rohnert Park"}),
        ([NAME, CITY], ["My name is Ada Lovelace"], {"full_name": "Ada Lovelace"}),
        ([NAME, CITY], ["A: Your full name?", "John O'Neil"], {"full_name": "John O'Neil"}),
        ([PHONE, EMAIL], ["call (415) 502-8336 or mail b@example.org"], {"phone": "(415) 502-8336", "email": "b@example.org"}),
        ([PHONE], ["you can reach me at 5551234567"], {"phone": "5551234567"}),
        ([VISIT], ["Could we do next Friday?"], {"visit_date": "2019-03-08"}),
        ([VISIT, BIRTH], ["born 3 May 1984, and I'd come on Tuesday"], {"date_of_birth": "1984-05-03", "visit_date": "2019-03-05"}),
        ([LEAVING, RETURNING], ["leaving on the 5th, returning on the 9th"], {"departure_date": "2019-03-05", "return_date": "2019-03-09"}),
        ([LEAVING, RETURNING], ["A: When will you be back?", "on Sunday"], {"return_date": "2019-03-03"}),
        ([ORIGIN, DESTINATION], ["from New York to San Diego"], {"origin_city": "New York", "destination_city": "San Diego"}),
        ([ORIGIN, DESTINATION], ["My destination is Rome."], {"destination_city": "Rome"}),
        ([SHIPPING], ["Express delivery would be great"], {"shipping_method": "express"}),
        ([SEATS], ["a table for two, please"], {"number_of_seats": "2"}),
        ([SEATS], ["A: How many people?", "just three"], {"number_of_seats": "3"}),
        ([WantedField("number_of_rooms", "number")], ["We have 12 rooms to paint"], {"number_of_rooms": 12}),
        ([WantedField("amount", "number")], ["send $1,200.50 to my brother"], {"amount": 1200.5}),
        ([WantedField("age", "number")], ["I'm 34."], {"age": 34}),
        ([CONSENT], ["A: Do you give your marketing consent?", "no thanks"], {"marketing_consent": False}),
        ([CONSENT], ["A: Do you give your marketing consent?", "Sure!"], {"marketing_consent": True}),
        ([WantedField("furnished", "boolean")], ["I need a furnished flat"], {"furnished": True}),
        ([WantedField("furnished", "boolean")], ["I don't want it furnished"], {"furnished": False}),
        ([ORDER, REASON], ["my order number is 4711-22"], {"order_number": "4711-22"}),
        ([ORDER, REASON], ["A: Why do you return it, what is the reason?", "Broken glass"], {"reason": "Broken glass"}),
        ([WantedField("customer_id", validation_regex="C-[0-9]{4}")], ["I am C-1234"], {"customer_id": "C-1234"}),
        ([WantedField("error_code", examples=("E-119",))], ["the display says E-133."], {"error_code": "E-133"}),
        ([WantedField("delivery_address")], ["send it to 12 Baker Street, London"], {"delivery_address": "12 Baker Street, London"}),
        ([WantedField("company_name")], ["The company is called Analytical Engines Ltd."], {"company_name": "Analytical Engines Ltd"}),
        ([WantedField("visit_time")], ["A: What time?", "half past 3 in the afternoon"], {"visit_time": "half past 3 in the afternoon"}),
    ],
    ids=lambda given: " | ".join(given) if isinstance(given, list) and given and isinstance(given[0], str) else "",
)
def test_what_is_said_clearly_is_taken(fields: list[WantedField], lines: list[str], values: dict[str, object]) -> None:
    assert sure(fields, *lines) == values


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ([CITY], ["not Paris"]),
        ([CITY], ["anywhere other than Paris"]),
        ([CITY], ["A: Which city?", "I don't care"]),
        ([CITY], ["A: Which city?", "What cities are there?"]),
        ([CITY], ["A: How about Paris?", "Yes, that works."]),
        ([EMAIL], ["A: Is ada@example.org right?", "Yes"]),
        ([VISIT], ["A: We could come on Friday.", "Perfect, that works for me"]),
        ([VISIT], ["That will be all for today, thanks"]),
        ([VISIT], ["Friday won't work"]),
        ([VISIT], ["the 5th or the 6th"]),
        ([EMAIL, WantedField("billing_email", "email")], ["ada@example.org"]),
        ([BIRTH, WantedField("purchase_date", "date")], ["3 May 1984"]),
        ([BIRTH], ["on Friday"]),
        ([EMAIL, PHONE], ["my wife's email is b@example.org", "his number is (415) 502-8336"]),
        ([BIRTH], ["my daughter was born on 3 May 2014"]),
        ([PHONE], ["my order is 5551234567"]),
        ([SHIPPING], ["Is express more expensive?"]),
        ([WantedField("flight_class", allowed_values=("Economy", "Business"))], ["a flight for a business trip"]),
        ([WantedField("has_garden", "boolean")], ["Okay, do they have a garden?"]),
        ([CONSENT], ["A: The garden is large. Anything else?", "no"]),
        ([SEATS], ["a one-way ticket"]),
        ([WantedField("code", validation_regex=".+")], ["Hello there"]),
        ([WantedField("order_number")], ["I ordered 2 of them in 2019"]),
        ([NAME], ["A: Your name?", "Why do you ask?"]),
        ([WantedField("postcode", validation_regex="[0-9]{5}")], ["A: Your postcode?", "W1 2AB"]),
        ([WantedField("city", validation_regex="[a-z]+")], ["A: Which city?", "Paris"]),
        ([WantedField("city", validation_regex="(")], ["A: Which city?", "Paris"]),
        ([WantedField("address", "json")], ["A: Your address?", "Main Street"]),
        ([REASON], ["A: What is the reason?", "yes"]),
        ([REASON], []),
        ([], ["Paris"]),
    ],
    ids=lambda given: " | ".join(given) if isinstance(given, list) and given and isinstance(given[0], str) else "",
)
def test_what_is_denied_accepted_asked_or_ambiguous_is_left_to_be_asked(fields: list[WantedField], lines: list[str]) -> None:
    assert sure(fields, *lines) == {}


def test_an_address_that_comes_without_a_word_is_asked_back_for() -> None:
    (value,) = found([EMAIL], "Order 4711 b@example.org").values()
    assert value.confidence == 0.9


def test_a_correction_in_the_same_message_wins_though_it_says_less() -> None:
    assert sure([EMAIL], "mail me at bob@example.org. Actually no, use alice@example.org instead") == {"email": "alice@example.org"}


def test_two_fields_of_a_kind_and_no_word_between_them_are_told_as_unsure_and_not_guessed() -> None:
    values = found([EMAIL, WantedField("billing_email", "email")], "ada@example.org")
    assert {value.confidence for value in values.values()} == {0.5}


@pytest.mark.parametrize(
    ("lines", "city"),
    [
        (["I live in Paris", "Actually Lyon"], "Lyon"),
        (["I live in Paris", "Sorry, I live in Lyon"], "Lyon"),
        (["in Paris", "A: Anything else?", "in Lyon instead"], "Lyon"),
        (["in Paris, no wait, in Lyon"], "Lyon"),
        (["I live in Paris", "A: Is it warm?", "Is it warm in Lyon?"], "Paris"),
        (["I live in Paris", "not in Lyon"], "Paris"),
    ],
    ids=lambda given: " | ".join(given) if isinstance(given, list) else given,
)
def test_what_is_said_later_stands_and_a_question_never_replaces_a_statement(lines: list[str], city: str) -> None:
    assert sure([CITY], *lines) == {"city": city}


def test_an_offer_that_is_accepted_takes_back_the_value_that_it_contradicts() -> None:
    asked = ["I'd like to come on the 5th at 5 pm", "A: Only the 6th is free, at 5 pm."]
    fields = [VISIT, WantedField("visit_time")]
    assert sure(fields, *asked, "No, then forget it.") == {"visit_date": "2019-03-05", "visit_time": "5 pm"}
    assert sure(fields, *asked, "That's fine.") == {"visit_time": "5 pm"}
    assert sure(fields, *asked, "How long does it take?") == {"visit_date": "2019-03-05", "visit_time": "5 pm"}


def test_an_offer_that_names_the_value_among_others_takes_nothing_back() -> None:
    assert sure([SHIPPING], "express please", "A: We have express, standard and pickup. Express, then?", "Yes") == {"shipping_method": "express"}


def test_a_day_is_as_spoken_and_unsure_where_nobody_knows_which_month_is_meant() -> None:
    assert sure([VISIT], "on 03/04/2019") == {}
    assert found([VISIT], "on 03/04/2019")["visit_date"].value == "03/04/2019"


def test_words_of_the_field_itself_are_no_value() -> None:
    assert sure([WantedField("area", description="City of the apartment")], "A: Where?", "in the Apartment") == {}
