"""Fold events into facts: one small change per event name."""

from collections.abc import Callable, Sequence
from typing import Any

from contactcenter.complaints.contacts import Contact, attempts_met, slot_kept
from contactcenter.complaints.facts import (
    Evidence,
    Extension,
    Facts,
    Finding,
    Hold,
    Mark,
    Offer,
    calls_possible,
    instant,
)
from contactcenter.complaints.letter_kinds import kinds_sent
from contactcenter.complaints.machine import Machine
from contactcenter.complaints.model import NOT_PEOPLE, Event


def fold(events: Sequence[Event], machine: Machine) -> Facts:
    """The facts after all `events`."""
    facts = Facts()
    for event in events:
        take(facts, event, machine)
    return facts


def take(facts: Facts, event: Event, machine: Machine) -> None:
    """Let one more event change the facts."""
    old = facts.state
    move = machine.find(old, event.name)
    if move is not None and move.target != old:
        facts.state, facts.entered_at = move.target, event.at
    if event.by not in NOT_PEOPLE:
        facts.acted[event.by].append((event.seq, event.name))
    change = _CHANGES.get(event.name)
    if change is not None:
        change(facts, event)
    clock = str(event.data.get("clock", ""))
    facts.marks.append(Mark(event.seq, event.at, frozenset(_names(facts, event, old)), clock))
    if clock:
        facts.acts.add((event.name, clock, f"{event.data.get('run')}:{event.data.get('due')}"))


def _names(facts: Facts, event: Event, old: str) -> list[str]:
    names = [event.name]
    if facts.state != old:
        names.append(f"enter:{facts.state}")
    if event.name in ("mediation", "callback"):
        names.append(f"{event.name}:{event.data['result']}")
    if event.name == "callback" and attempts_met(facts.contacts, by_phone=calls_possible(facts)):
        names.append("callback:attempts_met")
    if event.name == "erase":
        names.append("job:erase")
    letters = kinds_sent(event, old, facts.state)
    return [*names, *(f"letter:{kind}" for kind in letters), *(["letter:*"] if letters else [])]


def _submit(facts: Facts, event: Event) -> None:
    data = event.data
    received = instant(data.get("received_at")) or event.at
    facts.receipts.append((event.seq, received))
    facts.sent_to_company = instant(data.get("sent_to_company")) or received
    facts.channel, facts.text = data["channel"], data.get("text", "")
    facts.contact, facts.order = data.get("contact") or "", data.get("order") or ""
    facts.anonymous = bool(data.get("anonymous"))
    facts.language = data.get("language") or ""


def _acknowledge(facts: Facts, event: Event) -> None:
    facts.expectation = event.data.get("expectation", facts.expectation)
    if event.by not in NOT_PEOPLE:
        facts.handlers["contact"] = event.by


def _admit(facts: Facts, event: Event) -> None:
    data = event.data
    facts.key_points, facts.category = list(data["key_points"]), data["category"]
    facts.severity, facts.harm = data["severity"], data.get("harm")
    facts.remedy_sought = data.get("remedy_sought") or facts.remedy_sought
    facts.handlers["investigator"] = data["investigator"]
    facts.handlers.setdefault("contact", event.by)


def _start(facts: Facts, event: Event) -> None:
    facts.handlers["investigator"] = event.by
    facts.declarations[event.by] = event.data["declaration"]


def _hold(facts: Facts, event: Event) -> None:
    facts.holds.append(Hold(event.at, event.data["reason"], event.data["waiting_for"]))


def _resume(facts: Facts, event: Event) -> None:
    if facts.on_hold:
        facts.on_hold.until = event.at


def _extend(facts: Facts, event: Event) -> None:
    facts.extensions.append(Extension(event.seq, event.at, event.data["clock"], event.data.get("to")))


def _reassign(facts: Facts, event: Event) -> None:
    facts.handlers["investigator"] = facts.handlers["contact"] = event.data["to"]
    facts.declarations[event.data["to"]] = event.data["declaration"]


def _propose(facts: Facts, event: Event) -> None:
    facts.proposal = offer_of(event)


def _communicate(facts: Facts, event: Event) -> None:
    if facts.proposal is not None:
        facts.offer = facts.proposal
        facts.offers.append(facts.proposal)
    facts.handlers["decider"] = event.by


def _decide_at_once(facts: Facts, event: Event) -> None:
    facts.offer = offer_of(event)
    facts.offers.append(facts.offer)
    role = "reviewer" if event.name == "review_decide" else "decider"
    facts.handlers[role] = event.by


def _external(facts: Facts, event: Event) -> None:
    facts.offer = Offer(
        (), event.data.get("loss", 0), event.data.get("goodwill", 0), event.by, event.seq, external=True
    )


def _deliver(facts: Facts, event: Event) -> None:
    facts.delivered_by, facts.delivery = event.data["deliverer"], dict(event.data["proof"])


def _verify(facts: Facts, event: Event) -> None:
    facts.verified_at = event.at


def _appeal(facts: Facts, event: Event) -> None:
    facts.appeals.append(event.seq)
    facts.handlers.pop("reviewer", None)


def _close(facts: Facts, event: Event) -> None:
    facts.closed_at = event.at


def _reopen(facts: Facts, event: Event) -> None:
    facts.reopened.append(event.at)
    facts.handlers.pop("investigator", None)
    if event.data.get("investigator"):
        facts.handlers["investigator"] = event.data["investigator"]


def _evidence(facts: Facts, event: Event) -> None:
    data = event.data
    facts.evidence[data["id"]] = Evidence(data["id"], data["point"], data["adverse"], data["kind"], event.at)


def _statement_request(facts: Facts, event: Event) -> None:
    facts.requests.setdefault(event.data["person"], event.at)


def _statement(facts: Facts, event: Event) -> None:
    facts.statements[event.data["person"]] = event.data["text"]
    if "customer" in (event.data["person"], event.by):
        facts.account_confirmed = True


def _show_adverse(facts: Facts, event: Event) -> None:
    facts.shown.setdefault(event.data["id"], event.at)


def _customer_comment(facts: Facts, event: Event) -> None:
    facts.commented.add(event.data["id"])


def _contact_attempt(facts: Facts, event: Event) -> None:
    facts.contact_attempts_n += 1
    facts.account_confirmed = facts.account_confirmed or event.data["result"] == "confirmed"


def _recusal(facts: Facts, event: Event) -> None:
    facts.recusals[event.data["person"]] = event.seq


def _recusal_decided(facts: Facts, event: Event) -> None:
    person = event.data["person"]
    facts.recusals.pop(person, None)
    if not event.data["granted"]:
        return
    facts.recused.add(person)
    facts.handlers = {role: key for role, key in facts.handlers.items() if key != person}


def _reviewer(facts: Facts, event: Event) -> None:
    facts.handlers["reviewer"] = event.data["reviewer"]


def _survey(facts: Facts, event: Event) -> None:
    data = event.data
    facts.expectation = facts.expectation or data.get("expected")
    facts.perceived = data.get("perceived", facts.perceived)
    facts.resolved = data.get("resolved", facts.resolved)
    facts.survey_seq = event.seq


def _callback(facts: Facts, event: Event) -> None:
    data = event.data
    facts.contacts.append(
        Contact(
            event.seq,
            event.at,
            data["person"],
            data["result"],
            data["local_time"],
            data.get("channel", "phone"),
            slot_kept(data),
        )
    )


def _root_cause(facts: Facts, event: Event) -> None:
    facts.root_cause = dict(event.data)


def _waive(facts: Facts, event: Event) -> None:
    facts.waivers[event.data["rule"], event.data["person"]] = event.data["reason"]


def _correct(facts: Facts, event: Event) -> None:
    what, value = event.data["what"], event.data["value"]
    facts.answers[what] = (event.at, value)
    if what == "received_at" and (corrected := instant(value)):
        facts.receipts.append((event.seq, corrected))
    if what in ("contact", "phone", "language", "order", "remedy_sought"):
        setattr(facts, what, str(value))


def _need(facts: Facts, event: Event) -> None:
    facts.needs |= set(event.data["adjustments"])


def offer_of(event: Event) -> Offer:
    """The offer in `propose`, `resolve_now` or `review_decide`."""
    data = event.data
    rows = data.get("findings") or [
        {"point": 1, **{key: data.get(key) for key in ("finding", "reason", "evidence")}}
    ]
    conditions = data.get("conditions") or ()
    return Offer(
        tuple(_finding(row) for row in rows),
        data.get("loss") or 0,
        data.get("goodwill") or 0,
        event.by,
        event.seq,
        paid=data.get("paid"),
        conditions=(conditions,) if isinstance(conditions, str) else tuple(conditions),
        deviation_reason=data.get("deviation_reason") or "",
        model=data.get("model"),
    )


def _finding(row: dict[str, Any]) -> Finding:  # Any: JSON
    evidence = row.get("evidence") or ()
    ids = (evidence,) if isinstance(evidence, str) else tuple(evidence)
    finding = str(row.get("finding") or "").replace("_", " ")
    return Finding(row.get("point", ""), finding, str(row.get("reason") or ""), ids)


_CHANGES: dict[str, Callable[[Facts, Event], None]] = {
    "submit": _submit,
    "acknowledge": _acknowledge,
    "resolve_now": _decide_at_once,
    "admit": _admit,
    "start": _start,
    "hold": _hold,
    "resume": _resume,
    "auto_resume": _resume,
    "extend": _extend,
    "reassign": _reassign,
    "propose": _propose,
    "communicate": _communicate,
    "review_decide": _decide_at_once,
    "external_decided": _external,
    "deliver": _deliver,
    "verify": _verify,
    "dispute": _appeal,
    "unhappy": _appeal,
    "challenge": _appeal,
    "close": _close,
    "merge": _close,
    "reopen": _reopen,
    "evidence": _evidence,
    "statement_request": _statement_request,
    "statement": _statement,
    "show_adverse": _show_adverse,
    "customer_comment": _customer_comment,
    "contact_attempt": _contact_attempt,
    "recusal": _recusal,
    "recusal_decided": _recusal_decided,
    "reviewer": _reviewer,
    "survey": _survey,
    "callback": _callback,
    "root_cause": _root_cause,
    "waive": _waive,
    "correct": _correct,
    "need": _need,
}
