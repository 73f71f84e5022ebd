"""Whoever reads Chinese reads Chinese: every complaint and portal screen, in many states of a case, over the demo too."""

import json
import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Team, User
from contactcenter.cli.demo_cases import open_dossiers
from contactcenter.cli.demo_data import PEOPLE
from contactcenter.cli.demo_organisation import build_organisation
from contactcenter.complaints import words
from contactcenter.complaints.calendars import DATA, load_calendars
from contactcenter.complaints.letter_kinds import KINDS
from contactcenter.complaints.links import issue_link
from contactcenter.complaints.machine import machine_of
from contactcenter.complaints.models import ComplaintCase, ComplaintLetter
from contactcenter.complaints.packs import load_packs
from contactcenter.complaints.public import LINES
from contactcenter.complaints.render import LINK_HERE
from contactcenter.complaints.schema import known_events
from contactcenter.complaints.vault import bring_out, load_events
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import receive
from contactcenter.core import clock
from contactcenter.core.i18n import speaking
from contactcenter.edge.limits import limiter
from contactcenter.web.portal.words import SENTENCES
from tests.browser import Browser
from tests.complaints.staff import MONDAY
from tests.web.complaints.cases import Walk, stages
from tests.world import PASSWORD, World

Browse = Callable[[User | None], Browser]
NAMES = {"Candor", "English", "CMP", "ISO", "FCA", "DISP", "MB", "SHA-256"}
"""What stays Latin in Chinese: our name, the other language's own name, references, standards, units."""

QUIET = {"script", "style", "template", "cite", "svg", "option", "kbd"}
VOID = {"meta", "link", "input", "img", "br", "use", "hr", "source"}
SEEN_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt")


class Reader(HTMLParser):
    """What a person reads or hears of a page: its texts and the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.open: list[tuple[str, bool]] = []
        self.inside = False  # the frame around it (areas, account menu) is the same on all screens

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside = self.inside or tag == "main"
        foreign = given.get("lang", "zh-CN") not in ("zh-CN", None) and tag != "html"
        if not self._quiet():
            self.read += [str(given[name]) for name in SEEN_ATTRIBUTES if given.get(name)]
        if tag not in VOID:
            self.open.append((tag, tag in QUIET - {"option"} or foreign))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "main"
        while self.open:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._quiet() and data.strip():
            self.read.append(data.strip())

    def _quiet(self) -> bool:
        return not self.inside or any(quiet for _tag, quiet in self.open)


def latin_in(html: str, typed: Iterable[str]) -> set[str]:
    """Latin words on a page, without what people typed themselves, references, addresses and NAMES."""
    reader = Reader()
    reader.feed(html)
    text = "\n".join(reader.read)
    for said in sorted({one.strip() for one in typed if one.strip()}, key=len, reverse=True):
        text = text.replace(said, " ")
    text = re.sub(
        r"https?://\S+|CMP-\S+|\b[FCTU]-\d\d\w?\b|\b[0-9a-f]{12}\b|\b[0-9a-f]{64}\b|\bc = b ÷ a\b", " ", text
    )
    return {word for word in re.findall(r"[A-Za-z]{2,}[\w-]*", text) if word not in NAMES}


def typed_in(session: Session, case: ComplaintCase) -> list[str]:
    """Everything people wrote into a case, its letters in the customer's language, and the names of people and teams."""
    letters = session.scalars(select(ComplaintLetter).where(ComplaintLetter.case_id == case.id))
    lines = [line for one in letters for line in _as_shown(case, one).splitlines()]
    said = [text for event in load_events(session, case) for text in _texts(event.data)]
    names = [*session.scalars(select(User.name)), *session.scalars(select(Brand.name))]
    if case.language == "zh":
        lines = []  # then our own letters speak Chinese too
    return [
        *lines,
        *said,
        *names,
        *session.scalars(select(Team.name)),
        case.customer.name or "",
        case.ticket.subject,
    ]


def _as_shown(case: ComplaintCase, letter: ComplaintLetter) -> str:
    return (bring_out(case, letter.sealed) or "").replace(LINK_HERE, "…")


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value, *value.splitlines()]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


@pytest.fixture
def chinese(db_session: Session, world: World) -> World:
    """Everybody on the staff has chosen Chinese."""
    for user in db_session.scalars(select(User)):
        user.language = "zh"
    db_session.commit()
    return world


@pytest.mark.parametrize("upheld", [True, False])
def test_case_and_portal_speak_chinese_at_every_stage(
    app: Flask, db_session: Session, chinese: World, browse: Browse, *, upheld: bool
) -> None:
    walk = Walk(db_session, chinese)
    readers = [browse(user) for user in (chinese.ivan, chinese.petra, chinese.bob, chinese.admin)]
    path = f"/complaints/{walk.case.reference}"
    found: dict[str, set[str]] = {}
    for stage in stages(walk, upheld=upheld):
        limiter.reset()
        with clock.frozen(walk.at):
            link = "/complaint/" + issue_link(db_session, walk.case).rsplit("/", 1)[1]
            db_session.commit()
            pages = [*readers_see(readers, path), app.test_client().get(f"{link}?lang=zh").text]
        typed = typed_in(db_session, walk.case)
        found[stage] = set().union(*(latin_in(page, typed) for page in pages))
    assert {stage: latin for stage, latin in found.items() if latin} == {}


def readers_see(readers: list[Browser], path: str) -> list[str]:
    seen = [reader.get(path) for reader in readers]
    assert {one.status_code for one in seen} == {200}
    return [one.text for one in seen]


def test_refusals_speak_chinese(app: Flask, db_session: Session, chinese: World, browse: Browse) -> None:
    walk = Walk(db_session, chinese)
    link = "/complaint/" + issue_link(db_session, walk.case).rsplit("/", 1)[1]
    db_session.commit()
    limiter.reset()
    path = f"/complaints/{walk.case.reference}/events"
    wang_li, ivan, bob = app.test_client(), browse(chinese.ivan), browse(chinese.bob)
    admission = {"key_points": "态度", "category": "conduct", "severity": "2", "declaration": "none"}
    with clock.frozen(walk.at):
        refused = [
            ivan.post(f"{path}/start", data={"declaration": "none"}),
            ivan.post(f"{path}/hold", data={"reason": "awaiting_customer", "waiting_for": "照片"}),
            ivan.post(f"{path}/extend", data={"clock": "decision", "reason": "太忙"}),
            ivan.post(f"{path}/evidence", data={}),
            bob.post(f"{path}/admit", data={**admission, "investigator": chinese.alice.actor}),
            bob.post(f"{path}/admit", data={**admission, "investigator": chinese.carol.actor}),
            bob.post(
                f"{path}/resolve_now",
                data={
                    "finding": "upheld",
                    "reason": "道歉",
                    "evidence": "电话",
                    "accepted_by": "王丽",
                    "accepted_at": "昨天",
                },
            ),
            wang_li.post(f"{link}/accept?lang=zh"),
            wang_li.post(f"{link}/refer_out?lang=zh"),
            wang_li.post(f"{link}/expect?lang=zh", data={"expectation": "99"}),
            wang_li.post(f"{link}/reply?lang=zh", data={"text": "好" * 10_001}),
        ]
    assert {one.status_code for one in refused} == {409, 422}
    typed = typed_in(db_session, walk.case)
    found = {one.request.path: latin_in(one.text, typed) for one in refused}
    assert {where: latin for where, latin in found.items() if latin} == {}


def test_lists_forms_and_the_lost_link_speak_chinese(
    app: Flask, db_session: Session, chinese: World, browse: Browse
) -> None:
    walk = Walk(db_session, chinese)
    with clock.frozen(MONDAY):
        sender = Sender("email", "wang.li@example.cn")
        second = receive(db_session, Inbound("email", chinese.support.id, sender, "又来了", subject="投诉二"))
        db_session.commit()
    limiter.reset()
    bob, stranger = browse(chinese.bob), app.test_client()
    typed = typed_in(db_session, walk.case)
    pages = {
        **{view: bob.get(f"/complaints?view={view}") for view in ("open", "mine", "late", "soon", "over")},
        "new": bob.get(f"/complaints/new?ticket={second.ticket_id}"),
        "lost": stranger.get("/complaint?lang=zh"),
        "expired": stranger.get(f"/complaint/{'x' * 43}?lang=zh"),
        "asked": stranger.post("/complaint?lang=zh", data={"reference": "CMP", "contact": "x"}),
        "asked without words": stranger.post("/complaint?lang=zh", data={}),
    }
    found = {name: latin_in(page.text, typed) for name, page in pages.items()}
    assert {name: latin for name, latin in found.items() if latin} == {}


def test_the_demo_s_cases_speak_chinese(app: Flask, db_session: Session) -> None:
    build_organisation(db_session, {person.login: PASSWORD for person in PEOPLE})
    open_dossiers(db_session)
    for user in db_session.scalars(select(User)):
        user.language = "zh"
    db_session.commit()
    limiter.reset()
    ines = Browser(app, db_session.scalars(select(User).where(User.email.startswith("ines@"))).one())
    cases = db_session.scalars(select(ComplaintCase)).all()
    found = {"list": latin_in(ines.get("/complaints").text, _everybody(db_session))}
    for case in cases:
        page = ines.get(f"/complaints/{case.reference}").text
        found[case.reference] = latin_in(page, [*typed_in(db_session, case), *_everybody(db_session)])
    assert len(cases) == 3
    assert {where: latin for where, latin in found.items() if latin} == {}


def _everybody(session: Session) -> list[str]:
    return [case.customer.name or "" for case in session.scalars(select(ComplaintCase))]


def test_everything_that_a_page_names_has_a_word() -> None:
    events = {
        *known_events(),
        *(move.event for name in load_packs() for move in machine_of(name).transitions),
    }
    steps = json.loads((DATA / "steps.json").read_text(encoding="utf-8"))
    machine = json.loads((DATA / "machine.json").read_text(encoding="utf-8"))
    actors = {one for row in (*steps.values(), *machine["transitions"]) for one in row["actors"]}
    assert events <= set(words.EVENTS)
    assert set(LINES) <= set(words.EVENTS)
    assert set(KINDS) == set(words.LETTERS)
    assert set(machine["states"]) == set(words.STATES) == set(SENTENCES)
    assert {row["holder"] for row in machine["states"].values()} <= set(words.HOLDERS)
    assert actors <= set(words.ROLES)
    assert {clock for pack in load_packs().values() for clock in pack.clocks} <= set(words.CLOCKS)
    assert set(load_packs()) == set(words.PACKS)
    assert set(load_calendars()) == set(words.CALENDARS)


def test_every_word_is_chinese_in_chinese() -> None:
    tables = [value for name, value in vars(words).items() if name.isupper() and isinstance(value, dict)]
    with speaking("zh"):
        said = {word: words.say(table, word) for table in tables for word in table}
    assert [word for word, text in said.items() if not re.search(r"[一-鿿]", text)] == []
