"""The desk's list: pages by key, views whose counts are their lists, and nothing without a bound."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.complaints.lists import COUNTED, VIEWS, Wish, count_cases, list_cases
from contactcenter.complaints.queries import PART, view_case, words_of
from contactcenter.complaints.service import apply, open_case
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import latest_conversation, receive
from contactcenter.core import clock
from contactcenter.edge.limits import limiter
from contactcenter.tickets.models import Ticket
from tests.browser import Browser
from tests.complaints.staff import MONDAY, STORY, admitted, in_follow_up, opened, written_ticket
from tests.world import World

Browse = Callable[[User | None], Browser]


def open_many(session: Session, world: World, n: int) -> None:
    for number in range(n):
        with clock.frozen(MONDAY + timedelta(hours=number)):
            sender = Sender("email", f"customer{number}@example.com")
            written = receive(session, Inbound("email", world.support.id, sender, STORY, subject="Rude"))
            ticket = session.get_one(Ticket, written.ticket_id)
            open_case(session, ticket, actor=ticket.customer.actor, text=STORY, channel="email")


def everything(session: Session, user: User, wish: Wish, limit: int) -> list[str]:
    found, after = [], None
    while True:
        page = list_cases(session, user, wish, after=after, limit=limit)
        found += [case.reference for case in page.items]
        if (after := page.next) is None:
            return found


def test_pages_show_every_case_once_and_in_order(db_session: Session, world: World) -> None:
    open_many(db_session, world, 7)
    with clock.frozen(MONDAY):
        paged = everything(db_session, world.ivan, Wish(), 2)
        whole = everything(db_session, world.ivan, Wish(), 100)
    assert paged == whole
    assert len(set(paged)) == 7


def test_counts_are_their_lists(db_session: Session, world: World) -> None:
    open_many(db_session, world, 3)
    admitted(db_session, world)
    for at in (MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=30)):
        with clock.frozen(at):
            for user in (world.ivan, world.petra, world.bob, world.alice, world.mallory, world.admin):
                for state in ("", "acknowledged", "admitted", "closed"):
                    counts = count_cases(db_session, user, state)
                    lists = {view: len(everything(db_session, user, Wish(view, state), 2)) for view in VIEWS}
                    assert counts == lists, (at, user.name, state)


def test_counting_stops_at_a_bound_and_the_page_says_so(
    db_session: Session, world: World, browse: Browse
) -> None:
    open_many(db_session, world, COUNTED + 1)
    db_session.commit()
    assert count_cases(db_session, world.ivan)["open"] == COUNTED
    assert ">99+</span>" in browse(world.ivan).get("/complaints").text


def test_mine_are_those_in_which_i_have_a_part(db_session: Session, world: World) -> None:
    mine = admitted(db_session, world).case.reference
    open_many(db_session, world, 2)
    with clock.frozen(MONDAY):
        assert everything(db_session, world.ivan, Wish("mine"), 10) == [mine]
        assert everything(db_session, world.petra, Wish("mine"), 10) == []


def test_whoever_is_complained_about_counts_nothing_of_it(db_session: Session, world: World) -> None:
    opened(db_session, world)
    world.alice.roles = [Role.INVESTIGATOR]
    assert set(count_cases(db_session, world.alice).values()) == {0}


def test_list_page_filters_and_pages(db_session: Session, world: World, browse: Browse) -> None:
    limiter.reset()
    open_many(db_session, world, 52)
    db_session.commit()
    ivan = browse(world.ivan)
    with clock.frozen(MONDAY):
        first = ivan.get("/complaints?view=open&state=acknowledged")
        following = re.search(
            r'href="(/complaints\?view=open&amp;state=acknowledged&amp;after=[^"]+)"', first.text
        )
        assert following is not None
        second = ivan.get(following[1].replace("&amp;", "&"))
    assert (first.text.count("<tr>"), second.text.count("<tr>")) == (51, 3)
    assert ivan.get("/complaints?view=nonsense").status_code == 422
    assert ivan.get("/complaints?after=nonsense").status_code == 422
    assert "No complaints here" in ivan.get("/complaints?view=over").text


def test_opening_shows_the_newest_words_and_never_more_than_fit(db_session: Session, world: World) -> None:
    ticket = written_ticket(db_session, world)
    conversation = latest_conversation(db_session, ticket.id)
    for n in range(60):
        said = NewMessage(Author.CUSTOMER, f"word {n} " + "x" * 300, customer_id=world.wang_li.id)
        append_message(db_session, conversation.id, said)
    text, whole = words_of(db_session, ticket, longest=2000)
    assert (len(text) <= 2000, whole) == (True, False)
    assert "word 59" in text
    assert "word 10 " not in text
    text, whole = words_of(db_session, ticket, longest=20_000)
    assert (text.startswith("word 10 "), whole) == (True, False)
    other = written_ticket(db_session, world, MONDAY + timedelta(days=60))
    assert words_of(db_session, other, longest=20_000) == (STORY, True)
    assert words_of(db_session, other, longest=len(STORY)) == (STORY, True)
    assert words_of(db_session, other, longest=10) == (STORY[:10], False)


@pytest.mark.parametrize("who", ["ivan", "bob"])
def test_long_file_is_shown_in_parts(db_session: Session, world: World, browse: Browse, who: str) -> None:
    limiter.reset()
    desk = opened(db_session, world, subjects=())
    with clock.frozen(MONDAY):
        for n in range(PART + 20):
            apply(db_session, desk.case, "comment", world.ivan.actor, {"text": f"note {n}"})
        first = view_case(db_session, desk.case)
        second = view_case(db_session, desk.case, before=first.earlier)
    assert (len(first.timeline), second.earlier) == (PART, None)
    assert len(first.timeline) + len(second.timeline) == desk.case.events_n
    assert (first.letters, [one.kind for one in second.letters]) == ([], ["receipt", "acknowledgement"])
    db_session.commit()
    page = browse(getattr(world, who)).get(f"/complaints/{desk.case.reference}")
    assert page.status_code == 200
    assert ("?before=" in page.text) is (who == "ivan"), "the customer's lines are few"


def test_reader_is_offered_only_what_is_his(db_session: Session, world: World, browse: Browse) -> None:
    limiter.reset()
    ruth = User(email="ruth@example.com", name="Ruth Roe", password_hash="", roles=[Role.REVIEWER.value])
    db_session.add(ruth)
    desk = in_follow_up(db_session, world)
    db_session.commit()
    with clock.frozen(MONDAY.replace(day=10)):
        page = browse(ruth).get(f"/complaints/{desk.case.reference}").text
    assert "disabled" not in page.split('id="main"')[1], "no button that cannot be pressed"
    assert "Only these may do that: The system." in page
    assert "/events/callback" in page
    assert "/complaints/new" not in page
