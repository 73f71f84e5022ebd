"""`demo [--size N] [--live]`: a believable organisation with its stories, and a scripted customer that moves things."""

import argparse
import json
import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.brands import create_brand
from contactcenter.accounts.models import Brand, Team, User
from contactcenter.accounts.service import create_user
from contactcenter.accounts.teams import create_team
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import save_widget
from contactcenter.cli.demo_data import CANNED, CUSTOMERS, PEOPLE, QUEUES, STORIES, TEAMS, Person, Story
from contactcenter.compose import compose
from contactcenter.conversations.append import NewMessage, append_message
from contactcenter.conversations.models import Author, Conversation
from contactcenter.conversations.ports import Inbound, Sender
from contactcenter.conversations.service import end_conversation, receive
from contactcenter.core import clock, db
from contactcenter.core.config import Settings, get_settings
from contactcenter.core.ids import readable_code
from contactcenter.embedded.attach import attach_or_start
from contactcenter.knowledge.models import CannedReply
from contactcenter.queues.models import Queue
from contactcenter.queues.service import create_queue, require_skills, set_agent_skills
from contactcenter.tickets import service as tickets

SYSTEM = "system"
DAYS = 14
SEED = 20261123


def main(arguments: Sequence[str]) -> int:
    """Fill the database with N more stories; `--live` then plays a customer against the running system."""
    parser = argparse.ArgumentParser(prog="app.py demo", description=__doc__)
    parser.add_argument("--size", type=int, default=0, metavar="N", help="how many tickets to add")
    parser.add_argument("--live", action="store_true", help="play a customer who chats, mails and complains")
    options = parser.parse_args(list(arguments))
    with attach_or_start(get_settings()) as settings:
        db.connect(settings.database_url, pool_n=2)
        seed_if_empty(settings)
        if options.size > 0:
            with db.unit_of_work() as session:
                tell_stories(session, options.size, random.Random(SEED + options.size))  # noqa: S311  a demo, no secret
            print(f"{options.size} tickets added")
    return 0


def seed_if_empty(settings: Settings) -> bool:
    """Create the demo organisation if nobody can sign in yet, and STATE_DIR/demo.json; False if there is somebody."""
    compose()
    with db.unit_of_work() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            return False
        passwords = {person.login: readable_code(10) for person in PEOPLE}
        key = build_organisation(session, passwords)
        tell_stories(session, len(STORIES), random.Random(SEED))  # noqa: S311  a demo, no secret
        widget_key = key.key
    _write_private(settings.state_dir / "demo.json", _sign_ins(settings, passwords, widget_key))
    return True


def build_organisation(session: Session, passwords: dict[str, str]) -> WidgetKey:
    """Brand, teams, people, queues, skills, canned replies and a widget; returns the widget."""
    brand = create_brand(
        session, slug="harbour", name="Harbour Electric", language="en", zone="Europe/London", actor=SYSTEM
    )
    teams = {name: create_team(session, name=name, actor=SYSTEM) for name in TEAMS}
    users = {person.login: _hire(session, person, teams, passwords[person.login]) for person in PEOPLE}
    teams[TEAMS[0]].manager_id = users["sam"].id
    queues = {name: _queue(session, name, brand, teams[team], skills) for name, team, skills in QUEUES}
    for shortcut, title, language, body in CANNED:
        session.add(CannedReply(shortcut=shortcut, title=title, language=language, body=body))
    widget = WidgetKey(brand=brand, queue=queues["General"])
    return save_widget(session, widget, actor=SYSTEM, name="Web site", sites=[])


def tell_stories(session: Session, n: int, chance: random.Random) -> None:
    """`n` tickets spread over the last DAYS days, each with its messages at believable times."""
    queues = {queue.name: queue for queue in session.scalars(select(Queue))}
    agents = session.scalars(select(User).where(User.roles.contains(["agent"])).order_by(User.id)).all()
    for number in range(n):
        story = STORIES[number % len(STORIES)]
        speakers = [name for name, language in CUSTOMERS if language == story.language]
        customer = speakers[(number // len(STORIES) + number) % len(speakers)]
        age = timedelta(minutes=chance.randint(5, 60) + (n - 1 - number) * DAYS * 24 * 60 // max(n, 1))
        _tell(
            session, story, customer, number, queues[story.queue], agents[number % len(agents)], age, chance
        )


def _tell(
    session: Session,
    story: Story,
    customer: str,
    number: int,
    queue: Queue,
    agent: User,
    age: timedelta,
    chance: random.Random,
) -> None:
    at = clock.now() - age
    conversation: Conversation | None = None
    for index, line in enumerate(story.lines):
        with clock.frozen(at):
            if index % 2 == 0:
                sender = Sender("email", _address(customer, number), customer)
                thread = conversation.ticket_id if conversation else None
                inbound = Inbound(
                    "email",
                    queue.id,
                    sender,
                    line,
                    subject=story.subject,
                    language=story.language,
                    kind=story.kind,
                    ticket_id=thread,
                    received_at=at,
                )
                conversation = session.get_one(Conversation, receive(session, inbound).conversation_id)
            elif conversation is not None:
                _answer(session, conversation, agent, line)
        at += timedelta(minutes=chance.randint(3, 40))
        at = min(at, clock.now())
    if conversation is not None and story.end != "open":
        with clock.frozen(at):
            _finish(session, conversation, story.end, agent)


def _answer(session: Session, conversation: Conversation, agent: User, line: str) -> None:
    message = NewMessage(author=Author.AGENT, body=line, user_id=agent.id, delivery="sent")
    append_message(session, conversation.id, message)
    tickets.note_first_reply(session, conversation.ticket, clock.now())
    tickets.assign_owner(session, conversation.ticket, agent, actor=agent.actor)


def _finish(session: Session, conversation: Conversation, status: str, agent: User) -> None:
    end_conversation(session, conversation.id, by="agent", reason="completed", actor=agent.actor)
    tickets.assign_owner(session, conversation.ticket, agent, actor=agent.actor)
    tickets.set_status(session, conversation.ticket, status, actor=agent.actor)


def _hire(session: Session, person: Person, teams: dict[str, Team], password: str) -> User:
    user = create_user(
        session,
        email=f"{person.login}@harbour.example",
        name=person.name,
        password=password,
        roles=[role.value for role in person.roles],
        team_id=teams[person.team].id if person.team else None,
        language=person.language,
        actor=SYSTEM,
    )
    if person.skills:
        set_agent_skills(session, user.id, dict(person.skills), actor=SYSTEM)
    return user


def _queue(session: Session, name: str, brand: Brand, team: Team, skills: dict[str, int]) -> Queue:
    queue = create_queue(session, name=name, brand=brand, team=team, actor=SYSTEM)
    if skills:
        require_skills(session, queue, skills, actor=SYSTEM)
    return queue


def _address(customer: str, number: int) -> str:
    latin = (
        customer.lower().replace(" ", ".")
        if customer.isascii()
        else f"kehu{CUSTOMERS.index((customer, 'zh'))}"
    )
    return f"{latin}@mail{number // len(STORIES)}.example"


def _sign_ins(settings: Settings, passwords: dict[str, str], widget_key: str) -> dict[str, object]:
    people = [
        {
            "role": person.role,
            "name": person.name,
            "email": f"{person.login}@harbour.example",
            "password": passwords[person.login],
        }
        for person in PEOPLE
    ]
    return {"url": settings.base_url, "sign_ins": people, "widget_key": widget_key}


def _write_private(path: Path, content: dict[str, object]) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
