"""What an entry of the trail tells, in the words of the forms in which it was typed."""

from collections.abc import Iterator, Mapping
from typing import Any

from contactcenter.core.i18n import format_list, lazy_gettext
from contactcenter.core.i18n import gettext as _
from contactcenter.web.admin import capacity, people

LABELS = {
    "active": lazy_gettext("Switched on"),
    "address": lazy_gettext("Address"),
    "auth": lazy_gettext("Sign in with"),
    "body": lazy_gettext("Text"),
    "brand_id": lazy_gettext("Brand"),
    "complaint_calendar": lazy_gettext("Calendar of working days"),
    "complaint_pack": lazy_gettext("Complaint rules"),
    "cooldown_s": lazy_gettext("Declined work does not come back to the same agent for (s)"),
    "email": lazy_gettext("E-mail address"),
    "further_packs": lazy_gettext("Rules that hold as well"),
    "fields": lazy_gettext("Changed"),
    "first_reply_s": lazy_gettext("First reply within (s of opening time)"),
    "from_name": lazy_gettext("Name of the sender"),
    "folder": lazy_gettext("Folder"),
    "handicap_s": lazy_gettext("Agents with many skills go behind by"),
    "host": lazy_gettext("Server"),
    "hours_id": lazy_gettext("Opening hours"),
    "language": lazy_gettext("Language"),
    "language_s": lazy_gettext("Whoever speaks the customer's language, for (s)"),
    "levels": lazy_gettext("Skills"),
    "manager_id": lazy_gettext("Manager"),
    "may_pick": lazy_gettext("Agents may take what waits, past the router"),
    "name": lazy_gettext("Name"),
    "open": lazy_gettext("Open for work"),
    "plus_addresses": lazy_gettext("Answers carry the ticket in the address (name+12@…)"),
    "port": lazy_gettext("Port"),
    "priority": lazy_gettext("Priority"),
    "privacy_notice": lazy_gettext("Privacy notice"),
    "queue_id": lazy_gettext("Queue"),
    "read_only": lazy_gettext("Only reads"),
    "reason": lazy_gettext("Reason"),
    "resolve_s": lazy_gettext("Solved within (s of opening time)"),
    "ring_s": lazy_gettext("Offer rings for (s)"),
    "roles": lazy_gettext("Roles"),
    "secret": lazy_gettext("Password or access token"),
    "security": lazy_gettext("Encryption"),
    "service": lazy_gettext("For a program"),
    "service_level_pct": lazy_gettext("Served in time (%%)"),
    "service_level_s": lazy_gettext("In time means within (s)"),
    "shortcut": lazy_gettext("Shortcut"),
    "signature": lazy_gettext("Signature"),
    "silent_s": lazy_gettext("A silent chat takes a place for (s)"),
    "single_keys": lazy_gettext("Single keys act at once"),
    "skills": lazy_gettext("Skills"),
    "slug": lazy_gettext("Short name"),
    "speaks": lazy_gettext("Answers customers in"),
    "steps": lazy_gettext("If nobody takes it"),
    "sticky_s": lazy_gettext("Whoever helped last, for (s)"),
    "target_s": lazy_gettext("May wait (s)"),
    "team_id": lazy_gettext("Team"),
    "theme": lazy_gettext("Appearance"),
    "title": lazy_gettext("Title"),
    "trusted_server": lazy_gettext("Server whose sender checks are believed"),
    "undo_chat": lazy_gettext("Hold my chat replies for five seconds"),
    "user": lazy_gettext("User name"),
    "vip": lazy_gettext("Important customers"),
    "what": lazy_gettext("What"),
    "wrap_up_codes": lazy_gettext("What contacts can have been about"),
    "wrap_up_s": lazy_gettext("Wrap-up (s)"),
    "zone": lazy_gettext("Time zone"),
}
VALUES = {
    "reason": {
        "unknown": lazy_gettext("no such account"),
        "inactive": lazy_gettext("locked out"),
        "password": lazy_gettext("wrong password"),
    },
    "roles": {role.value: label for role, label in people.ROLES.items()},
    "what": {"created": lazy_gettext("added"), "changed": lazy_gettext("changed")},
}
TOLD_ELSEWHERE = ("by", "user_id")
"""Who did it and to whom: the trail has columns for both."""


def details(data: Mapping[str, Any]) -> list[str]:  # Any: JSON of an event
    """The event's data in short lines: `Language: en → zh`, `Short name: north-gas`."""
    if {"channel", "cap"} <= data.keys():
        kind, cap = data["channel"], data["cap"]
        return [_line(_(capacity.LABELS[kind]), str(cap))]
    return list(_lines(data))


def _lines(data: Mapping[str, Any]) -> Iterator[str]:  # Any: JSON of an event
    for field, value in data.items():
        if field == "changes":
            for name, (old, new) in value.items():
                yield _line(label_of(name), f"{_plain(name, old)} → {_plain(name, new)}")
        elif field == "fields":
            yield _line(label_of(field), format_list([label_of(name) for name in value]))
        elif field not in TOLD_ELSEWHERE:
            yield _line(label_of(field), _plain(field, value))


def _line(label: str, value: str) -> str:
    return _("%(part)s: %(reason)s", part=label, reason=value)


def label_of(field: str) -> str:
    """The words beside a field; of a mailbox's two servers they name the protocol, of things without a name the number."""
    protocol, _under, rest = field.partition("_")
    if protocol in {"imap", "smtp"}:
        return f"{protocol.upper()} · {label_of(rest)}"
    if field in LABELS:
        return _(LABELS[field]) % {}  # a per cent sign is doubled in messages
    return _("Number") if field.endswith("_id") else field


def _plain(field: str, value: object) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return format_list([_plain(field, one) for one in value])
    if isinstance(value, dict):
        return format_list([f"{name} {_plain(field, one)}" for name, one in value.items()])
    words = VALUES.get(field, {})
    return "–" if value is None else _(words[value]) if value in words else str(value)[:100]
