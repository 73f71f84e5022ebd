"""The twelve things customers write about."""

from typing import Final

TOPICS: Final = (
    "delivery",
    "billing",
    "refund",
    "product_fault",
    "account",
    "technical",
    "staff_behaviour",
    "information",
    "cancellation",
    "praise",
    "privacy",
    "other",
)
