"""The people of the tests: Alice (agent), Bob (her supervisor), Mallory (another team), Wang Li 王丽 (customer)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from contactcenter.accounts.models import Brand, Role, Team, User
from contactcenter.core.security import hash_password
from contactcenter.customers.models import Customer
from contactcenter.customers.service import identify
from contactcenter.queues.models import Queue
from contactcenter.queues.service import create_queue

PASSWORD = "correct horse battery"
_HASHED = hash_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class World:
    """One brand, two teams with a queue each, and people in every role. `support` is Alice's queue, `sales` Mallory's."""

    brand: Brand
    team: Team
    other_team: Team
    alice: User
    bob: User
    carol: User
    mallory: User
    ivan: User
    petra: User
    admin: User
    wang_li: Customer
    support: Queue
    other_queue: Queue


def build_world(session: Session) -> World:
    """Create it; the caller commits."""
    brand = Brand(slug="harbour", name="Harbour Electric", language="en", zone="Europe/London")
    team, other_team, cases = Team(name="Support"), Team(name="Fleet"), Team(name="Complaints")
    session.add_all([brand, team, other_team, cases])
    session.flush()
    people = {
        "alice": _user("alice", "Alice Agnew", team, Role.AGENT),
        "bob": _user("bob", "Bob Barrow", team, Role.SUPERVISOR, Role.AGENT),
        "carol": _user("carol", "Carol Chen", team, Role.AGENT),
        "mallory": _user("mallory", "Mallory Moss", other_team, Role.AGENT),
        "ivan": _user("ivan", "Ivan Ilves", cases, Role.INVESTIGATOR),
        "petra": _user("petra", "Petra Pohl", cases, Role.APPROVER),
        "admin": _user("admin", "Ada Admin", None, Role.ADMINISTRATOR),
    }
    session.add_all(people.values())
    session.flush()
    team.manager_id = people["bob"].id
    wang_li = identify(session, "email", "wang.li@example.cn", name="王丽", language="zh")
    support = create_queue(session, name="Support", brand=brand, team=team, actor="system")
    other_queue = create_queue(session, name="Fleet", brand=brand, team=other_team, actor="system")
    return World(brand, team, other_team, **people, wang_li=wang_li, support=support, other_queue=other_queue)


def _user(login: str, name: str, team: Team | None, *roles: Role) -> User:
    return User(
        email=f"{login}@example.com",
        name=name,
        password_hash=_HASHED,
        team=team,
        roles=[role.value for role in roles],
    )
