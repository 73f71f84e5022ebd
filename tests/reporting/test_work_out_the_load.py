"""Load = demand ÷ slots of who can serve it, worked out by hand for small centres."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.models import Offer
from contactcenter.assignment.presence import end_wrap_up, set_capacity, set_presence
from contactcenter.assignment.service import take_conversation
from contactcenter.conversations.models import Conversation, State
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core.clock import frozen
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.queues.service import create_queue, require_skills, save_hours, set_agent_skills
from contactcenter.reporting.demand import Kind
from contactcenter.reporting.load import Load, read_load
from contactcenter.tickets.service import open_ticket
from tests.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
LONG_AGO = NOON - timedelta(days=60)
HOUR = timedelta(hours=1)
ALWAYS = [[["00:00", "24:00"]]] * 7


@dataclass(frozen=True, slots=True)
class Contact:
    """One that came `ago` before noon; taken at once and held for `held_s` (None: nobody ever took it)."""

    ago: timedelta
    held_s: float | None = None
    channel: str = "chat"
    state: State = State.ENDED


def happen(session: Session, world: World, queue: Queue, *contacts: Contact) -> None:
    with frozen(LONG_AGO):
        ticket = open_ticket(session, world.wang_li, queue, "Where?", actor="system")
    for contact in contacts:
        came = NOON - contact.ago
        served = contact.held_s is not None
        over = came + timedelta(seconds=contact.held_s or 0)
        with frozen(came):
            conversation = Conversation(
                ticket=ticket,
                channel=contact.channel,
                queue_id=queue.id,
                customer_id=world.wang_li.id,
                enqueued_at=came,
                state=contact.state,
                accepted_at=came if served else None,
                ended_at=over if contact.state is State.ENDED else None,
            )
            session.add(conversation)
            session.flush()
        if served:
            times = {"offered_at": came, "accepted_at": came, "ended_at": over}
            offer = Offer(conversation_id=conversation.id, user_id=world.carol.id, state="ended", **times)
            session.add(offer)
    session.flush()


def minutes(*ago: int, held_s: float | None = None, channel: str = "chat") -> list[Contact]:
    return [Contact(timedelta(minutes=each), held_s, channel) for each in ago]


def at_work(session: Session, *people: User) -> None:
    for person in people:
        set_presence(session, person, "ready", by="system")
    session.flush()


def load(session: Session, user: User, kind: Kind = "chat", name: str = "", level: int = 0) -> Load:
    """The row of a queue or skill; without a name that of everything."""
    with frozen(NOON):
        rows = read_load(session, user).rows[kind]
    return next(row for row in rows if (row.group.name, row.group.level) == (name, level))


@pytest.fixture(autouse=True)
def _queues_are_old(db_session: Session, world: World) -> None:
    """They have been there for as long as anybody looks back."""
    for queue in (world.support, world.other_queue):
        queue.created_at = LONG_AGO
    db_session.flush()


def test_demand_is_arrivals_times_the_mean_time_at_hand(db_session: Session, world: World) -> None:
    """Six in the last hour, ten minutes each: one erlang; Alice takes three at once: a third."""
    happen(db_session, world, world.support, *minutes(1, 10, 20, 30, 40, 59, held_s=600))
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, name="Support")
    assert (row.arrived, row.handle_s, row.people, row.slots) == (6, 600, 1, 3)
    assert row.demand == pytest.approx(1.0)
    assert row.load_pct == pytest.approx(100 / 3)
    assert (row.state, row.lacking) == ("fine", 0)


def test_the_hour_ends_now_and_begins_an_hour_ago(db_session: Session, world: World) -> None:
    second = timedelta(seconds=1)
    edge = [Contact(HOUR, 60), Contact(HOUR + second, 60), Contact(second, 60), Contact(timedelta(0), 60)]
    happen(db_session, world, world.support, *edge)
    assert load(db_session, world.bob, name="Support").arrived == 2


def test_wrap_up_belongs_to_the_time_as_far_as_it_lasted(db_session: Session, world: World) -> None:
    """She talks for 100 s and, of the 15 s she has to wrap up, takes five."""
    world.support.wrap_up_s = 15
    at_work(db_session, world.bob)
    for number in range(5):
        start = NOON - timedelta(minutes=50 - 5 * number)
        with frozen(start):
            sender = Sender("visitor", f"visitor-{number}")
            chat = receive(db_session, Inbound("chat", world.support.id, sender, "hello")).conversation_id
            take_conversation(db_session, world.bob, chat)
        with frozen(start + timedelta(seconds=100)):
            end_conversation(db_session, chat, by="customer", reason="left", actor="system")
        with frozen(start + timedelta(seconds=105)):
            end_wrap_up(db_session, world.bob)
        db_session.flush()
        db_session.expire_all()
    assert load(db_session, world.bob, name="Support").handle_s == pytest.approx(105)


def test_time_of_one_handed_on_is_that_of_all_hands(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, *minutes(50, 40, 30, 20, 10, held_s=120))
    for conversation in db_session.query(Conversation).all():
        again = {"accepted_at": NOON, "ended_at": NOON + timedelta(seconds=60), "offered_at": NOON}
        db_session.add(Offer(conversation_id=conversation.id, user_id=world.bob.id, state="ended", **again))
    db_session.flush()
    assert load(db_session, world.bob, name="Support").handle_s == pytest.approx(180)


def test_time_in_which_a_customer_was_silent_is_nobodys(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, *minutes(50, 40, 30, 20, 10, held_s=900))
    for conversation in db_session.query(Conversation).all():
        conversation.silent_for_s = 600
    db_session.flush()
    assert load(db_session, world.bob, name="Support").handle_s == pytest.approx(300)


def test_a_queue_with_too_few_finished_takes_the_mean_of_its_kind(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, *minutes(1, 2, 3, 4, held_s=100))
    happen(db_session, world, world.other_queue, *minutes(1, 2, 3, 4, 5, 6, held_s=200))
    assert load(db_session, world.admin, name="Support").handle_s == pytest.approx(160)
    assert load(db_session, world.admin, name="Fleet").handle_s == pytest.approx(200)


def test_without_anything_finished_the_demand_is_not_guessed(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, *minutes(5, 6))
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, name="Support")
    assert (row.arrived, row.handle_s, row.demand, row.load_pct, row.state) == (2, None, None, None, "fine")


def test_calls_chats_and_letters_have_loads_of_their_own(db_session: Session, world: World) -> None:
    for channel in ("voice", "chat", "email", "form", "letter"):
        happen(db_session, world, world.support, *minutes(5, held_s=60, channel=channel))
    at_work(db_session, world.alice)
    found = {kind: load(db_session, world.bob, kind, "Support") for kind in ("voice", "chat", "email")}
    assert {kind: row.arrived for kind, row in found.items()} == {"voice": 1, "chat": 1, "email": 3}
    assert {kind: row.slots for kind, row in found.items()} == {"voice": 1, "chat": 3, "email": 5}


@pytest.mark.parametrize(
    ("state", "slots"), [("ready", 3), ("wrap_up", 3), ("break", 0), ("away", 0), ("leaving", 0)]
)
def test_only_who_takes_work_now_is_counted(
    db_session: Session, world: World, state: str, slots: int
) -> None:
    """Busy is ready with full hands; who finishes for a break takes nothing new."""
    happen(db_session, world, world.support, *minutes(5, held_s=60))
    presence = set_presence(db_session, world.alice, "ready", by="system")
    presence.state = "ready" if state == "leaving" else state
    presence.then_break = "Lunch" if state == "leaving" else None
    db_session.flush()
    assert load(db_session, world.bob, name="Support").slots == slots


def test_own_capacity_counts_and_zero_is_nobody(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, *minutes(5, held_s=60))
    at_work(db_session, world.alice, world.carol)
    set_capacity(db_session, world.alice.id, "chat", 7, by="system")
    set_capacity(db_session, world.carol.id, "chat", 0, by="system")
    row = load(db_session, world.bob, name="Support")
    assert (row.people, row.slots) == (1, 7)


def test_skill_is_served_by_who_can_serve_a_queue_that_needs_it(db_session: Session, world: World) -> None:
    """Two queues need billing, at 2 and at 4; Alice has 3, Carol 5, Mallory 5 but works elsewhere."""
    hard = create_queue(db_session, name="Hard", brand=world.brand, team=world.team, actor="system")
    hard.created_at = LONG_AGO
    require_skills(db_session, world.support, {"billing": 2}, actor="system")
    require_skills(db_session, hard, {"billing": 4, "english": 1}, actor="system")
    for who, levels in (
        (world.alice, {"billing": 3}),
        (world.carol, {"billing": 5, "english": 2}),
        (world.mallory, {"billing": 5, "english": 5}),
    ):
        set_agent_skills(db_session, who.id, levels, actor="system")
    at_work(db_session, world.alice, world.carol, world.mallory)
    happen(db_session, world, world.support, *minutes(5, 6, 7, held_s=600))
    happen(db_session, world, hard, *minutes(5, 6, held_s=600))
    least, most = (load(db_session, world.bob, name="billing", level=level) for level in (2, 4))
    assert (least.arrived, least.people, least.slots) == (5, 2, 6)
    assert (most.arrived, most.people, most.slots) == (2, 1, 3)
    assert load(db_session, world.bob, name="english", level=1).people == 1
    everything = load(db_session, world.bob)
    assert (everything.arrived, everything.people) == (5, 2)


def test_who_may_serve_after_a_step_is_counted(db_session: Session, world: World) -> None:
    """Routing can help with everybody whom it may ask at last."""
    world.support.steps = [[60, [[], [f"team:{world.other_team.id}"]]]]
    require_skills(db_session, world.support, {"billing": 2}, actor="system")
    happen(db_session, world, world.support, *minutes(5, held_s=60))
    at_work(db_session, world.alice, world.mallory, world.ivan)
    assert load(db_session, world.bob, name="Support").people == 2


@pytest.mark.parametrize(
    ("calls", "state", "lacking"), [(8, "fine", 0), (9, "tight", 0), (10, "tight", 0), (11, "short", 1)]
)
def test_tight_from_85_percent_and_short_above_100(
    db_session: Session, world: World, calls: int, state: str, lacking: int
) -> None:
    """Six minutes each, so ten calls an hour are one erlang: all that one person can hold."""
    happen(db_session, world, world.support, *minutes(*range(1, calls + 1), held_s=360, channel="voice"))
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, "voice", "Support")
    assert (row.state, row.lacking) == (state, lacking)


def test_how_many_more_counts_in_people_not_in_slots(db_session: Session, world: World) -> None:
    """50 chats of half an hour: 25 erlangs; Alice holds three, so eight more like her are needed, not 22."""
    happen(db_session, world, world.support, *minutes(*range(1, 51), held_s=1800))
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, name="Support")
    assert row.demand == pytest.approx(25)
    assert (row.state, row.lacking) == ("short", 8)


def test_for_the_target_of_a_queue_erlang_c_says_how_many(db_session: Session, world: World) -> None:
    """100 calls an hour of six minutes, 80 % within 20 s: 14 people; one is there."""
    world.support.service_level_pct, world.support.service_level_s = 80, 20
    calls = [Contact(timedelta(seconds=30 * n), 360, "voice") for n in range(1, 101)]
    happen(db_session, world, world.support, *calls)
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, "voice", "Support")
    assert row.demand == pytest.approx(10)
    assert (row.lacking, row.lacking_for_target) == (9, 13)
    assert load(db_session, world.bob, "voice").lacking_for_target is None


def test_letters_have_no_target_of_seconds(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, *minutes(*range(1, 21), held_s=3600, channel="email"))
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, "email", "Support")
    assert (row.state, row.lacking, row.lacking_for_target) == ("short", 3, None)


def test_work_that_nobody_there_can_do_is_short_even_if_little(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, Contact(2 * HOUR, None, "chat", State.WAITING))
    row = load(db_session, world.bob, name="Support")
    assert (row.waiting, row.arrived, row.slots) == (1, 0, 0)
    assert (row.state, row.lacking, row.load_pct) == ("short", 1, None)
    at_work(db_session, world.alice)
    assert load(db_session, world.bob, name="Support").state == "fine"


def test_the_coming_hour_is_the_mean_of_the_last_four_same_weekdays(
    db_session: Session, world: World
) -> None:
    """4, 8, 0 and 12 came from noon to one on the last four Mondays: six are expected now."""
    for week, n in enumerate((4, 8, 0, 12), start=1):
        begin = timedelta(weeks=week)
        came = [Contact(begin - timedelta(minutes=1 + each), 600) for each in range(n)]
        outside = [Contact(begin + timedelta(minutes=1), 600), Contact(begin - HOUR, 600)]
        happen(db_session, world, world.support, *came, *outside)
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, name="Support")
    assert (row.arrived, row.expected) == (0, 6)
    assert row.coming == pytest.approx(1.0)
    assert row.coming_pct == pytest.approx(100 / 3)


def test_same_hour_means_the_same_hour_on_the_clock_of_the_brand(db_session: Session, world: World) -> None:
    """At noon of 2 November in London, the last Monday before the clocks went back was an hour earlier in UTC."""
    noon = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    world.support.created_at = noon - timedelta(days=60)
    before = NOON - (noon - timedelta(weeks=2) - HOUR)  # 19 October, 12:00 in London
    came = [Contact(before - timedelta(minutes=each), 600) for each in (1, 2, 3, 58)]
    happen(db_session, world, world.support, *came)
    at_work(db_session, world.alice)
    with frozen(noon):
        rows = read_load(db_session, world.bob).rows["chat"]
    assert next(row for row in rows if row.group.name == "Support").expected == pytest.approx(1.0)


def test_holidays_and_weeks_before_the_queue_do_not_count(db_session: Session, world: World) -> None:
    """Of the last four Mondays one was a holiday and one before the queue: (4 + 2) ÷ 2 are expected."""
    hours = save_hours(
        db_session, world_hours(), ALWAYS, {date(2026, 11, 16): "Founders' Day"}, actor="system"
    )
    world.support.hours = hours
    world.support.created_at = NOON - timedelta(weeks=3, hours=1)
    for week, n in ((1, 9), (2, 4), (3, 2), (4, 7)):
        came = [Contact(timedelta(weeks=week, minutes=-1 - each), 600) for each in range(n)]
        happen(db_session, world, world.support, *came)
    assert load(db_session, world.bob, name="Support").expected == pytest.approx(3)


def test_one_week_of_history_is_not_enough_for_a_forecast(db_session: Session, world: World) -> None:
    world.support.created_at = NOON - timedelta(days=9)
    happen(db_session, world, world.support, *minutes(5, held_s=60))
    row = load(db_session, world.bob, name="Support")
    assert (row.expected, row.coming, row.coming_pct) == (None, None, None)


def test_a_coming_hour_that_overflows_is_short_before_it_begins(db_session: Session, world: World) -> None:
    for week in (1, 2, 3, 4):
        came = [Contact(timedelta(weeks=week, minutes=-1 - each), 1800) for each in range(50)]
        happen(db_session, world, world.support, *came)
    at_work(db_session, world.alice)
    row = load(db_session, world.bob, name="Support")
    assert (row.load_pct, row.handle_s, row.state, row.lacking) == (0, 1800, "short", 8)


def test_queues_that_are_closed_now_are_named_and_warn_of_nothing(db_session: Session, world: World) -> None:
    happen(db_session, world, world.support, Contact(2 * HOUR, None, "chat", State.WAITING))
    world.support.open = False
    with frozen(NOON):
        found = read_load(db_session, world.bob)
    assert [queue.name for queue in found.closed] == ["Support"]
    assert not any(found.rows.values())


def test_supervisor_sees_his_teams_queues_only(db_session: Session, world: World) -> None:
    for queue in (world.support, world.other_queue):
        happen(db_session, world, queue, *minutes(5, held_s=60))
    names = {user.name: set[str]() for user in (world.bob, world.admin)}
    for user in (world.bob, world.admin):
        with frozen(NOON):
            names[user.name] = {row.group.name for row in read_load(db_session, user).rows["chat"]}
    assert names == {"Bob Barrow": {"", "Support"}, "Ada Admin": {"", "Support", "Fleet"}}


def test_what_is_short_stands_first_and_what_nobody_asked_for_not_at_all(
    db_session: Session, world: World
) -> None:
    busy = create_queue(db_session, name="Zebra", brand=world.brand, team=world.team, actor="system")
    create_queue(db_session, name="Idle", brand=world.brand, team=world.team, actor="system")
    happen(db_session, world, world.support, *minutes(5, held_s=60))
    happen(db_session, world, busy, *minutes(5, 6, 7, 8, held_s=600))
    at_work(db_session, world.alice)
    with frozen(NOON):
        rows = read_load(db_session, world.bob).rows
    assert [row.group.name for row in rows["chat"]] == ["", "Zebra", "Support"]
    assert (rows["voice"], rows["email"]) == ([], [])


def test_more_queues_and_people_ask_the_database_no_more_often(db_session: Session, world: World) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    def asked() -> int:
        db_session.flush()
        db_session.expire_all()
        said.clear()
        event.listen(db_session.get_bind(), "before_cursor_execute", note)
        read_load(db_session, world.admin)
        event.remove(db_session.get_bind(), "before_cursor_execute", note)
        return len(said)

    happen(db_session, world, world.support, *minutes(5, held_s=60))
    few = asked()
    assert few > 5
    for number in range(12):
        queue = create_queue(
            db_session, name=f"Queue {number}", brand=world.brand, team=world.team, actor="system"
        )
        require_skills(db_session, queue, {f"skill-{number % 4}": 1 + number % 5}, actor="system")
        happen(db_session, world, queue, *minutes(5, 6, held_s=60))
    assert asked() == few


def world_hours() -> BusinessHours:
    return BusinessHours(name="Always but holidays", zone="Europe/London")
