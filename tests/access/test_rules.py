"""Who may do what, the scopes there are, and the names that are refused."""

from uuid import UUID

import pytest

from factbook.access import Principal, PrincipalKind, Scope, parse_scopes, require_human, require_human_or_scope, require_scope
from factbook.access.rules import check_principal_name, check_tenant_name
from factbook.kernel.problems import Problem


def principal(kind: PrincipalKind, *scopes: Scope) -> Principal:
    return Principal(UUID(int=1), UUID(int=2), kind, "Somebody", frozenset(scopes))


HUMAN = principal(PrincipalKind.HUMAN)
SERVICE = principal(PrincipalKind.SERVICE)


def test_a_scope_is_required_of_humans_and_services_alike() -> None:
    for kind in PrincipalKind:
        require_scope(principal(kind, Scope.ADMIN), Scope.ADMIN)
        with pytest.raises(Problem, match="admin") as raised:
            require_scope(principal(kind, Scope.TRUTH_WRITE, Scope.CUSTOMERS_WRITE), Scope.ADMIN)
        assert (raised.value.kind.code, raised.value.kind.status) == ("scope_required", 403)


def test_no_scope_makes_a_human_of_a_service() -> None:
    require_human(HUMAN)
    with pytest.raises(Problem) as raised:
        require_human(principal(PrincipalKind.SERVICE, *Scope))
    assert (raised.value.kind.code, raised.value.kind.status) == ("human_required", 403)


def test_a_human_needs_no_scope_where_a_service_needs_one() -> None:
    require_human_or_scope(HUMAN, Scope.CUSTOMERS_WRITE)
    require_human_or_scope(principal(PrincipalKind.SERVICE, Scope.CUSTOMERS_WRITE), Scope.CUSTOMERS_WRITE)
    with pytest.raises(Problem) as raised:
        require_human_or_scope(SERVICE, Scope.CUSTOMERS_WRITE)
    assert raised.value.kind.code == "scope_required"


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("", set()),
        ("  ", set()),
        ("all", set(Scope)),
        (" all ", set(Scope)),
        ("admin", {Scope.ADMIN}),
        ("truth:write,customers:write", {Scope.TRUTH_WRITE, Scope.CUSTOMERS_WRITE}),
        (" truth:write , truth:write", {Scope.TRUTH_WRITE}),
    ],
)
def test_scopes_are_read_from_a_list_or_from_all(text: str, scopes: set[Scope]) -> None:
    assert parse_scopes(text) == scopes


@pytest.mark.parametrize("text", ["everything", "admin,everything", "ADMIN", "admin,", ",", "all,admin", "admin truth:write", "admin\0"])
def test_an_unknown_scope_is_refused_with_the_known_ones_and_without_what_was_sent(text: str) -> None:
    with pytest.raises(
        ValueError, match="customers:write, conversations:write, profiles:write, persons:write, truth:write, admin, and all"
    ) as raised:
        parse_scopes(text)
    assert "everything" not in str(raised.value)


@pytest.mark.parametrize("name", ["A", "a" * 100, "Bike & Sons", "Büro Łódź", "山田\u3000太郎", "😀"])
def test_ordinary_names_are_taken(name: str) -> None:
    check_tenant_name(name)
    check_principal_name(name)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "empty or blank"),
        (" \t", "empty or blank"),
        ("a" * 201, "longer than"),
        ("Ada\0", "control character"),
        ("Ada\nLovelace", "control character"),
        ("Ada\ud800", "surrogate"),
    ],
)
def test_unfit_names_are_refused_in_plain_words(name: str, complaint: str) -> None:
    for check in (check_tenant_name, check_principal_name):
        with pytest.raises(ValueError, match=complaint) as raised:
            check(name)
        assert "Ada" not in str(raised.value)


def test_tenants_have_shorter_names_than_principals() -> None:
    check_principal_name("a" * 200)
    with pytest.raises(ValueError, match="longer than 100 characters"):
        check_tenant_name("a" * 101)
