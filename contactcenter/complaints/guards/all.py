"""Every guard there is: importing this module fills the registry."""

from contactcenter.complaints.guards import (  # noqa: F401  importing registers
    consistency,
    convenience,
    fairness,
    follow_up,
    independence,
    transparency,
)
from contactcenter.complaints.guards.registry import Attempt, Guard, Registered, built

__all__ = ["Attempt", "Guard", "Registered", "built"]
