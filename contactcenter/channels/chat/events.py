"""What happens to widgets."""

from dataclasses import dataclass
from typing import ClassVar

from contactcenter.core.events import Event


@dataclass(frozen=True, slots=True)
class WidgetChanged(Event):
    """Created, edited or switched off, by an administrator."""

    name: ClassVar[str] = "widget.changed"
    widget_id: int
    what: str
