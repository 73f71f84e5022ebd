"""Where one model has read the agreed facts of all cases they are compared by what they mean, else by their words."""

from array import array
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.complaints import meaning
from contactcenter.complaints.comparison import compare
from contactcenter.complaints.likeness import METHOD
from contactcenter.complaints.meaning import CATCH_UP, READ_FACTS, catch_up, direction_of, read_facts, sealed
from contactcenter.complaints.models import ComplaintCase, ComplaintPrecedent
from contactcenter.complaints.precedents import find_neighbours
from contactcenter.complaints.vault import shred
from contactcenter.core import outbox
from contactcenter.core.config import get_settings
from contactcenter.core.outbox import OutboxRow
from tests.complaints.staff import MONDAY, Desk, admitted, decide, decided, opened
from tests.complaints.test_similar_cases import Earlier
from tests.world import World

OLD, NEW = "meaning-1/onnx:old", "meaning-1/onnx:new"
ROUTER: Final = (100, 0, 0, 0)
NEAR_ROUTER: Final = (87, 50, 0, 0)  # cosine 0.87
HALFWAY: Final = (37, 93, 0, 0)  # cosine 0.37, halfway between unlike and alike
MANNERS: Final = (0, 0, 100, 0)


def packed(direction: Sequence[int]) -> bytes:
    return bytes(number % 256 for number in direction)


class Model:
    """A model that gives what it was told to, and counts how often it was asked."""

    def __init__(self, direction: Sequence[int] = ROUTER) -> None:
        self.direction, self.asked = direction, list[Sequence[str]]()

    def read(self, facts: Sequence[str]) -> bytes:
        self.asked.append(list(facts))
        return packed(self.direction)


def understood(case: ComplaintCase, direction: Sequence[int], method: str = NEW) -> ComplaintCase:
    """As if the model had read its facts so."""
    case.fact_vector, case.fact_method = sealed(packed(direction)), method
    return case


def asked(session: Session, task: str) -> list[OutboxRow]:
    """What still waits for the model."""
    waiting = select(OutboxRow).where(OutboxRow.task == task, OutboxRow.done_at.is_(None))
    return list(session.scalars(waiting.order_by(OutboxRow.id)))


def finish(session: Session, task: str) -> list[outbox.Args]:
    """As if a worker had done what waits; what it was asked."""
    rows = asked(session, task)
    for row in rows:
        row.done_at = MONDAY
    session.flush()
    return [row.args for row in rows]


def forget_in_memory(desk: Desk) -> None:
    """Like the next request, which has the row alone."""
    desk.session.flush()
    desk.session.expire_all()


@pytest.fixture
def desk(db_session: Session, world: World) -> Desk:
    return admitted(db_session, world)


@pytest.fixture
def earlier(desk: Desk) -> Earlier:
    return Earlier(desk)


def test_agreed_facts_are_given_to_the_model_by_the_number_of_their_case_alone(desk: Desk) -> None:
    [row] = asked(desk.session, READ_FACTS)
    assert (row.queue, row.args) == ("nlp", {"case_id": desk.case.id})


def test_facts_are_read_once_however_often_the_job_comes(desk: Desk) -> None:
    model = Model()
    for _time in range(2):
        read_facts(desk.session, desk.case.id, NEW, model.read)
    assert model.asked == [["rude on the phone"]]
    assert direction_of(desk.case.fact_vector) == array("b", ROUTER)
    assert desk.case.fact_method == NEW


def test_a_job_that_breaks_off_leaves_nothing_and_is_done_the_next_time(desk: Desk) -> None:
    """A worker that is killed loses its transaction; the row of the outbox stays."""
    [row] = asked(desk.session, READ_FACTS)
    model, broken = Model(), True

    def handle(session: Session, args: outbox.Args) -> None:
        read_facts(session, args["case_id"], NEW, model.read)
        if broken:
            raise RuntimeError("killed")

    outbox.register(READ_FACTS, handle)
    with pytest.raises(RuntimeError), desk.session.begin_nested():
        outbox.perform(desk.session, row.id)
    desk.session.refresh(desk.case)
    assert desk.case.fact_method == ""
    broken = False
    assert outbox.perform(desk.session, row.id)
    assert not outbox.perform(desk.session, row.id)
    assert (desk.case.fact_method, len(model.asked)) == (NEW, 2)


def test_what_facts_mean_cannot_be_read_without_the_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read_facts(desk.session, desk.case.id, NEW, Model().read)
    kept = desk.case.fact_vector
    assert kept is not None
    assert b64encode(packed(ROUTER)).decode() not in kept
    monkeypatch.setenv("SECRET_KEY", "another-" * 8)
    get_settings.cache_clear()
    assert direction_of(kept) is None


def test_an_erased_case_has_no_meaning_and_gets_none_again(desk: Desk) -> None:
    read_facts(desk.session, desk.case.id, OLD, Model().read)
    forget_in_memory(desk)
    shred(desk.session, desk.case)
    forget_in_memory(desk)
    model = Model()
    read_facts(desk.session, desk.case.id, NEW, model.read)
    catch_up(desk.session, 0, NEW)
    assert (desk.case.fact_vector, desk.case.fact_method, model.asked) == (None, "", [])
    assert len(asked(desk.session, READ_FACTS)) == 1, "only what the admission asked for"


def test_a_case_without_agreed_facts_is_not_read(db_session: Session, world: World) -> None:
    case, model = opened(db_session, world).case, Model()
    assert asked(db_session, READ_FACTS) == []
    read_facts(db_session, case.id, NEW, model.read)
    assert (case.fact_method, model.asked) == ("", [])


def test_other_facts_forget_what_was_read_and_ask_anew(desk: Desk) -> None:
    read_facts(desk.session, desk.case.id, NEW, Model().read)
    desk.case.fact_words = {"other": 1}  # as if other points had been agreed before
    forget_in_memory(desk)
    desk.do("start", desk.world.ivan.actor, MONDAY.replace(day=3), declaration="none")
    forget_in_memory(desk)
    assert (desk.case.fact_vector, desk.case.fact_method) == (None, "")
    assert len(asked(desk.session, READ_FACTS)) == 2


def test_the_same_facts_stay_read_through_later_steps(desk: Desk) -> None:
    read_facts(desk.session, desk.case.id, NEW, Model().read)
    desk.do("start", desk.world.ivan.actor, MONDAY.replace(day=3), declaration="none")
    assert desk.case.fact_method == NEW
    assert len(asked(desk.session, READ_FACTS)) == 1


def test_cases_are_compared_by_meaning_once_all_have_been_read(earlier: Earlier) -> None:
    understood(earlier.desk.case, ROUTER)
    same = understood(earlier.decided("吼叫"), NEAR_ROUTER)
    halfway = understood(earlier.decided("shouting"), HALFWAY)
    other = understood(earlier.decided("rude on the phone"), MANNERS)
    unknown = earlier.decided()
    assert earlier.compared().method == NEW
    found = earlier.found()
    assert found[same.reference].s == 1
    assert found[halfway.reference].s == pytest.approx(0.75, abs=0.01)
    assert found[other.reference].s == 0.5, (
        "the words are the same, yet the model says that the matter is not"
    )
    assert found[unknown.reference].s == 1, "nothing is known of its facts: gravity alone"


@pytest.mark.parametrize("method", ["", OLD], ids=["not read yet", "read by an older model"])
def test_one_case_that_was_not_read_by_the_same_model_has_all_compared_by_words(
    earlier: Earlier, method: str
) -> None:
    understood(earlier.desk.case, ROUTER)
    understood(earlier.decided("something else"), ROUTER)
    same = understood(earlier.decided("rude on the phone"), MANNERS, method)
    compared = earlier.compared()
    assert compared.method == METHOD
    assert max(compared.neighbours, key=lambda one: one.s).reference == same.reference


def test_what_another_key_has_sealed_is_not_compared_by_gravity_alone(
    earlier: Earlier, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood(earlier.desk.case, ROUTER)
    understood(earlier.decided("something else"), ROUTER)
    monkeypatch.setenv("SECRET_KEY", "another-" * 8)
    get_settings.cache_clear()
    compared = earlier.compared()
    assert (compared.method, compared.neighbours[0].s) == (METHOD, 0.5)


def test_a_decision_keeps_how_it_was_compared_and_staff_see_it(db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    understood(desk.case, ROUTER)
    db_session.flush()
    seen = compare(db_session, world.bob, desk.case, find_neighbours(db_session, desk.case))
    assert seen is not None
    assert seen.by_meaning
    decide(desk)
    assert db_session.get_one(ComplaintPrecedent, desk.case.id).method == NEW


def test_a_decision_made_before_the_model_came_says_so(db_session: Session, world: World) -> None:
    case = decided(db_session, world).case
    assert db_session.get_one(ComplaintPrecedent, case.id).method == METHOD


def test_earlier_cases_are_read_by_a_new_model_a_few_at_a_time(
    earlier: Earlier, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = earlier.desk.session
    monkeypatch.setattr(meaning, "BATCH", 2)
    behind = [understood(earlier.decided("late"), ROUTER, method) for method in (OLD, OLD, "")]
    understood(earlier.decided("late"), ROUTER, NEW)
    shred(session, understood(earlier.decided("late"), ROUTER, OLD))
    everyone = [earlier.desk.case, *behind]
    finish(session, READ_FACTS)
    batches, following = list[list[int]](), [{"after": 0}]
    while following:
        catch_up(session, following[0]["after"], NEW)
        batches.append([args["case_id"] for args in finish(session, READ_FACTS)])
        following = finish(session, CATCH_UP)
    assert batches == [[one.id for one in everyone[:2]], [one.id for one in everyone[2:]], []]


def test_catching_up_is_planned_once_at_a_time(db_session: Session, world: World) -> None:
    for _start in range(2):
        meaning.plan_catching_up(db_session)
    [row] = asked(db_session, CATCH_UP)
    assert (row.queue, row.args) == ("nlp", {"after": 0})
    row.done_at = MONDAY
    meaning.plan_catching_up(db_session)
    assert len(asked(db_session, CATCH_UP)) == 1
