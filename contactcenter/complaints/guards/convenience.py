"""Easy for the customer: C-01 to C-13 as far as they stand on a transition or step."""

from dataclasses import replace
from datetime import UTC, datetime

from contactcenter.complaints import words
from contactcenter.complaints.contacts import (
    FIRST,
    LAST,
    PHONE,
    SLOT_SLACK,
    has_number,
    is_call,
    wall_instant,
    zone_of_slot,
)
from contactcenter.complaints.facts import instant
from contactcenter.complaints.guards.registry import Attempt, guard
from contactcenter.complaints.letters import contact_of
from contactcenter.complaints.model import Violation
from contactcenter.complaints.rules import violation
from contactcenter.complaints.wall_time import unreal_time
from contactcenter.core.i18n import LANGUAGES, format_city, format_date, format_time
from contactcenter.core.i18n import gettext as _

REQUESTS_MAX = 2
_HARMLESS = ("text", "contact", "channel", "language")


@guard("C-01", reads_data=True)
def own_receipt_time(attempt: Attempt) -> Violation | None:
    """A complaint keeps the time its contact reached us: never one that is still to come."""
    received = instant(attempt.data.get("received_at"))
    if received is None or received <= attempt.now:
        return None
    return violation("C-01", says=_("The complaint cannot have been received after now."))


@guard("C-02", reads_data=True)
def story_and_one_answer(attempt: Attempt) -> Violation | None:
    """Intake needs a story and one way to answer, or the anonymous mailbox; a pack may demand identity, no more."""
    demanded = [
        one for one in attempt.context.pack.intake_requires if one not in (*_HARMLESS, "attachment", "fee")
    ]
    if demanded:
        return violation("C-02", f=demanded[0])
    if not attempt.data["text"].strip():
        return violation("C-02", says=_("Tell in a few words what happened."))
    if attempt.data.get("anonymous"):
        named_only = attempt.context.pack.identity_required
        return violation("C-02", says=_("This procedure needs a name.")) if named_only else None
    if (attempt.data.get("contact") or "").strip():
        return None
    return violation("C-02", says=_("Give one way to answer, or choose to stay anonymous."))


@guard("C-03")
def nothing_told_twice(attempt: Attempt) -> Violation | None:
    """Who takes over has opened the summary; what is on file is not asked again."""
    if attempt.event == "reassign":
        if attempt.blank or attempt.data["summary_read"]:
            return None
        return violation("C-03", says=_("The handover summary has not been opened."))
    known = attempt.facts.answers.get("remedy_sought")
    asked = attempt.data.get("remedy_sought")
    if known is None or asked is None or asked == known[1]:
        return None
    return violation("C-03", date=format_date(known[0]), value=known[1])


@guard("C-04")
def named_contact(attempt: Attempt) -> Violation | None:
    """Every open case has one named contact who is here."""
    contact = (
        attempt.data.get("to") if attempt.event == "reassign" else contact_of(attempt.facts, attempt.context)
    )
    if contact is None and attempt.blank:
        return None
    if contact is not None and contact in attempt.context.people:
        return None
    return violation("C-04")


@guard("C-05")
def own_language(attempt: Attempt) -> Violation | None:
    """What leaves is written in the customer's language."""
    language = attempt.facts.language or attempt.context.language
    if language in LANGUAGES:
        return None
    template = attempt.letters[0].kind if attempt.letters else attempt.event
    return violation("C-05", lang=language, template=words.say(words.LETTERS, template))


@guard("C-06")
def adjustments_kept(attempt: Attempt) -> Violation | None:
    """Who asked for no calls is not called, and who asked for quiet hours is not called in them."""
    if _disturbs(attempt):
        first, last = format_time(FIRST), format_time(LAST)
        says = _(
            "The customer asked for quiet hours: no call before %(first)s or after %(last)s there.",
            first=first,
            last=last,
        )
        return violation("C-06", says=says)
    channel = attempt.data.get("channel") or _default_channel(attempt)
    if "no_calls" not in attempt.facts.needs or channel not in PHONE:
        return None
    return violation("C-06", channel=words.say(words.CHANNELS, channel))


def _disturbs(attempt: Attempt) -> bool:
    data = attempt.data
    if attempt.event != "callback" or attempt.blank or "quiet_hours" not in attempt.facts.needs:
        return False
    there = datetime.fromisoformat(data["local_time"]).time()
    return is_call(data) and not data.get("agreed") and not FIRST <= there <= LAST


def _default_channel(attempt: Attempt) -> str:
    """Letters go by the channel the complaint came in on, unless there is a written way; a contact is a call."""
    if attempt.event == "callback":
        return "" if attempt.blank else "phone"
    written = attempt.facts.contact and not has_number(attempt.facts.contact)
    return "" if written else attempt.facts.channel


@guard("C-08", reads_data=True)
def real_local_time(attempt: Attempt) -> Violation | None:
    """A call-back lies at a wall time that exists once where the customer is, and comes at the slot he chose."""
    data = attempt.data
    unreal = unreal_time(datetime.fromisoformat(data["local_time"]), data["zone"])
    if unreal is not None or not data.get("slot"):
        return unreal
    return unreal_time(datetime.fromisoformat(data["slot"]), zone_of_slot(data)) or _before_its_slot(attempt)


def _before_its_slot(attempt: Attempt) -> Violation | None:
    """While the chosen time is still ahead, no other call is made, unless its customer called or agreed to it.

    Once it has come, what is noted is the truth, late or early.
    """
    data = attempt.data
    chosen = wall_instant(data["slot"], zone_of_slot(data))
    if data.get("agreed") or not is_call(data) or attempt.now >= chosen - SLOT_SLACK:
        return None
    says = _(
        "The customer chose to be called on %(date)s at %(time)s (%(zone)s).",
        date=format_date(chosen.date()),
        time=format_time(chosen.time()),
        zone=format_city(zone_of_slot(data)),
    )
    fix = _("Call then, or tick that the customer called or asked for this time.")
    return replace(violation("C-08", says=says), how_to_fix=fix)


@guard("C-09")
def open_to_the_customer(attempt: Attempt) -> Violation | None:
    """The customer may do it from the tracking link while the window for it is open."""
    window = attempt.clocks.get("appeal_window")
    if attempt.facts.state != "closed" or window is None or attempt.now < window.late_from:
        return None
    return violation(
        "C-09",
        says=_("The time for an appeal ended on %(date)s.", date=format_date(window.due or window.start)),
    )


@guard("C-10")
def files_never_block(attempt: Attempt) -> Violation | None:
    """A file that is missing or quarantined never keeps a complaint out."""
    if "attachment" not in attempt.context.pack.intake_requires:
        return None
    return violation("C-10", says=_("A file may not be a condition of complaining."))


@guard("C-11", reads_data=True)
def merged_into_the_earliest(attempt: Attempt) -> Violation | None:
    """Joined messages keep the earliest receipt, and a person has confirmed that they are one matter."""
    own, other = attempt.facts.received_at, attempt.context.other_receipts.get(attempt.data["with"])
    if own is not None and other is not None and other > own:
        return violation("C-11", a=format_date(own.astimezone(UTC)), b=format_date(other.astimezone(UTC)))
    if attempt.data.get("confirmed"):
        return None
    return violation("C-11", says=_("A person must confirm that both are the same matter."))


@guard("C-12")
def free_of_charge(attempt: Attempt) -> Violation | None:
    """No stage costs the customer anything."""
    return violation("C-12") if "fee" in attempt.context.pack.intake_requires else None


@guard("C-13", reads_data=True)
def few_requests(attempt: Attempt) -> Violation | None:
    """At most two requests for information, and never for what we hold."""
    if attempt.event != "hold":
        return None
    asked = sum(1 for hold in attempt.facts.holds if hold.reason == "awaiting_customer")
    if attempt.data["reason"] == "awaiting_customer" and asked >= REQUESTS_MAX:
        return violation("C-13", says=_("The customer has been asked twice already."))
    wanted = attempt.data["waiting_for"]
    for item in [wanted] if isinstance(wanted, str) else wanted:
        place = _on_file(item, attempt)
        if place is not None:
            return violation("C-13", x=item, system=place)
    return None


def _on_file(item: str, attempt: Attempt) -> str | None:
    facts, word = attempt.facts, item.strip().casefold()
    held = {
        "order": facts.order,
        "order number": facts.order,
        "contact": facts.contact,
        "订单号": facts.order,
    }
    if held.get(word):
        return _("the case file")
    return _("the evidence") if word in {one.casefold() for one in facts.evidence} else None
