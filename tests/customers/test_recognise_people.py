"""Recognise who writes: one customer per address, whoever comes first; a name is learnt once."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.events import EventRow
from contactcenter.customers.models import Customer, Identity, Organisation
from contactcenter.customers.service import (
    IdentityKind,
    add_identity,
    address_of,
    canonical_address,
    display_name,
    edit_customer,
    find_by_identity,
    identify,
)
from tests.rivals import until_somebody_waits
from tests.world import World


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        ("email", " Wang.Li@Example.CN ", "wang.li@example.cn"),
        ("phone", "020 7946 0018", "+442079460018"),
        ("phone", "+86 138 0013 8000", "+8613800138000"),
        ("visitor", " 1f3a ", "1f3a"),
    ],
)
def test_address_has_one_spelling(kind: IdentityKind, value: str, canonical: str) -> None:
    assert canonical_address(kind, value) == canonical
    assert canonical_address(kind, canonical) == canonical


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", ""),
        ("email", "nobody"),
        ("email", "a b@c.d"),
        ("email", "a@b@c"),
        ("email", "<a@b.c>"),
        ("phone", ""),
        ("phone", "call me"),
        ("phone", "12"),
        ("phone", "+999999999999999999"),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(kind: IdentityKind, value: str) -> None:
    with pytest.raises(Invalid, match=r"is not an? (e-mail address|phone number)"):
        canonical_address(kind, value)


@given(st.text(st.characters(), max_size=60), st.sampled_from(["email", "phone"]))
def test_any_text_is_an_address_or_refused(value: str, kind: IdentityKind) -> None:
    try:
        canonical = canonical_address(kind, value)
    except Invalid:
        return
    assert "\0" not in canonical
    assert canonical_address(kind, canonical) == canonical


def test_known_address_is_known_again_and_its_name_stays(db_session: Session, world: World) -> None:
    again = identify(db_session, "email", "WANG.LI@example.cn", name="Somebody Else", language="en")
    assert again.id == world.wang_li.id
    assert (again.name, again.language) == ("王丽", "zh")


def test_name_is_learnt_when_it_was_missing(db_session: Session, world: World) -> None:
    first = identify(db_session, "phone", "020 7946 0018")
    assert display_name(first) == "+442079460018"
    assert identify(db_session, "phone", "+442079460018", name=" Jo\0hn ").id == first.id
    assert display_name(first) == "John"


def test_visitor_without_name_is_a_number_and_never_his_token(db_session: Session, world: World) -> None:
    visitor = identify(db_session, "visitor", "1f3a", language="xx")
    assert display_name(visitor) == f"Visitor {visitor.id}"
    assert visitor.language == "en"
    assert address_of(visitor, "email") is None


def test_mail_address_joins_its_organisation(db_session: Session, world: World) -> None:
    firm = Organisation(name="Acme", domain="acme.example")
    db_session.add(firm)
    db_session.flush()
    assert identify(db_session, "email", "Jo@ACME.example").organisation is firm
    assert identify(db_session, "email", "jo@acme.example.net").organisation is None


def test_same_value_of_another_kind_is_somebody_else(db_session: Session, world: World) -> None:
    mail = identify(db_session, "email", "a@b.example")
    visitor = identify(db_session, "visitor", "a@b.example")
    assert mail.id != visitor.id


def test_merged_customers_lead_to_the_last_survivor(db_session: Session, world: World) -> None:
    chain = [identify(db_session, "email", f"jo{n}@example.com") for n in range(3)]
    chain[0].merged_into_id, chain[1].merged_into_id = chain[1].id, chain[2].id
    db_session.flush()
    assert find_by_identity(db_session, "email", "jo0@example.com") is chain[2]
    assert identify(db_session, "email", "jo0@example.com").id == chain[2].id
    with pytest.raises(Conflict, match="belongs to another customer"):
        add_identity(db_session, world.wang_li, "email", "jo0@example.com", actor="user:1")


def test_address_is_added_once_and_told(db_session: Session, world: World) -> None:
    first = add_identity(db_session, world.wang_li, "phone", "020 7946 0018", actor=world.alice.actor)
    again = add_identity(db_session, world.wang_li, "phone", "+44 20 7946 0018", actor=world.alice.actor)
    assert first is again
    told = select(func.count()).where(EventRow.name == "customer.identity_added")
    assert db_session.scalar(told) == 1
    assert identify(db_session, "phone", "+442079460018").id == world.wang_li.id


def test_customer_changed_meanwhile_is_not_overwritten(db_session: Session, world: World) -> None:
    seen = world.wang_li.version
    edit_customer(db_session, world.wang_li, seen, {"segment": "gold"}, actor=world.alice.actor)
    with pytest.raises(Conflict, match="changed this customer meanwhile"):
        edit_customer(db_session, world.wang_li, seen, {"segment": "silver"}, actor=world.bob.actor)
    assert world.wang_li.segment == "gold"


@pytest.mark.parametrize(
    "changes",
    [{"language": "fr"}, {"adjustments": ["bribes"]}, {"merged_into_id": 1}, {"version": 9}, {"id": 1}],
)
def test_unknown_field_or_value_is_refused(
    db_session: Session, world: World, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        edit_customer(db_session, world.wang_li, world.wang_li.version, changes, actor=world.alice.actor)
    assert world.wang_li.version == 1


def test_two_who_greet_a_new_customer_at_once_meet_the_same_one(clean_database: Engine) -> None:
    names: dict[str, int] = {}

    def greet(who: str) -> None:
        with Session(clean_database) as session, session.begin():
            names[who] = identify(session, "email", "new@example.com").id

    with Session(clean_database) as first:
        with first.begin():
            mine = identify(first, "email", "new@example.com").id
            other = threading.Thread(target=greet, args=("other",))
            other.start()
            until_somebody_waits(clean_database)
        other.join(timeout=10)
        assert names == {"other": mine}
        assert first.scalar(select(func.count()).select_from(Customer)) == 1
        assert first.scalar(select(func.count()).select_from(Identity)) == 1
        created = select(func.count()).where(EventRow.name == "customer.created")
        assert first.scalar(created) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 5),
        ("name", "x" * 201),
        ("language", "tlh"),
        ("language", None),
        ("zone", "Moon"),
        ("zone", 3),
        ("segment", None),
        ("vulnerable", "yes"),
        ("adjustments", "no_calls"),
        ("adjustments", [["no_calls"]]),
        ("merged_into_id", 1),
    ],
)
def test_field_of_the_wrong_type_changes_nothing(
    db_session: Session, world: World, field: str, value: object
) -> None:
    customer = world.wang_li
    with pytest.raises(Invalid) as refused:
        edit_customer(db_session, customer, customer.version, {field: value}, actor="system")
    assert refused.value.field == field
    assert customer.version == 1
