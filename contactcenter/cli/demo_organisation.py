"""The demo's organisation: brand, teams, people, queues, skills, canned replies, a mailbox and a widget."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contactcenter.accounts.brands import create_brand
from contactcenter.accounts.models import Brand, Team, User
from contactcenter.accounts.service import create_user
from contactcenter.accounts.teams import create_team
from contactcenter.assignment.presence import set_capacity, set_presence
from contactcenter.channels.chat.models import WidgetKey
from contactcenter.channels.chat.service import save_widget
from contactcenter.channels.email.mailboxes import create_mailbox
from contactcenter.cli.demo_data import CANNED, CODES, MAIL_ADDRESS, MAIL_PORT, PEOPLE, QUEUES, TEAMS, Person
from contactcenter.knowledge.service import Wording, create_reply
from contactcenter.queues.models import BusinessHours, Queue
from contactcenter.queues.service import (
    create_queue,
    name_hours,
    place_queue,
    require_skills,
    save_hours,
    set_agent_skills,
)

SYSTEM = "system"
ZONE = "Europe/London"
CAPACITY = {"voice": 1, "chat": 2, "email": 1}
RING_S = 60
"""Few things at a time, and time to read what an offer is: whoever looks for the first time is slower."""

ROUND_THE_CLOCK = [[["00:00", "24:00"]] for _ in range(7)]


def build_organisation(session: Session, passwords: dict[str, str]) -> WidgetKey:
    """Everything but tickets; returns the widget. `passwords` by login."""
    brand = create_brand(
        session, slug="harbour", name="Harbour Electric", language="en", zone=ZONE, actor=SYSTEM
    )
    teams = {name: create_team(session, name=name, actor=SYSTEM) for name in TEAMS}
    users = {person.login: _hire(session, person, teams, passwords[person.login]) for person in PEOPLE}
    teams[TEAMS[0]].manager_id = users["sam"].id
    hours = _always_open(session)
    queues = {name: _queue(session, name, brand, teams[team], skills, hours) for name, team, skills in QUEUES}
    for shortcut, title, language, body in CANNED:
        create_reply(session, Wording(shortcut, title, body, language, None), actor=SYSTEM)
    _mailbox(session, queues["General"])
    widget = WidgetKey(brand=brand, queue=queues["General"])
    return save_widget(session, widget, actor=SYSTEM, name="Web site", sites=[])


def send_on_break(session: Session) -> None:
    """Only who sits at a screen is ready; the others' states are not all the same, so that the wallboard shows them."""
    for person in PEOPLE:
        if person.absent:
            user = user_called(session, person.login)
            set_presence(session, user, *person.absent, by=user.actor)


def user_called(session: Session, login: str) -> User:
    """One of PEOPLE."""
    return session.scalars(select(User).where(User.email == address_of_staff(login))).one()


def address_of_staff(login: str) -> str:
    """What a person of the demo signs in with."""
    return f"{login}@harbour.example"


def _hire(session: Session, person: Person, teams: dict[str, Team], password: str) -> User:
    user = create_user(
        session,
        email=address_of_staff(person.login),
        name=person.name,
        password=password,
        roles=[role.value for role in person.roles],
        team_id=teams[person.team].id if person.team else None,
        language=person.language,
        actor=SYSTEM,
    )
    if person.skills:
        set_agent_skills(session, user.id, dict(person.skills), actor=SYSTEM)
        for channel, cap in CAPACITY.items():
            set_capacity(session, user.id, channel, cap, by=SYSTEM)
    return user


def _always_open(session: Session) -> BusinessHours:
    """A newcomer may look at any hour: the demo's queues are open at all of them."""
    hours = BusinessHours()
    name_hours(session, hours, name="Round the clock", zone=ZONE)
    return save_hours(session, hours, ROUND_THE_CLOCK, {}, actor=SYSTEM)


def _queue(
    session: Session, name: str, brand: Brand, team: Team, skills: dict[str, int], hours: BusinessHours
) -> Queue:
    queue = create_queue(
        session, name=name, brand=brand, team=team, actor=SYSTEM, ring_s=RING_S, wrap_up_codes=[*CODES]
    )
    place_queue(session, queue, team=team, hours=hours, actor=SYSTEM)
    if skills:
        require_skills(session, queue, skills, actor=SYSTEM)
    return queue


def _mailbox(session: Session, queue: Queue) -> None:
    """Its mail server is the demo's own (demo_mail), so that replies really leave and arrive, and nobody is bothered."""
    create_mailbox(
        session,
        queue,
        actor=SYSTEM,
        address=MAIL_ADDRESS,
        from_name="Harbour Electric",
        smtp_host="127.0.0.1",
        smtp_port=MAIL_PORT,
        smtp_security="plain",
    )
