"""What requests and answers look like: shown in the description, and sent to the running application by a test."""

from typing import Any

from pydantic import ConfigDict

Example = dict[str, Any]  # Any: JSON

AT, LATER = "2026-11-23T05:16:52Z", "2026-11-23T09:16:52Z"

ERROR: Example = {
    "error": {
        "code": "invalid",
        "message": "Fill in this field.",
        "details": [{"field": "subject", "message": "Fill in this field."}],
    }
}
NEW_TICKET: Example = {
    "subject": "Two bills for October",
    "body": "I was billed twice.",
    "kind": "question",
    "customer": {"email": "maria@example.org", "name": "Maria"},
}
TICKET_CHANGE: Example = {"subject": "Two bills for October and November", "priority": 2}
TICKET: Example = {
    "id": 12,
    "subject": "Two bills for October",
    "kind": "question",
    "status": "new",
    "priority": 0,
    "brand": "harbour",
    "queue": "General",
    "owner": None,
    "customer": {
        "id": 9,
        "name": "Maria",
        "email": "maria@example.org",
        "phone": None,
        "language": "en",
    },
    "conversations": [{"id": 12, "channel": "form", "state": "waiting"}],
    "sla": [{"name": "first_reply", "due_at": LATER, "state": "running"}],
    "complaint": None,
    "version": 1,
    "created_at": AT,
    "updated_at": AT,
}
NEW_MESSAGE: Example = {"body": "Check the meter first.", "internal": True}
MESSAGE: Example = {
    "id": 31,
    "conversation": 12,
    "channel": "form",
    "seq": 1,
    "rev": 1,
    "author": "customer",
    "author_name": "",
    "internal": False,
    "body": "I was billed twice.",
    "delivery": "sent",
    "created_at": AT,
    "attachments": [{"id": 4, "filename": "bill.pdf", "content_type": "application/pdf", "size": 41200}],
    "analysis": {
        "sentiment": "negative",
        "score": -0.6,
        "confidence": 0.9,
        "complaint": 0.7,
        "topic": "billing",
        "urgency": 1,
        "language": "en",
        "model": "m1",
        "corrected": None,
    },
}
QUEUE: Example = {
    "id": 3,
    "name": "General",
    "brand": "harbour",
    "team": "Support",
    "open": True,
    "skills": {"mandarin": 3},
    "service_level_pct": 80,
    "service_level_s": 20,
}
PRESENCE_WISH: Example = {"state": "break", "reason": "Lunch"}
PRESENCE: Example = {"state": "break", "reason": "Lunch", "since": AT}
AGENT: Example = {
    "id": 5,
    "name": "Alice Agnew",
    "team": "Support",
    "presence": PRESENCE,
    "load": {"chat": 2},
}
WALLBOARD: Example = {
    "at": AT,
    "queues": [
        {
            "id": 3,
            "name": "General",
            "open": True,
            "waiting": 2,
            "ringing": 1,
            "oldest_at": AT,
            "answered": 40,
            "in_time": 36,
            "abandoned": 2,
            "service_level_pct": 85.7,
            "target_pct": 80,
        }
    ],
    "agents": [AGENT],
}
LOAD: Example = {
    "at": AT,
    "items": [
        {
            "kind": "voice",
            "skill": "mandarin",
            "level": 3,
            "queue": None,
            "waiting": 4,
            "arrived": 25,
            "expected": 22.5,
            "handle_s": 360.0,
            "demand": 2.5,
            "coming": 2.25,
            "people": 1,
            "slots": 1,
            "load_pct": 250.0,
            "coming_pct": 225.0,
            "state": "short",
            "lacking": 2,
            "lacking_for_target": None,
        }
    ],
    "closed": ["Night line"],
}
FOUND: Example = {"type": "ticket", "id": 12, "title": "Two bills for October", "detail": "Maria"}
NEW_COMPLAINT: Example = {
    "text": "I was billed twice and nobody answers.",
    "channel": "email",
    "contact": "maria@example.org",
}
COMPLAINT: Example = {
    "reference": "CMP-2611-Q279652",
    "ticket": 13,
    "state": "acknowledged",
    "holder": "agent",
    "pack": "iso10002-default",
    "received_at": AT,
    "next_due_at": "2026-11-26T00:00:00Z",
    "clocks": [
        {
            "name": "decision",
            "kind": "promise",
            "state": "running",
            "due": "2026-12-07",
            "late_from": "2026-12-08T00:00:00Z",
        }
    ],
    "tracking_url": None,
}
SATISFACTION: Example = {
    "period": "this_month",
    "since": "2026-11-01T00:00:00Z",
    "until": "2026-12-01T00:00:00Z",
    "c": 0.92,
    "answered_n": 24,
    "below_n": 9,
    "equal_n": 6,
    "above_n": 9,
}
STEP: Example = {"event": "comment", "data": {"text": "Asked billing for both invoices."}}
VIOLATION: Example = {
    "rule": "F-03",
    "principle": "fairness",
    "clause": "ISO 10002:2018, 4.7",
    "message": "Whoever is complained about may not investigate.",
    "how_to_fix": "Give the case to somebody else.",
    "eligible": ["user:7"],
}
REFUSAL: Example = {"violations": [VIOLATION]}
ACTION: Example = {
    "event": "admit",
    "to": "admitted",
    "allowed": False,
    "needs_data": True,
    "offered": True,
    "violations": [VIOLATION],
}


REMEDY_REPORT: Example = {
    "id": "re_1MhZ2",
    "kind": "refund",
    "status": "settled",
    "amount": 5000,
    "currency": "GBP",
    "occurred_at": AT,
}
REMEDY_REPORT_HEARD: Example = {"system": "stripe", "id": "re_1MhZ2", "status": "settled", "repeated": False}


def like(example: Example) -> ConfigDict:
    """The configuration of a model that looks like this."""
    return ConfigDict(json_schema_extra={"example": example})


def page_of(example: Example) -> ConfigDict:
    """The configuration of a list of such."""
    return like({"items": [example], "next": "MTI"})
