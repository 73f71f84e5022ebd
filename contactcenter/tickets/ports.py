"""What tickets ask of floors above them; `compose` fills these in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Select, false, or_
from sqlalchemy.orm import Session

from contactcenter.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a ticket may not be solved yet: rule id, one sentence (translated), how to fix it."""

    rule: str
    message: str
    how_to_fix: str


class CloseCheck(Protocol):
    """Asked before a ticket is solved or closed; None has no objection."""

    def __call__(self, session: Session, ticket: Ticket) -> Objection | None: ...


_close_checks: list[CloseCheck] = []


def register_close_check(check: CloseCheck) -> None:
    """Let `check` object to solving tickets; asking twice is asking once."""
    if check not in _close_checks:
        _close_checks.append(check)


def objections_to_closing(session: Session, ticket: Ticket) -> list[Objection]:
    """All objections, so that a person mends them in one go."""
    found = (check(session, ticket) for check in _close_checks)
    return [objection for objection in found if objection is not None]


Actor = str | ColumnElement[str]
"""Somebody as events name him (`user:5`), or a column of such names."""


class Exclusion(Protocol):
    """Tickets that `actor` may not see although his team may: a condition on Ticket rows that are hidden from him."""

    def __call__(self, actor: Actor) -> ColumnElement[bool]: ...


_exclusions: list[Exclusion] = []


def register_exclusion(exclusion: Exclusion) -> None:
    """Hide what `exclusion` says; asking twice is asking once."""
    if exclusion not in _exclusions:
        _exclusions.append(exclusion)


class ExcludedPeople(Protocol):
    """The same the other way round: of these tickets, each with the name of somebody whom it is hidden from."""

    def __call__(self, ticket_ids: Collection[int]) -> Select[int, str]: ...


_excluded_people: list[ExcludedPeople] = []


def register_excluded_people(people: ExcludedPeople) -> None:
    """Name those whom an exclusion hides tickets from; asking twice is asking once."""
    if people not in _excluded_people:
        _excluded_people.append(people)


def excluded_people(session: Session, ticket_ids: Collection[int]) -> Iterator[tuple[int, str]]:
    """Every ticket of these with everybody whom something hides it from."""
    for people in _excluded_people:
        yield from session.execute(people(ticket_ids))


def excluded(actor: Actor) -> ColumnElement[bool]:
    """The condition that something hides the ticket from `actor`."""
    return or_(false(), *(exclusion(actor) for exclusion in _exclusions))
