"""What happens to accounts: the audit trail of who may get in. No addresses, no secrets, only ids and field names."""

from dataclasses import dataclass
from typing import Any, ClassVar

from contactcenter.core.events import Event

Changes = dict[str, list[Any]]  # field → [before, after]; Any: JSON


@dataclass(frozen=True, slots=True)
class UserCreated(Event):
    name: ClassVar[str] = "user.created"
    roles: list[str]
    service: bool


@dataclass(frozen=True, slots=True)
class UserChanged(Event):
    """`roles` is what the user holds afterwards."""

    name: ClassVar[str] = "user.changed"
    fields: list[str]
    roles: list[str]


@dataclass(frozen=True, slots=True)
class UserDeactivated(Event):
    name: ClassVar[str] = "user.deactivated"


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    name: ClassVar[str] = "user.password_changed"


@dataclass(frozen=True, slots=True)
class SignedIn(Event):
    name: ClassVar[str] = "user.signed_in"
    session_id: int


@dataclass(frozen=True, slots=True)
class SignInFailed(Event):
    """`reason` is unknown (no such account), inactive or password; people are never told which."""

    name: ClassVar[str] = "user.sign_in_failed"
    reason: str


@dataclass(frozen=True, slots=True)
class SessionRevoked(Event):
    name: ClassVar[str] = "user.session_revoked"
    session_id: int


@dataclass(frozen=True, slots=True)
class TokenCreated(Event):
    name: ClassVar[str] = "token.created"
    token_id: int
    roles: list[str]
    team_id: int | None
    read_only: bool


@dataclass(frozen=True, slots=True)
class TokenRevoked(Event):
    name: ClassVar[str] = "token.revoked"
    token_id: int


@dataclass(frozen=True, slots=True)
class TeamCreated(Event):
    name: ClassVar[str] = "team.created"
    team_id: int
    title: str
    manager_id: int | None


@dataclass(frozen=True, slots=True)
class TeamChanged(Event):
    name: ClassVar[str] = "team.changed"
    team_id: int
    changes: Changes


@dataclass(frozen=True, slots=True)
class BrandCreated(Event):
    name: ClassVar[str] = "brand.created"
    brand_id: int
    slug: str


@dataclass(frozen=True, slots=True)
class BrandChanged(Event):
    name: ClassVar[str] = "brand.changed"
    brand_id: int
    changes: Changes
