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
    customer_id: int
    changes: dict[str, list[Any]]  # field → [before, after]; Any: JSON


@dataclass(frozen=True, slots=True)
class IdentityAdded(Event):
    name: ClassVar[str] = "customer.identity_added"
    customer_id: int
    kind: str
