"""What the widget is told, as JSON: nothing of notes, nothing of other people's queues."""

from typing import Any

from sqlalchemy.orm import Session

from contactcenter.accounts.models import User
from contactcenter.assignment.waiting import place_of
from contactcenter.channels.chat.visitors import file_token
from contactcenter.conversations.models import Author, Conversation, Message, State
from contactcenter.conversations.personal_link import text_for_customer

Json = dict[str, Any]  # Any: JSON


def message_view(message: Message) -> Json:
    """One message as its customer sees it; the author's name is his first name only."""
    return {
        "seq": message.seq,
        "author": message.author,
        "name": first_name(message.user) if message.author == Author.AGENT else "",
        "body": text_for_customer(message),
        "code": message.meta.get("code"),
        "values": message.meta.get("values", {}),
        "client_id": message.client_id if message.author == Author.CUSTOMER else None,
        "at": message.created_at.isoformat(),
        "files": [
            {
                "name": file.filename,
                "size": file.size,
                "image": file.content_type.startswith("image/"),
                "url": f"/widget/files/{file_token(file.id, message.conversation_id)}",
            }
            for file in message.attachments
        ],
    }


def state_view(session: Session, conversation: Conversation) -> Json:
    """Where the chat stands: waiting (with place and estimate in seconds), active (with whom), ended."""
    view: Json = {
        "state": "waiting" if conversation.state == State.OFFERED else conversation.state,
        "agent": first_name(conversation.agent) if conversation.agent else "",
        "last_seq": conversation.last_seq,
        "read_seq": conversation.agent_read_seq,
        "seen_seq": conversation.customer_read_seq,
        "rating": conversation.rating,
    }
    if view["state"] == "waiting":
        place = place_of(session, conversation)
        view |= {"position": place.position, "estimate_s": place.estimate_s} if place else {}
    return view


def first_name(user: User | None) -> str:
    """The part of a name that customers are told."""
    return user.name.split()[0] if user and user.name.split() else ""
