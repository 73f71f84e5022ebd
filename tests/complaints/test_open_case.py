"""A complaint is taken in, acknowledged at once, and followed to its end."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contactcenter.complaints.access import View, access_case
from contactcenter.complaints.answers import answer_expectation, answer_survey
from contactcenter.complaints.links import case_behind, issue_link
from contactcenter.complaints.lists import Wish, clocks_near, list_cases
from contactcenter.complaints.models import (
    ComplaintCase,
    ComplaintEvent,
    ComplaintLetter,
    ComplaintRefusal,
    ComplaintValue,
)
from contactcenter.complaints.post import ask_for_link
from contactcenter.complaints.queries import view_case, view_status
from contactcenter.complaints.service import act_for_time, apply, dry_run, open_case, tick
from contactcenter.complaints.vault import load_events, shred
from contactcenter.complaints.verify import verify_all, verify_case
from contactcenter.conversations.models import Message
from contactcenter.conversations.personal_link import text_for_customer
from contactcenter.core import clock, outbox, timers
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.events import EventRow
from contactcenter.core.i18n import speaking
from contactcenter.core.outbox import OutboxRow
from contactcenter.customers.claims import accept_claim, claim_email, open_claims
from contactcenter.customers.models import Customer
from contactcenter.surveys.models import FollowUp, SurveyAnswer
from contactcenter.tickets import sla
from contactcenter.tickets.service import answer_complaint, set_status
from tests.complaints.staff import MONDAY, STORY, admitted, decided, in_follow_up, opened, written_ticket
from tests.due import fire_next
from tests.world import World, build_world


def test_complaint_is_received_and_acknowledged_at_once(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    case = desk.case
    assert (case.state, case.events_n, case.next_clock) == ("acknowledged", 3, "assess")
    assert (case.ticket.complaint_ref, case.ticket.kind) == (case.reference, "complaint")
    names = db_session.scalars(select(EventRow.name).where(EventRow.ticket_id == case.ticket_id)).all()
    assert {"complaint.opened", "complaint.moved"} <= set(names)
    letters = db_session.scalars(select(ComplaintLetter).order_by(ComplaintLetter.id)).all()
    assert [letter.kind for letter in letters] == ["receipt", "acknowledgement"]


def test_second_complaint_on_a_ticket_is_refused(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    with pytest.raises(Conflict, match=desk.case.reference):
        open_case(db_session, desk.case.ticket, actor="system", text="again", channel="email")


def test_blank_story_is_refused_with_a_sentence(db_session: Session, world: World) -> None:
    ticket = written_ticket(db_session, world)
    with pytest.raises(Invalid, match="Tell in a few words"):
        open_case(db_session, ticket, actor=world.wang_li.actor, text="  ", channel="email")


def test_letters_leave_once_on_the_mail_conversation_in_her_language(
    db_session: Session, world: World
) -> None:
    desk = opened(db_session, world)
    rows = db_session.scalars(select(OutboxRow).where(OutboxRow.task == "complaints.letter")).all()
    with clock.frozen(MONDAY):
        assert [outbox.perform(db_session, row.id) for row in rows] == [True, True]
        db_session.flush()
        assert not outbox.perform(db_session, rows[0].id)
    query = select(Message).where(Message.ticket_id == desk.case.ticket_id, Message.author == "agent")
    sent = db_session.scalars(query.order_by(Message.id)).all()
    assert len(sent) == 2
    assert desk.case.reference in sent[1].body
    assert "/complaint/…" in sent[1].body, "staff of the ticket read this"
    link = re.search(r"/complaint/([\w-]{20,})", text_for_customer(sent[1]))
    assert link is not None
    assert case_behind(db_session, link[1]) is desk.case
    assert desk.case.language == "zh"


def test_link_opens_one_case_and_slides(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    with clock.frozen(MONDAY):
        token = issue_link(db_session, desk.case).rsplit("/", 1)[1]
        db_session.flush()
    with clock.frozen(MONDAY + timedelta(days=29)):
        found = case_behind(db_session, token)
    assert found is desk.case
    with clock.frozen(MONDAY + timedelta(days=58)):
        assert case_behind(db_session, token) is desk.case
    with clock.frozen(MONDAY + timedelta(days=90)):
        assert case_behind(db_session, token) is None
    assert case_behind(db_session, "forged") is None


def test_refusal_changes_nothing_and_is_kept(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    before = (desk.case.head, desk.case.events_n)
    data = {
        "key_points": ["x"],
        "category": "c",
        "severity": 2,
        "investigator": world.alice.actor,
        "declaration": "none",
    }
    with clock.frozen(MONDAY):
        outcome = apply(db_session, desk.case, "admit", world.mallory.actor, data)
    assert [one.rule for one in outcome.violations] == ["F-01"]
    assert outcome.violations[0].eligible == (world.ivan.actor,)
    assert (desk.case.head, desk.case.events_n) == before
    refusal = db_session.scalars(select(ComplaintRefusal)).one()
    assert (refusal.name, refusal.rules) == ("admit", ["F-01"])


def test_unknown_key_is_bad_input_not_a_refusal(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    with pytest.raises(Invalid, match="did you mean text"):
        apply(db_session, desk.case, "comment", world.alice.actor, {"txt": "hello"})
    assert db_session.scalar(select(func.count()).select_from(ComplaintRefusal)) == 0


def test_whole_way_to_the_end(db_session: Session, world: World) -> None:
    desk = in_follow_up(db_session, world)
    assert desk.case.state == "follow_up"
    desk.do(
        "root_cause", world.ivan.actor, MONDAY.replace(day=9), level1="people", level2="tone", factor="shifts"
    )
    with clock.frozen(MONDAY.replace(day=10)):
        outcome = answer_survey(db_session, desk.case, {"perception": 9, "resolved": 1})
        assert outcome.accepted
        assert timers.next_due_at(db_session) is not None
        assert tick(db_session) == 1
    assert desk.case.state == "closed"
    assert list(verify_all(db_session)) == []


def test_answers_that_come_too_early_are_not_kept(db_session: Session, world: World) -> None:
    """Before there is a decision nobody can say how it went, and no figure may count it."""
    desk = opened(db_session, world)
    with clock.frozen(MONDAY):
        outcome = answer_survey(db_session, desk.case, {"perception": 1, "resolved": 0})
    assert not outcome.accepted
    assert db_session.scalar(select(func.count()).select_from(SurveyAnswer)) == 0


def test_unhappy_answer_plans_a_contact_by_somebody_else(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    with clock.frozen(MONDAY):
        answer_expectation(db_session, desk.case, 8)
    db_session.rollback()
    desk = in_follow_up(db_session, world)
    assert db_session.scalar(select(FollowUp)) is None
    with clock.frozen(MONDAY.replace(day=10)):
        answer_survey(db_session, desk.case, {"perception": 2, "resolved": 0})
    task = db_session.scalars(select(FollowUp)).one()
    assert (task.subject_id, task.state) == (desk.case.reference, "due")
    call = {"result": "done", "local_time": "2026-11-10T10:00", "zone": "Europe/London", "channel": "email"}
    with clock.frozen(MONDAY.replace(day=11)):
        refused = apply(
            db_session, desk.case, "callback", world.mallory.actor, {"person": world.mallory.actor, **call}
        )
    assert [one.rule for one in refused.violations] == ["U-03"]
    assert world.mallory.actor not in refused.violations[0].eligible


def test_time_tells_the_customer_before_it_is_late(db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    with clock.frozen(MONDAY.replace(day=12)):
        acts = act_for_time(db_session, desk.case)
    assert {"delay_notice", "escalate_50"} <= set(acts)
    names = db_session.scalars(select(EventRow.name).where(EventRow.name.like("complaint.clock%"))).all()
    assert "complaint.clock_near" in names
    with clock.frozen(MONDAY.replace(day=17)):
        assert "breach" in act_for_time(db_session, desk.case)
    assert "decision" in desk.case.breached


def test_timer_row_of_a_case_fires_its_acts(db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    due = desk.case.next_act_at
    assert due is not None
    with clock.frozen(due):
        while fire_next(db_session):
            db_session.flush()
    assert desk.case.next_act_at is not None
    assert desk.case.next_act_at > due


def test_database_refuses_to_change_or_delete_an_event(db_session: Session, world: World) -> None:
    opened(db_session, world)
    for statement in ("UPDATE complaint_event SET name = 'x'", "DELETE FROM complaint_event"):
        nested = db_session.begin_nested()
        with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
            db_session.execute(text(statement))
        nested.rollback()


def test_tampering_is_named(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    assert verify_case(db_session, desk.case) is None
    value = db_session.get_one(ComplaintValue, (desk.case.id, 1))
    kept, value.sealed = value.sealed, value.sealed[:-8] + "AAAAAAA="
    assert verify_case(db_session, desk.case) is not None
    value.sealed = kept
    desk.case.head = "0" * 64
    fault = verify_case(db_session, desk.case)
    assert fault is not None
    assert "head" in fault.what


def test_a_step_that_is_taken_during_the_proof_is_no_fault(clean_database: Engine) -> None:
    with Session(clean_database, expire_on_commit=False) as session, Session(clean_database) as proof:
        desk = admitted(session, build_world(session))
        session.commit()
        proof.get_one(ComplaintCase, desk.case.id)
        desk.do("start", desk.world.ivan.actor, MONDAY.replace(hour=15), declaration="none")
        session.commit()
        assert list(verify_all(proof)) == []


def test_personal_words_are_never_in_an_event(db_session: Session, world: World) -> None:
    opened(db_session, world)
    stored = json.dumps(db_session.scalars(select(ComplaintEvent.data)).all())
    assert "refund" not in stored
    assert "wang.li" not in stored


def test_erased_case_keeps_a_valid_chain_and_no_words(db_session: Session, world: World) -> None:
    desk = decided(db_session, world)
    shred(db_session, desk.case)
    db_session.flush()
    assert verify_case(db_session, desk.case) is None
    assert load_events(db_session, desk.case)[0].data["text"] == ""
    page = view_case(db_session, desk.case)
    assert page.story == ""
    with pytest.raises(Conflict, match="erased"):
        apply(db_session, desk.case, "accept", desk.customer, {})
    assert all(letter.text is None for letter in page.letters)


def test_strangers_and_those_complained_about_learn_nothing(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    reference = desk.case.reference
    assert access_case(db_session, world.ivan, reference.lower())[1] is View.FULL
    assert access_case(db_session, world.bob, reference)[1] is View.STATUS
    for user in (world.alice, world.mallory):
        with pytest.raises(NotFound):
            access_case(db_session, user, reference)
    world.bob.roles = [*world.bob.roles, "sales"]
    with pytest.raises(NotFound):
        access_case(db_session, world.bob, reference)
    with pytest.raises(NotFound):
        access_case(db_session, world.ivan, "CMP-2611-AAAAAAA")


def test_lists_show_what_is_late_first(db_session: Session, world: World) -> None:
    desk = opened(db_session, world)
    assert list_cases(db_session, world.ivan, Wish()).items == [desk.case]
    assert list_cases(db_session, world.mallory, Wish()).items == []
    with clock.frozen(MONDAY):
        near = clocks_near(db_session, world.bob, before=MONDAY + timedelta(days=5))
    assert [(one.reference, one.clock, one.late) for one in near] == [(desk.case.reference, "assess", False)]


def test_status_page_says_where_it_stands_without_naming_staff(db_session: Session, world: World) -> None:
    desk = decided(db_session, world)
    with speaking("en"), clock.frozen(MONDAY.replace(day=5)):
        page = view_status(db_session, desk.case)
    assert (page.state, page.step, page.holder) == ("decided", "solve", "customer")
    assert page.timeline[0].line == "We received your complaint."
    assert not any(entry.who or entry.data for entry in page.timeline)
    assert page.next_due is not None


def test_dry_run_says_why_before_the_click(db_session: Session, world: World) -> None:
    desk = admitted(db_session, world)
    choices = {
        one.event: one for one in dry_run(db_session, desk.case, world.ivan.actor, MONDAY.replace(hour=13))
    }
    assert choices["start"].allowed
    assert choices["start"].needs_data
    assert [one.rule for one in choices["withdraw"].violations] == ["ACTOR"]
    mine = {one.event: one for one in dry_run(db_session, desk.case, desk.customer, MONDAY.replace(hour=13))}
    assert mine["withdraw"].allowed


def test_ticket_that_sounds_like_a_complaint_needs_an_answer(db_session: Session, world: World) -> None:
    ticket = written_ticket(db_session, world)
    ticket.complaint_likely = 0.9
    with pytest.raises(Conflict, match="looks like a complaint"):
        set_status(db_session, ticket, "solved", actor=world.alice.actor)
    answer_complaint(db_session, ticket, world.alice, yes=False, why="a question about the bill")
    set_status(db_session, ticket, "solved", actor=world.alice.actor)
    assert ticket.status == "solved"


def test_answer_yes_without_a_complaint_still_keeps_the_ticket_open(
    db_session: Session, world: World
) -> None:
    ticket = written_ticket(db_session, world)
    ticket.complaint_likely = 0.9
    answer_complaint(db_session, ticket, world.alice, yes=True, why="she is angry about a refund")
    with pytest.raises(Conflict):
        set_status(db_session, ticket, "solved", actor=world.alice.actor)
    with clock.frozen(MONDAY):
        open_case(db_session, ticket, actor=world.alice.actor, text=STORY, channel="email")
    set_status(db_session, ticket, "solved", actor=world.alice.actor)
    assert ticket.status == "solved"


@pytest.mark.parametrize(
    ("contact", "sent"), [(" Wang.Li@example.cn", 1), ("mallory@example.com", 0), ("", 0)]
)
def test_lost_link_is_sent_again_to_the_customer_only(
    db_session: Session, world: World, contact: str, sent: int
) -> None:
    desk = opened(db_session, world)
    with clock.frozen(MONDAY):
        ask_for_link(db_session, desk.case.reference.lower(), contact)
        ask_for_link(db_session, "CMP-2611-AAAAAAA", contact)
        rows = db_session.scalars(select(OutboxRow).where(OutboxRow.task == "complaints.link")).all()
        assert [outbox.perform(db_session, row.id) for row in rows] == [True] * sent
    bodies = db_session.scalars(select(Message.body).where(Message.author == "agent")).all()
    assert sum("/complaint/" in body for body in bodies) == sent


@pytest.mark.parametrize("joined", [False, True])
def test_lost_link_is_sent_again_to_whoever_typed_his_address(
    db_session: Session, world: World, joined: bool
) -> None:
    case = opened(db_session, world).case
    case.customer = Customer(name="Somebody")
    db_session.flush()
    claim_email(db_session, case.customer, "wang.li@example.cn")
    if joined:
        accept_claim(db_session, open_claims(db_session, case.customer)[0], actor="system")
    with clock.frozen(MONDAY):
        ask_for_link(db_session, case.reference, "wang.li@example.cn")
    rows = db_session.scalars(select(OutboxRow).where(OutboxRow.task == "complaints.link"))
    assert len(rows.all()) == 1


def test_complaint_without_anybody_to_confirm_it_has_its_receipt_and_is_confirmed_later(
    db_session: Session, world: World
) -> None:
    staff = [world.alice, world.bob, world.carol, world.mallory]
    for user in staff:
        user.active = False
    desk = opened(db_session, world, subjects=())
    letters = select(ComplaintLetter.kind).order_by(ComplaintLetter.id)
    assert (desk.case.state, db_session.scalars(letters).all()) == ("received", ["receipt"])
    for user in staff:
        user.active = True
    db_session.flush()
    due = desk.case.next_act_at
    assert due is not None
    with clock.frozen(due):
        act_for_time(db_session, desk.case)
    assert (desk.case.state, db_session.scalars(letters).all()[:2]) == (
        "acknowledged",
        ["receipt", "acknowledgement"],
    )
    assert due < MONDAY + timedelta(days=1), "long before the date we promise"


def test_complaint_is_due_by_its_own_clocks_not_by_the_ticket_s(db_session: Session, world: World) -> None:
    ticket = opened(db_session, world).case.ticket
    assert [one.name for one in ticket.slas] == ["first_reply"]
    row = timers.TimerRow
    waiting = select(row.key).where(row.kind == sla.TIMER, row.done_at.is_(None))
    assert db_session.scalars(waiting).all() == [f"{ticket.id}:first_reply"]
