"""Bytes of one mail in, what it says out. Pure, never raises, bounded in time."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contactcenter.channels.email.addresses import UNKNOWN, Address, parse_addresses, parse_sender
from contactcenter.channels.email.attachments import Attachment
from contactcenter.channels.email.body import Body, read_body
from contactcenter.channels.email.headers import header_text, parse_date, parse_message_ids
from contactcenter.channels.email.mime import Headers, Part, split
from contactcenter.channels.email.reply_text import reply_text
from contactcenter.channels.email.robots import (
    Authentication,
    Bounce,
    find_bounce,
    find_list,
    read_authentication,
    why_automatic,
)

_ANY_FROM = re.compile(rb"^From:[ \t]*([^\r\n]{1,1000})", re.IGNORECASE | re.MULTILINE)
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"

Protection = Literal["", "signed", "encrypted"]


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What a mail says. `text` is always the whole text, `reply_text` its new part; ids come without brackets.

    `sender.address` is None where none could be read. `auto` names the sign that a machine sent it. `error` says why
    the mail could not be read; then only what was found before it is filled in, and the raw bytes are all there is.
    """

    sender: Address = UNKNOWN
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    delivered_to: tuple[Address, ...] = ()
    subject: str = ""
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    html: str | None = None
    reply_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    auto: str | None = None
    bounce: Bounce | None = None
    mailing_list: str | None = None
    protection: Protection = ""
    authentication: tuple[Authentication, ...] = field(default=())
    error: str | None = None

    @property
    def is_robot(self) -> bool:
        return self.auto is not None or self.bounce is not None

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Ids this mail answers, nearest first."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))


def parse(raw: bytes) -> ParsedMail:
    """Read a mail. Whatever the bytes are, the answer is a ParsedMail, with `error` if they make no mail."""
    if not raw.strip():
        return ParsedMail(error="The message is empty.")
    try:
        root = split(raw)
    except (
        ValueError,
        LookupError,
        RecursionError,
    ) as error:  # the kinds that bad data raises in our libraries
        return _unreadable(raw, error)
    if not root.headers.fields:
        return ParsedMail(text=header_text(raw[:2_000]), error="The message has no headers.")
    try:
        return _read(root)
    except (ValueError, LookupError, RecursionError) as error:
        return _unreadable(raw, error)


def _unreadable(raw: bytes, error: Exception) -> ParsedMail:
    found = _ANY_FROM.search(raw[:1_000_000])
    sender = parse_sender(found[1]) if found else UNKNOWN
    return ParsedMail(sender=sender, error=f"The message cannot be read ({type(error).__name__}).")


def _read(root: Part) -> ParsedMail:
    headers, hints = root.headers, _charsets(root)
    body = read_body(root)
    sender = _sender(headers, hints)
    subject = header_text(headers.get("subject"), hints)
    return ParsedMail(
        sender=sender,
        to=_addresses(headers, "to", hints),
        cc=_addresses(headers, "cc", hints),
        reply_to=_addresses(headers, "reply-to", hints),
        delivered_to=_delivered_to(headers),
        subject=subject,
        date=parse_date(headers.get("date")),
        message_id=next(iter(parse_message_ids(headers.get("message-id"))), None),
        in_reply_to=parse_message_ids(headers.get("in-reply-to")),
        references=parse_message_ids(headers.get("references")),
        text=body.text,
        html=body.html,
        reply_text=reply_text(body.reply_source),
        attachments=body.attachments,
        auto=why_automatic(root, subject),
        bounce=find_bounce(root, sender.address or sender.name, subject),
        mailing_list=find_list(headers),
        protection=_protection(root, body),
        authentication=read_authentication(headers),
    )


def _charsets(root: Part) -> tuple[str, ...]:
    """Charsets the parts declare: raw headers are mostly in the same."""
    return tuple(dict.fromkeys(part.charset for part in root.walk() if part.charset))


def _sender(headers: Headers, hints: tuple[str, ...]) -> Address:
    """From; where it names nobody, the next best header."""
    sender = parse_sender(headers.get("from"), hints)
    if sender.address:
        return sender
    for name in ("sender", "reply-to", "return-path", "x-sender"):
        other = parse_sender(headers.get(name), hints)
        if other.address:
            return Address(other.address, sender.name or other.name)
    return sender


def _addresses(headers: Headers, name: str, hints: tuple[str, ...]) -> tuple[Address, ...]:
    return parse_addresses(b", ".join(headers.all(name)), hints)


def _delivered_to(headers: Headers) -> tuple[Address, ...]:
    """The addresses servers say it was delivered to, for mail that hides us from its To (Bcc, lists, plus-addresses)."""
    found = [
        value for name in ("delivered-to", "x-original-to", "envelope-to") for value in headers.all(name)
    ]
    return parse_addresses(b", ".join(found))


def _protection(root: Part, body: Body) -> Protection:
    smime = root.content.named.get("smime-type", "")
    if root.content_type == "multipart/encrypted" or body.text.lstrip().startswith(_PGP_MESSAGE):
        return "encrypted"
    if root.content_type in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
        return "signed" if smime.lower() == "signed-data" else "encrypted"
    return "signed" if root.content_type == "multipart/signed" else ""
