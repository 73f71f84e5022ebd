"""What happens to customers."""

from dataclasses import dataclass
from typing import Any, ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class CustomerCreated(Event):
    name: ClassVar[str] = "customer.created"
    customer_id: int


@dataclass(frozen=True, slots=True)
class CustomerChanged(Event):
    name: ClassVar[str] = "customer.changed"
    personal: ClassVar[tuple[str, ...]] = ("changes",)
    customer_id: int
    changes: dict[str, list[Any]]  # field → [before, after]; Any: JSON


@dataclass(frozen=True, slots=True)
class IdentityAdded(Event):
    name: ClassVar[str] = "customer.identity_added"
    customer_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class AddressClaimed(Event):
    """Somebody typed an address as his own; nothing proves it yet."""

    name: ClassVar[str] = "customer.address_claimed"
    customer_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class AddressProved(Event):
    name: ClassVar[str] = "customer.address_proved"
    customer_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class ClaimRefused(Event):
    name: ClassVar[str] = "customer.claim_refused"
    customer_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class CustomerJoined(Event):
    """`joined_id` is from now on known as `customer_id`."""

    name: ClassVar[str] = "customer.joined"
    customer_id: int
    joined_id: int


@dataclass(frozen=True, slots=True)
class CustomerSeparated(Event):
    """`joined_id` is somebody of his own again."""

    name: ClassVar[str] = "customer.separated"
    customer_id: int
    joined_id: int
