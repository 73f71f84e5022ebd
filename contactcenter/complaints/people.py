"""Staff as the engine sees them: keys, case roles, reporting lines."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contactcenter.accounts.models import Role, User
from contactcenter.accounts.permissions import may_see_complaints
from contactcenter.complaints.model import CUSTOMER, SYSTEM, Person
from contactcenter.conversations.models import Author, Conversation, Message
from contactcenter.tickets.models import Ticket

# What an account's role lets a person be in a case. Who checks a remedy is anybody who did not deliver it (U-01).
_CASE_ROLES: dict[Role, tuple[str, ...]] = {
    Role.AGENT: ("agent", "verifier"),
    Role.SUPERVISOR: ("agent", "verifier"),
    Role.INVESTIGATOR: ("investigator", "verifier"),
    Role.APPROVER: ("approver",),
    Role.REVIEWER: ("reviewer",),
    Role.ADMINISTRATOR: ("administrator",),
    Role.SALES: (),
}


def load_people(session: Session) -> dict[str, Person]:
    """Everybody who may act in complaints, by key (`user:5`), in the order of their numbers."""
    users = session.scalars(select(User).options(joinedload(User.team)).where(User.active).order_by(User.id))
    return {user.actor: _person(user) for user in users if may_see_complaints(user)}


def _person(user: User) -> Person:
    roles = frozenset(role for held in user.roles for role in _CASE_ROLES.get(Role(held), ()))
    manager = user.team.manager_id if user.team else None
    return Person(
        roles=roles,
        team=str(user.team_id) if user.team_id is not None else None,
        manager=f"user:{manager}" if manager not in (None, user.id) else None,
        name=user.name,
    )


def actor_key(actor: str) -> str:
    """The engine's name for an actor of the event log: customers are all `customer`, staff and system keep theirs."""
    if actor == SYSTEM or actor.startswith("user:"):
        return actor
    return CUSTOMER


def handlers_of(session: Session, ticket: Ticket) -> list[str]:
    """Who had this ticket in hand so far: its owner, the agents of its conversations, whoever answered on it."""
    answered = select(Message.user_id).where(
        Message.ticket_id == ticket.id, Message.author == Author.AGENT, Message.user_id.is_not(None)
    )
    took = select(Conversation.agent_id).where(
        Conversation.ticket_id == ticket.id, Conversation.agent_id.is_not(None)
    )
    ids = {ticket.owner_id, *session.scalars(answered), *session.scalars(took)} - {None}
    return [f"user:{number}" for number in sorted(number for number in ids if number is not None)]


def users_named(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """The names behind staff keys, for pages."""
    ids = [int(key.removeprefix("user:")) for key in keys if key.startswith("user:")]
    rows = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {f"user:{row.id}": row.name for row in rows}
