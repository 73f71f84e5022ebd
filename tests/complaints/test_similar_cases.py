"""Cases are compared by what happened and how grave it was, never by who complains."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from contactcenter.complaints.likeness import METHOD, count_words, likeness
from contactcenter.complaints.model import Neighbour
from contactcenter.complaints.models import ComplaintCase, ComplaintPrecedent
from contactcenter.complaints.precedents import Precedents, find_neighbours
from contactcenter.complaints.service import open_case
from contactcenter.complaints.similar import nearest
from contactcenter.complaints.vault import shred
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import clock
from contactcenter.core.config import get_settings
from contactcenter.tickets.models import Ticket
from tests.complaints.staff import MONDAY, Desk, admitted, decided
from tests.world import World

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 9), max_size=6)


@given(COUNTS, st.lists(COUNTS, max_size=6))
def test_likeness_is_a_share_and_the_same_from_both_sides(
    one: dict[str, int], others: list[dict[str, int]]
) -> None:
    for other, found in zip(others, likeness(one, others), strict=True):
        if not one or not other:
            assert found is None
            continue
        assert found is not None
        assert 0 <= found <= 1
        assert (found == 0) == (not one.keys() & other.keys())
        rest = [each for each in others if each is not other]
        assert likeness(other, [one, *rest])[0] == pytest.approx(found)


@given(COUNTS.filter(bool))
def test_the_same_facts_are_wholly_alike(one: dict[str, int]) -> None:
    assert likeness(one, [dict(one)]) == [pytest.approx(1)]


def test_a_rare_word_in_common_says_more_than_one_that_all_have() -> None:
    mine = {"refund": 1, "router": 1}
    by_rare, by_common, *_rest = likeness(
        mine, [{"router": 1, "x": 1}, {"refund": 1, "x": 1}, {"refund": 1}, {"refund": 1}]
    )
    assert by_rare is not None
    assert by_common is not None
    assert by_rare > by_common


def test_words_are_kept_as_hashes_that_need_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = count_words(["The refund never came", "退款没有到账"])
    assert not {"refund", "退款", "退"} & counted.keys()
    assert all(len(word) == 10 for word in counted)
    assert likeness(counted, [count_words(["没有收到退款"])])[0] == pytest.approx(0.3, abs=0.2)
    monkeypatch.setenv("SECRET_KEY", "another-" * 8)
    get_settings.cache_clear()
    assert not counted.keys() & count_words(["The refund never came"]).keys()


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    """Wang Li's case about rudeness on the phone, admitted: conduct, severity 2, harm 1."""
    return admitted(db_session, world)


class Earlier:
    """Decided cases of other customers."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.n = desk, 0

    def decided(self, *facts: str, severity: int = 2, days_ago: int = 30, **more: object) -> ComplaintCase:
        self.n += 1
        session, world = self.desk.session, self.desk.world
        sender = Sender("email", str(more.pop("email", f"customer{self.n}@example.com")))
        with clock.frozen(MONDAY - timedelta(days=days_ago)):
            inbound = Inbound("email", world.support.id, sender, "Once more.", subject="Again")
            ticket = session.get_one(Ticket, receive(session, inbound).ticket_id)
            case = open_case(session, ticket, actor="system", text="Once more.", channel="email")
            case.fact_words = count_words(facts)
            row = {"upheld": True, "goodwill": 5000, "deviation": False, "category": "conduct", **more}
            session.add(
                ComplaintPrecedent(case_id=case.id, severity=severity, harm=1, decided_at=clock.now(), **row)
            )
        session.flush()
        return case

    def compared(self) -> Precedents:
        with clock.frozen(MONDAY + timedelta(days=1)):
            return find_neighbours(self.desk.session, self.desk.case)

    def found(self) -> dict[str, Neighbour]:
        return {one.reference: one for one in self.compared().neighbours}


@pytest.fixture
def earlier(desk: Desk) -> Earlier:
    return Earlier(desk)


def test_the_same_facts_are_nearer_than_the_same_gravity(earlier: Earlier) -> None:
    same = earlier.decided("rude on the phone")
    other = earlier.decided("the meter was read wrongly")
    graver = earlier.decided("rude on the phone", severity=4)
    found = earlier.found()
    assert found[same.reference].s == pytest.approx(1)
    assert found[other.reference].s < 0.6, "its gravity alone does not make it comparable"
    assert found[other.reference].s < found[graver.reference].s < found[same.reference].s
    assert [one.reference for one in nearest(list(found.values()))] == [same.reference, graver.reference]


@pytest.mark.parametrize(
    "changes",
    [{"deviation": True}, {"category": "billing"}, {"days_ago": 731}, {"email": "wang.li@example.cn"}],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_not_compared(earlier: Earlier, changes: dict[str, object]) -> None:
    earlier.decided("rude on the phone", **changes)  # type: ignore[arg-type]  # as the keywords of `decided`
    assert earlier.found() == {}


def test_an_erased_case_has_no_words_and_counts_by_its_gravity(earlier: Earlier) -> None:
    gone = earlier.decided("the meter was read wrongly")
    shred(earlier.desk.session, gone)
    assert gone.fact_words == {}
    assert earlier.found()[gone.reference].s == 1


def test_facts_are_kept_as_soon_as_they_are_agreed_and_a_decision_says_how_it_was_compared(
    db_session: Session, world: World
) -> None:
    case = decided(db_session, world).case
    assert case.fact_words == count_words(["rude on the phone"])
    assert db_session.get_one(ComplaintPrecedent, case.id).method == METHOD
