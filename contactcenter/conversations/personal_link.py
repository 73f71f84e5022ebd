"""A customer's own link in a message of ours: whoever holds it acts as the customer, so staff see it without its key."""

import re
from typing import Any

from contactcenter.conversations.models import SEALED_LINK, Message
from contactcenter.core.config import get_settings
from contactcenter.core.security import seal, unseal

_LINK = re.compile(r"((?:/|%2F)complaint(?:/|%2F))[A-Za-z0-9_-]{32,}", re.IGNORECASE)


def without_keys(text: str) -> str:
    """A text somebody sent us, with every such link in it made harmless: people quote our letters in their answers.

    What arrived stays as it was in the raw mail; what staff, exports, search and models read is this.
    """
    return _LINK.sub(r"\1…", text)


def without_key(link: str) -> str:
    """What stands in the stored text in place of `link`."""
    return f"{link.rpartition('/')[0]}/…"


def kept_beside(link: str) -> dict[str, Any]:  # Any: JSON of the message's meta
    """What the message's meta keeps, so that the text can go out whole."""
    return {SEALED_LINK: seal(get_settings().secret_key, link)}


def is_personal(message: Message) -> bool:
    """Whether it carries the customer's own link: then it goes to nobody else."""
    return SEALED_LINK in message.meta


def text_for_customer(message: Message) -> str:
    """The text as it leaves the house; only channels and print ask for it."""
    sealed = message.meta.get(SEALED_LINK)
    link = unseal(get_settings().secret_keys, sealed) if sealed else None
    return message.body.replace(without_key(link), link) if link else message.body
