"""Open the console and a ticket in it."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.complaints.service import open_case
from contactcenter.conversations.models import Conversation
from contactcenter.conversations.service import add_note, end_conversation
from contactcenter.core import clock
from contactcenter.core.health import report
from contactcenter.tickets.service import set_status, snooze_ticket
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
from tests.world import World

Browse = Callable[[User | None], Browser]
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def rows(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="row-(\d+)"', page)]


def count(page: str, view: str) -> int:
    found = re.search(rf'view={view}".*?data-n="(\d+)"', page, re.DOTALL)
    assert found is not None
    return int(found[1])


def test_own_list_holds_own_tickets_and_its_count_equals_it(
    browse: Browse, world: World, chat: Chat, say: Say
) -> None:
    waiting = say("有人吗？")
    page = browse(world.alice).get("/console?view=mine").text
    assert rows(page) == [chat.ticket.id]
    assert count(page, "mine") == 1
    queue = browse(world.alice).get("/console?view=queue").text
    assert rows(queue) == [waiting.ticket.id]
    assert count(queue, "queue") == 1


def test_counts_of_all_and_of_complaints_equal_their_lists(
    browse: Browse, world: World, chat: Chat, say: Say, db_session: Session
) -> None:
    complained, snoozed, solved = say("太慢了"), say("晚点再说"), say("谢谢")
    open_case(
        db_session, complained.ticket, actor=world.wang_li.actor, text="No.", channel="chat", contact="a@b.cn"
    )
    snooze_ticket(db_session, snoozed.ticket, clock.after(3600), actor=world.alice.actor)
    end_conversation(db_session, solved.conversation.id, by="agent", reason="solved", actor=world.alice.actor)
    db_session.flush()
    set_status(db_session, solved.ticket, "solved", actor=world.alice.actor)
    db_session.commit()
    for view, listed in (
        ("all", {chat.ticket.id, complained.ticket.id, snoozed.ticket.id}),
        ("complaints", {complained.ticket.id}),
    ):
        page = browse(world.alice).get(f"/console?view={view}").text
        assert set(rows(page)) == listed
        assert count(page, view) == len(listed)


def test_the_list_opened_last_stays_open_beside_a_ticket(browse: Browse, world: World, chat: Chat) -> None:
    browser = browse(world.alice)
    browser.get("/console?view=queue")
    page = browser.get(chat.path).text
    assert 'data-view="queue"' in page


def test_a_ticket_shows_what_was_said_and_who_said_it(browse: Browse, world: World, chat: Chat) -> None:
    page = browse(world.alice).get(chat.path).text
    assert "宽带又断了" in page
    assert "王丽" in page
    assert f'id="message-{chat.message.id}"' in page


def test_htmx_gets_only_the_two_panes_that_change(browse: Browse, world: World, chat: Chat) -> None:
    part = browse(world.alice).get(chat.path, headers=PART).text
    assert "<html" not in part
    assert '<hx-partial hx-target="#customer"' in part


def test_going_back_in_the_history_gets_the_whole_page(browse: Browse, world: World, chat: Chat) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "full"}
    assert "<html" in browse(world.alice).get(chat.path, headers=headers).text


def test_stranger_may_not_read_a_ticket_nor_learn_that_it_exists(
    browse: Browse, world: World, chat: Chat
) -> None:
    mallory = browse(world.mallory)
    there = mallory.get(chat.path)
    nowhere = mallory.get("/console/tickets/999999")
    assert there.status_code == nowhere.status_code == 404
    assert "宽带" not in mallory.get("/console?view=all").text


def test_a_page_that_was_away_gets_every_line_it_missed(
    browse: Browse, world: World, chat: Chat, say: Say
) -> None:
    missed = say("还在吗？", ticket=chat.ticket)
    answer = browse(world.alice).get(f"{chat.path}/since?rev={chat.message.rev}").text
    assert f'id="message-{missed.message.id}"' in answer
    assert f'id="message-{chat.message.id}"' not in answer
    assert f'id="head-{chat.ticket.id}"' in answer


def test_long_conversations_lead_back_to_their_beginning(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    for number in range(60):
        add_note(db_session, world.alice, chat.conversation, f"note {number}")
    db_session.commit()
    alice = browse(world.alice)
    page = alice.get(chat.path).text
    assert "note 59" in page
    assert "宽带又断了</p>" not in page
    found = re.search(r'hx-get="([^"]+/earlier\?before=\d+)"', page)
    assert found is not None
    assert "宽带又断了</p>" in alice.get(found[1]).text


def test_reading_marks_the_row_read_but_looking_over_a_shoulder_does_not(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    browse(world.bob).post(f"{chat.path}/read", {"rev": chat.message.rev})
    db_session.expire_all()
    assert db_session.get_one(Conversation, chat.conversation.id).agent_read_seq == 0
    assert browse(world.alice).post(f"{chat.path}/read", {"rev": chat.message.rev}).status_code == 204
    db_session.expire_all()
    assert db_session.get_one(Conversation, chat.conversation.id).agent_read_seq == chat.message.seq


def test_words_find_chinese_text(browse: Browse, world: World, chat: Chat) -> None:
    assert rows(browse(world.alice).get("/console?view=all&q=宽带").text) == [chat.ticket.id]
    assert rows(browse(world.alice).get("/console?view=all&q=退款").text) == []


def test_a_cursor_of_nobodys_is_refused_in_one_sentence(browse: Browse, world: World) -> None:
    answer = browse(world.alice).get("/console/rows?view=all&after=zzz", headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "cursor" in answer.text


def test_the_console_speaks_chinese(browse: Browse, world: World, chat: Chat, db_session: Session) -> None:
    world.alice.language = "zh"
    db_session.commit()
    page = browse(world.alice).get(chat.path).text
    assert '<html lang="zh-CN"' in page


def test_console_says_when_no_model_reads(db_session: Session, world: World, browse: Browse) -> None:
    alice = browse(world.alice)
    assert "Analysis off" not in alice.get("/console").text, "nothing has been asked of it yet"
    with clock.frozen(clock.now() - timedelta(minutes=2)):
        report(db_session, "nlp", ok=False, reason="weights are missing")
    db_session.commit()
    assert "Analysis off" in alice.get("/console").text
    assert "Analysis off" in alice.get("/console/analysis").text
    report(db_session, "nlp", ok=True)
    db_session.commit()
    assert "Analysis off" not in alice.get("/console/analysis").text
    assert "Analysis off" not in alice.get("/console").text


def test_what_waits_says_why(browse: Browse, world: World, say: Say) -> None:
    chat = say("你好")
    page = browse(world.carol)
    assert f'hx-get="{chat.path}/why"' in page.get("/console?view=queue").text
    assert f'hx-get="{chat.path}/why"' in page.get(chat.path).text
    assert "who could take it are not there" in page.get(f"{chat.path}/why").text
    assert page.get(f"/console/tickets/{chat.ticket.id + 1}/why").status_code == 404
    assert browse(world.mallory).get(f"{chat.path}/why").status_code == 404


def test_what_somebody_has_says_why_he_got_it(browse: Browse, world: World, chat: Chat) -> None:
    assert "taken or given by hand" in browse(world.alice).get(f"{chat.path}/why").text
    assert "Alice Agnew has it." in browse(world.carol).get(f"{chat.path}/why").text


def test_who_only_reads_is_offered_nothing_to_change(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    open_case(
        db_session, chat.ticket, actor=world.wang_li.actor, text="No.", channel="chat", contact="a@b.cn"
    )
    db_session.commit()
    page = browse(world.ivan).get(chat.path).text
    assert "data-reads-only" in page
    assert 'id="list"' not in page, "the lists are not his"
    assert "console-search" not in page
    assert "<cc-composer" not in page
    assert "data-reads-only" not in browse(world.alice).get(chat.path).text
