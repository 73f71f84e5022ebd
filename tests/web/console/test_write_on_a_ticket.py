"""Reply, note, draft, canned replies, outbound messages."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from contactcenter.accounts.models import User
from contactcenter.conversations.models import Conversation, Message
from contactcenter.conversations.service import end_conversation
from contactcenter.knowledge.models import CannedReply
from contactcenter.tickets.drafts import drafts_of
from tests.browser import Browser
from tests.web.console.conftest import Chat, Say
from tests.world import World

Browse = Callable[[User | None], Browser]
JSON = {"Accept": "application/json"}


def sentence(answer: object) -> str:
    return str(answer.json["error"]["message"])  # type: ignore[attr-defined]  # the test client's response


def texts(session: Session, chat: Chat) -> list[tuple[str, bool]]:
    query = select(Message.body, Message.internal).where(
        Message.ticket_id == chat.ticket.id, Message.author == "agent"
    )
    return [(row.body, row.internal) for row in session.execute(query.order_by(Message.rev))]


def test_a_reply_is_stored_and_comes_back_as_its_line(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    data = {"mode": "reply", "body": "工程师明天到。", "client_id": "c-1"}
    answer = browse(world.alice).post(f"{chat.path}/messages", data, headers=JSON)
    assert answer.status_code == 200
    assert "工程师明天到。" in answer.text
    assert "message--ours" in answer.text
    assert texts(db_session, chat) == [("工程师明天到。", False)]


def test_sending_twice_is_sending_once(browse: Browse, world: World, chat: Chat, db_session: Session) -> None:
    alice = browse(world.alice)
    data = {"mode": "reply", "body": "One moment.", "client_id": "c-1"}
    first = alice.post(f"{chat.path}/messages", data, headers=JSON)
    second = alice.post(f"{chat.path}/messages", data, headers=JSON)
    assert first.text == second.text
    assert len(texts(db_session, chat)) == 1


@pytest.mark.parametrize("change", [{"body": "One moment. Is it the red one?"}, {"mode": "note"}])
def test_other_words_under_the_same_id_are_not_taken_for_those_that_arrived(
    browse: Browse, world: World, chat: Chat, db_session: Session, change: dict[str, str]
) -> None:
    """The first answer was lost; what the agent wrote since then must not be."""
    alice = browse(world.alice)
    data = {"mode": "reply", "body": "One moment.", "client_id": "c-1"}
    assert alice.post(f"{chat.path}/messages", data, headers=JSON).status_code == 200
    again = alice.post(f"{chat.path}/messages", {**data, **change}, headers=JSON)
    assert again.status_code == 422
    assert "sent already" in again.text
    assert texts(db_session, chat) == [("One moment.", False)]


def test_without_a_script_the_form_leads_back_to_the_ticket(browse: Browse, world: World, chat: Chat) -> None:
    answer = browse(world.alice).post(
        f"{chat.path}/messages", {"mode": "note", "body": "x", "client_id": "c-2"}
    )
    assert answer.status_code == 303
    assert answer.location == chat.path


def test_a_colleague_may_note_but_not_answer_for_her(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    carol = browse(world.carol)
    refused = carol.post(
        f"{chat.path}/messages", {"mode": "reply", "body": "Hi", "client_id": "c-3"}, headers=JSON
    )
    assert refused.status_code == 409
    assert "Alice Agnew" in sentence(refused)
    noted = carol.post(
        f"{chat.path}/messages", {"mode": "note", "body": "FYI", "client_id": "c-4"}, headers=JSON
    )
    assert noted.status_code == 200
    assert texts(db_session, chat) == [("FYI", True)]


def test_an_ended_chat_takes_no_reply(browse: Browse, world: World, chat: Chat, db_session: Session) -> None:
    end_conversation(db_session, chat.conversation.id, by="customer", reason="left", actor="system")
    db_session.commit()
    data = {"mode": "reply", "body": "Hello?", "client_id": "c-5"}
    refused = browse(world.alice).post(f"{chat.path}/messages", data, headers=JSON)
    assert refused.status_code == 409
    assert "has left" in sentence(refused)


def test_a_reply_into_another_tickets_conversation_is_refused(
    browse: Browse, world: World, chat: Chat, say: Say, db_session: Session
) -> None:
    other = say("另一件事")
    data = {"mode": "note", "body": "x", "client_id": "c-6", "conversation": other.conversation.id}
    assert browse(world.alice).post(f"{chat.path}/messages", data, headers=JSON).status_code == 404
    assert texts(db_session, chat) == []


def test_files_go_along_and_programs_do_not(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    alice = browse(world.alice)
    good = {
        "mode": "reply",
        "body": "",
        "client_id": "c-7",
        "files": (io.BytesIO(b"%PDF-1.7 x"), "letter.pdf"),
    }
    answer = alice.post(f"{chat.path}/messages", good, headers=JSON)
    assert answer.status_code == 200
    assert "letter.pdf" in answer.text
    bad = {"mode": "reply", "body": "", "client_id": "c-8", "files": (io.BytesIO(b"MZ"), "setup.exe")}
    refused = alice.post(f"{chat.path}/messages", bad, headers=JSON)
    assert refused.status_code == 422
    assert "Programs" in sentence(refused)
    assert len(texts(db_session, chat)) == 1


@pytest.mark.parametrize("n", [1, 3])
def test_more_megabytes_than_allowed_get_a_sentence_and_the_next_reply_goes(
    browse: Browse, world: World, chat: Chat, db_session: Session, n: int
) -> None:
    alice = browse(world.alice)
    form = {"mode": "reply", "body": "See the film.", "client_id": "c-9"}
    films = [FileStorage(io.BytesIO(b"x" * (11 * 1024 * 1024 // n)), f"film-{one}.txt") for one in range(n)]
    boundary, body = encode_multipart(
        MultiDict({**form, "files": films})
    )  # in memory: the client would leave a file open
    kind = {**JSON, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    refused = alice.post(f"{chat.path}/messages", body, headers=kind)
    assert (refused.status_code, sentence(refused)) == (413, "That is too large. Send less.")
    assert alice.post(f"{chat.path}/messages", form, headers=JSON).status_code == 200
    assert texts(db_session, chat) == [("See the film.", False)]


def test_a_draft_is_kept_until_its_message_is_sent(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    alice = browse(world.alice)
    alice.post(f"{chat.path}/draft", {"mode": "reply", "body": "Dear Ms Wang"})
    alice.post(f"{chat.path}/draft", {"mode": "note", "body": "check the cabinet"})
    assert "Dear Ms Wang</textarea>" in alice.get(chat.path).text
    alice.post(
        f"{chat.path}/messages", {"mode": "reply", "body": "Dear Ms Wang,", "client_id": "c-9"}, headers=JSON
    )
    assert drafts_of(db_session, world.alice, chat.ticket) == ("", "check the cabinet")


def test_nobody_sees_anothers_draft(browse: Browse, world: World, chat: Chat) -> None:
    browse(world.alice).post(f"{chat.path}/draft", {"mode": "reply", "body": "Dear Ms Wang"})
    assert "Dear Ms Wang" not in browse(world.bob).get(chat.path).text


def test_canned_replies_come_filled_in_and_in_the_customers_language(
    browse: Browse, world: World, chat: Chat, db_session: Session
) -> None:
    for language, body in (
        ("en", "Hello {customer}"),
        ("zh", "您好 {customer}，我是 {agent}，工单 {ticket} {x}"),
    ):
        db_session.add(CannedReply(shortcut="hi", title="Hi", body=body, language=language))
    db_session.commit()
    page = browse(world.alice).get(f"{chat.path}/canned").text
    assert f"您好 王丽，我是 Alice Agnew，工单 {chat.ticket.id} {{x}}" in page
    assert "Hello" not in page


def test_outbound_mail_opens_a_ticket_in_her_hands(browse: Browse, world: World, db_session: Session) -> None:
    data = {
        "email": "new@example.org",
        "subject": "Your line",
        "body": "We fixed it.",
        "queue": world.support.id,
    }
    answer = browse(world.alice).post("/console/compose", data, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    number = int(answer.headers["HX-Redirect"].rsplit("/", 1)[1].partition("#message-")[0])
    conversation = db_session.scalars(select(Conversation).where(Conversation.ticket_id == number)).one()
    assert (conversation.channel, conversation.state, conversation.agent_id) == (
        "email",
        "active",
        world.alice.id,
    )


def test_outbound_mail_to_no_address_says_so_and_keeps_what_was_typed(browse: Browse, world: World) -> None:
    data = {"email": "nobody", "subject": "Your line", "body": "We fixed it.", "queue": world.support.id}
    answer = browse(world.alice).post("/console/compose", data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "We fixed it." in answer.text
    assert 'role="alert"' in answer.text
