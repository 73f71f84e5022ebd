"""`/api/v1/calls`: where a call stands, and what may be done to it."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Role, User
from contactcenter.api.answers import json_answer
from contactcenter.api.spec import responses, spec
from contactcenter.channels.voice import commands
from contactcenter.channels.voice.models import Call
from contactcenter.conversations.models import State
from contactcenter.core.db import unit_of_work
from contactcenter.edge.deco import token
from contactcenter.edge.sessions import current_user

blueprint = Blueprint("api_calls", __name__, url_prefix="/api/v1/calls")
STAFF = (Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR)
Command = Callable[[Session, User, Call], None]


class CallOut(BaseModel):
    """`sid` is the id its provider gave it (of a call between browsers, ours); `agent` a user's id."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "sid": "Jx2v0cNq8fYl4w3B",
                "ticket": 12,
                "conversation": 15,
                "queue": "General",
                "state": "ended",
                "outcome": "answered",
                "agent": 3,
                "queued_at": "2026-11-23T09:00:00Z",
                "answered_at": "2026-11-23T09:00:08Z",
                "ended_at": "2026-11-23T09:04:10Z",
            }
        }
    )

    id: int
    sid: str
    ticket: int
    conversation: int
    queue: str
    state: Literal["queued", "ringing", "talking", "ended"]
    outcome: Literal["answered", "abandoned"] | None
    agent: int | None
    queued_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


@blueprint.get("/by-sid/<sid>")
@spec.validate(resp=responses(HTTP_200=CallOut), skip_validation=True, tags=["calls"])
@token(*STAFF)
def by_sid(sid: str) -> Response:
    """One call, by the id of its provider."""
    with unit_of_work() as session:
        return json_answer(_shown(commands.find_call_by_sid(session, _me(session), sid)))


@blueprint.get("/<int:call_id>")
@spec.validate(resp=responses(HTTP_200=CallOut), skip_validation=True, tags=["calls"])
@token(*STAFF)
def read(call_id: int) -> Response:
    """One call."""
    with unit_of_work() as session:
        return json_answer(_shown(commands.find_call(session, _me(session), call_id)))


@blueprint.post("/<int:call_id>/accept")
@spec.validate(resp=responses(HTTP_200=CallOut), skip_validation=True, tags=["calls"])
@token(*STAFF)
def accept(call_id: int) -> Response:
    """Take the call that rings at the token's own user; he talks on his open console."""
    return _do(call_id, commands.accept_call)


@blueprint.post("/<int:call_id>/decline")
@spec.validate(resp=responses(HTTP_200=CallOut), skip_validation=True, tags=["calls"])
@token(*STAFF)
def decline(call_id: int) -> Response:
    """Let the call that rings at the token's own user ring at the next."""
    return _do(call_id, commands.decline_call)


@blueprint.post("/<int:call_id>/hang-up")
@spec.validate(resp=responses(HTTP_200=CallOut), skip_validation=True, tags=["calls"])
@token(*STAFF)
def hang_up(call_id: int) -> Response:
    """End the call: its agent's, or as a supervisor one of the team."""
    return _do(call_id, commands.end_call)


@blueprint.post("/<int:call_id>/<command>")
@spec.validate(resp=responses(), skip_validation=True, tags=["calls"])
@token(*STAFF)
def unknown(call_id: int, command: str) -> Response:
    """Any other command: 404, and which ones there are."""
    return _do(call_id, lambda _session, _user, _call: commands.refuse_unknown(command))


def _do(call_id: int, command: Command) -> Response:
    with unit_of_work() as session:
        me = _me(session)
        call = commands.find_call(session, me, call_id)
        command(session, me, call)
        session.flush()  # what was done is read back
        session.refresh(call)
        session.refresh(call.conversation)
        return json_answer(_shown(call))


def _shown(call: Call) -> CallOut:
    rings = call.state == "queued" and call.conversation.state == State.OFFERED
    return CallOut(
        id=call.id,
        sid=call.public_id,
        ticket=call.conversation.ticket_id,
        conversation=call.conversation_id,
        queue=call.conversation.ticket.queue.name,
        state="ringing" if rings else call.state,
        outcome=call.outcome,
        agent=call.conversation.agent_id,
        queued_at=call.queued_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
    )


def _me(session: Session) -> User:
    return session.get_one(User, current_user().id)
