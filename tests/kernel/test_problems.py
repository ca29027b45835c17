"""Problems: one body for every error, with the code that programs match on."""

import pytest

from factbook.kernel import problems
from factbook.kernel.problems import FieldError, Problem, ProblemKind

KIND = ProblemKind("record_differs", 409, "Another record has this id")
DECLARED = [value for value in vars(problems).values() if isinstance(value, ProblemKind)]


def test_the_body_has_the_members_of_rfc_9457_and_ours_and_no_others() -> None:
    problem = KIND.because("It differs.", [FieldError("records[1].id", "differs"), FieldError("records[2].id", "differs too")])
    assert problem.body("r-1") == {
        "type": "urn:factbook:problem:record_differs",
        "title": "Another record has this id",
        "status": 409,
        "code": "record_differs",
        "detail": "It differs.",
        "errors": [{"field": "records[1].id", "message": "differs"}, {"field": "records[2].id", "message": "differs too"}],
        "request_id": "r-1",
    }


def test_members_without_a_value_are_present_all_the_same() -> None:
    body = KIND.because("It differs.").body(None)
    assert body["errors"] == []
    assert body["request_id"] is None


def test_a_problem_is_raised_with_its_kind_and_headers() -> None:
    with pytest.raises(Problem, match=r"^record_differs: It differs\.$") as caught:
        raise KIND.because("It differs.", headers={"Allow": "GET"})
    assert caught.value.kind is KIND
    assert caught.value.headers == {"Allow": "GET"}


def test_a_problem_keeps_the_headers_it_was_given() -> None:
    headers = {"Allow": "GET"}
    problem = KIND.because("It differs.", headers=headers)
    headers["Allow"] = "POST"
    assert problem.headers == {"Allow": "GET"}


def test_no_two_declared_kinds_share_a_code() -> None:
    codes = [kind.code for kind in DECLARED]
    assert len(DECLARED) >= 11
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.code)
def test_a_declared_kind_has_a_code_for_programs_and_a_title_for_people(kind: ProblemKind) -> None:
    assert kind.code == kind.code.lower()
    assert kind.code.replace("_", "").isalpha()
    assert 400 <= kind.status <= 599
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
