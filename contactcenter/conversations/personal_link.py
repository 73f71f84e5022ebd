"""A customer's own link in a message of ours: whoever holds it acts as the customer, so staff see it without its key."""

from typing import Any

from contactcenter.conversations.models import Message
from contactcenter.core.config import get_settings
from contactcenter.core.security import seal, unseal

_META = "link"


def without_key(link: str) -> str:
    """What stands in the stored text in place of `link`."""
    return f"{link.rpartition('/')[0]}/…"


def kept_beside(link: str) -> dict[str, Any]:  # Any: JSON of the message's meta
    """What the message's meta keeps, so that the text can go out whole."""
    return {_META: seal(get_settings().secret_key, link)}


def text_for_customer(message: Message) -> str:
    """The text as it leaves the house; only channels and print ask for it."""
    sealed = message.meta.get(_META)
    link = unseal(get_settings().secret_key, sealed) if sealed else None
    return message.body.replace(without_key(link), link) if link else message.body
