"""What happens to queues."""

from dataclasses import dataclass
from typing import Any, ClassVar

from contactcenter.core.events import Event

Changes = dict[str, list[Any]]  # field → [before, after]; Any: JSON


@dataclass(frozen=True, slots=True)
class QueueCreated(Event):
    name: ClassVar[str] = "queue.created"
    queue_id: int
    title: str


@dataclass(frozen=True, slots=True)
class QueueChanged(Event):
    name: ClassVar[str] = "queue.changed"
    queue_id: int
    changes: Changes


@dataclass(frozen=True, slots=True)
class HoursChanged(Event):
    name: ClassVar[str] = "hours.changed"
    hours_id: int
    title: str


@dataclass(frozen=True, slots=True)
class AgentSkillsChanged(Event):
    name: ClassVar[str] = "agent.skills_changed"
    user_id: int
    levels: dict[str, int]


@dataclass(frozen=True, slots=True)
class RoutingPolicyChanged(Event):
    name: ClassVar[str] = "routing_policy.changed"
    changes: Changes
