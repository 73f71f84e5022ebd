"""The widget's pages: the loader for other people's sites, the chat's own page in its frame, sessions, files."""

import gzip
import json
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from pydantic import BaseModel, Field

from contactcenter.channels.chat import service
from contactcenter.channels.chat.visitors import (
    access_conversation,
    current_conversation,
    file_of_token,
    find_key,
)
from contactcenter.conversations.models import Attachment, Message
from contactcenter.conversations.ports import File
from contactcenter.core.assets import STATIC
from contactcenter.core.clock import now
from contactcenter.core.config import get_settings
from contactcenter.core.db import unit_of_work
from contactcenter.core.errors import NotFound
from contactcenter.core.i18n import current_language
from contactcenter.core.i18n import gettext as _
from contactcenter.edge.deco import proof, public
from contactcenter.edge.files import answer_with_file
from contactcenter.edge.limits import check_rate, limiter, who_asks
from contactcenter.edge.requests import read_file, read_json
from contactcenter.edge.security import allow_frames
from contactcenter.edge.sessions import bearer_token
from contactcenter.edge.visitors import TOKEN_DAYS, Visitor, issue_token, visitor_of
from contactcenter.queues.hours import is_open

blueprint = Blueprint("widget", __name__, url_prefix="/widget")
LOADER_CACHE_S = 300
PACE_OF_NEW_VISITORS = "60 per minute"
COOKIE = "candor_visitor"  # one for each widget: its id follows


class SessionWish(BaseModel):
    """What a widget asks its session with."""

    key: str = Field(max_length=100)
    token: str | None = Field(None, max_length=1000)


@blueprint.get("/loader.js")
@public
def loader() -> Response:
    """The few lines that a customer's page carries; worded in the browser's language."""
    source = _loader_source(current_language())
    response = make_response(source)
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = f"public, max-age={LOADER_CACHE_S}"
    response.headers["Vary"] = "Accept-Language, Accept-Encoding"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(source.encode(), 9, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=4)
def _loader_source(_language: str) -> str:
    words = {
        "open": _("Chat with us"),
        "close": _("Close the chat"),
        "title": _("Chat"),
        "slow": _("The chat does not answer. Check your connection."),
        "again": _("Try again"),
    }
    code = (STATIC / "js" / "widget" / "loader.js").read_text(encoding="utf-8")
    return f"(() => {{{code}\ncandor({json.dumps(words, ensure_ascii=False)});}})();"


@blueprint.get("/frame")
@public
def frame() -> str:
    """The chat itself, framed only by the key's sites (and by our own demo page)."""
    with unit_of_work() as session:
        key = find_key(session, request.args.get("key", ""))
    site = request.args.get("site", "")
    ours = urlsplit(get_settings().base_url)
    allowed = {*key.sites, f"{ours.scheme}://{ours.netloc}", request.host_url.rstrip("/")}
    allow_frames("'self'", *key.sites)
    return render_template("widget/frame.html", key=key, site=site if site in allowed else "")


@blueprint.get("/demo")
@public
def demo() -> str:
    """A page of an imaginary shop that carries the widget."""
    with unit_of_work() as session:
        key = service.demo_key(session)
    return render_template("widget/demo.html", key=key)


@blueprint.post("/session")
@limiter.limit("600 per minute")  # a company's people all come from one address
@proof()
def start_session() -> Response:
    """A visitor's token (new or renewed) and what he may do now.

    Browsers that keep other people's frames from storing anything lose the token with every page. A partitioned cookie
    brings it back: it belongs to this frame on that site alone, and no script reads it.
    """
    wish = read_json(SessionWish)
    with unit_of_work() as session:
        key = find_key(session, wish.key)
        visitor = visitor_of(wish.token) or visitor_of(request.cookies.get(f"{COOKIE}_{key.id}"))
        if visitor is None:
            check_rate(PACE_OF_NEW_VISITORS, "widget-new", who_asks())
        running = current_conversation(session, visitor) if visitor and visitor.key_id == key.id else None
        answer = {
            "token": issue_token(key.id, key.queue_id, visitor),
            "open": is_open(key.queue, now()),
            "running": running is not None,
        }
    response = jsonify(answer)
    response.set_cookie(
        f"{COOKIE}_{key.id}",
        str(answer["token"]),
        max_age=TOKEN_DAYS * 86_400,
        path=request.path,
        httponly=True,
        secure=True,
        samesite="None",
        partitioned=True,
    )
    return response


@blueprint.post("/files")
@limiter.limit("20 per minute")
@proof(may_upload=lambda: _visitor() is not None)
def upload() -> Response:
    """A file into the visitor's own chat; his token comes in the head, so that nothing is read for a stranger."""
    visitor = _visitor()
    filename, content = read_file("file")
    with unit_of_work() as session:
        conversation = access_conversation(session, visitor)
        client_id = request.form.get("client_id", "")
        received = service.say(session, conversation, "", client_id, [File(filename, content)])
    return jsonify({"seq": received.seq})


@blueprint.get("/files/<token>")
@proof()
def download(token: str) -> Response:
    """A file of a chat by its signed link; only harmless kinds are shown, all others are saved."""
    found = file_of_token(token)
    if found is None:
        raise NotFound(_("This link has expired. Reload the chat for a new one."))
    attachment_id, conversation_id = found
    with unit_of_work() as session:
        attachment = session.get(Attachment, attachment_id)
        message = session.get(Message, attachment.message_id) if attachment else None
    if (
        attachment is None
        or message is None
        or message.conversation_id != conversation_id
        or message.internal
    ):
        raise NotFound(_("This file does not exist (any more)."))
    return answer_with_file(
        attachment.sha256, filename=attachment.filename, content_type=attachment.content_type
    )


def _visitor() -> Visitor | None:
    return visitor_of(bearer_token(request))
