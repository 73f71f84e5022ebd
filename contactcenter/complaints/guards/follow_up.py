"""To the end, and proven: U-01, U-02, U-04, U-05, U-06, U-08."""

from contactcenter.complaints.contacts import count_attempts, is_settled
from contactcenter.complaints.facts import Facts, calls_possible
from contactcenter.complaints.guards.independence import SEVERE_FROM
from contactcenter.complaints.guards.registry import Attempt, guard
from contactcenter.complaints.lint import is_final, is_independent_system
from contactcenter.complaints.model import SYSTEM, Context, Violation
from contactcenter.complaints.proofs import is_undone, objection, reports_on
from contactcenter.complaints.rules import violation
from contactcenter.core.i18n import format_date
from contactcenter.core.i18n import gettext as _

REOPENINGS_MAX = 2


@guard("U-01")
def remedy_proven(attempt: Attempt) -> Violation | None:
    """A remedy is owed, owned, dated; done only with a proof from another system; checked by somebody else."""
    if attempt.event == "accept":
        return _something_owed(attempt)
    if attempt.event == "deliver":
        return None if attempt.blank else _proof_of(attempt)
    if attempt.event == "verify":
        return _verifier(attempt) or (None if attempt.blank else _verified(attempt))
    if attempt.event == "close":
        return _undone(attempt)
    return _verifier(attempt) if attempt.event == "verify_fail" else None


def _something_owed(attempt: Attempt) -> Violation | None:
    offer = attempt.facts.offer
    if offer is not None and offer.grants:
        return None
    return violation("U-01", says=_("Nothing is owed: the customer can only agree that it ends here."))


def _proof_of(attempt: Attempt) -> Violation | None:
    proof = attempt.data["proof"]
    if not is_independent_system(proof.get("system", "")) or not proof.get("id", "").strip():
        return violation("U-01", r=attempt.context.reference or attempt.event)
    says = objection(attempt.context, attempt.facts.offer, proof)
    return violation("U-01", says=says) if says else None


def _verifier(attempt: Attempt) -> Violation | None:
    if attempt.by != attempt.facts.delivered_by:
        return None
    return violation("U-01", says=_("Who carried out the remedy cannot check it."))


def _verified(attempt: Attempt) -> Violation | None:
    lacking = _proof_of(attempt)
    if lacking is not None:
        return lacking
    status = attempt.data["proof"].get("status", "")
    unreported = attempt.by == SYSTEM and not status  # silence of the customer, and no system says otherwise
    reported = reports_on(attempt.context, attempt.data["proof"])  # and nothing speaks against them
    if not (unreported or reported or is_final(status)):
        return violation("U-01", says=_("The system does not say that it is done yet."))
    window = attempt.clocks.get("verify_silence")
    if attempt.data["customer"] == "yes" or (window is not None and attempt.now >= window.late_from):
        return None
    until = format_date(window.due) if window is not None and window.due else ""
    return violation("U-01", says=_("The customer has until %(date)s to confirm the remedy.", date=until))


def _undone(attempt: Attempt) -> Violation | None:
    """What was taken back after it had been checked, and not made good by something that counts."""
    if not is_undone(attempt.context, attempt.facts):
        return None
    says = objection(attempt.context, attempt.facts.offer, attempt.facts.delivery) or ""
    return violation("U-01", says=says)


@guard("U-02")
def followed_up(attempt: Attempt) -> Violation | None:
    """The survey was sent; where a contact is due it took place, was declined, or was tried often enough."""
    facts = attempt.facts
    if not facts.has("letter:survey"):
        return violation("U-02", says=_("The survey has not been sent."))
    if not contact_is_due(facts, attempt.context) or is_settled(
        facts.contacts, by_phone=calls_possible(facts)
    ):
        return None
    attempts = count_attempts(facts.contacts, by_phone=calls_possible(facts))
    return violation("U-02", n=attempts.made_n, needed=attempts.needed_n)


def contact_is_due(facts: Facts, context: Context) -> bool:
    """U-03: always after an unhappy answer, an appeal, a reopening, for the vulnerable and the severe; else by the draw."""
    return (
        facts.unhappy
        or context.vulnerable
        or facts.severity >= SEVERE_FROM
        or bool(facts.reopened)
        or bool(facts.appeals)
        or context.sampled
    )


def contact_is_open(facts: Facts, context: Context) -> bool:
    """Whether a contact is due and still to be made; one before an unhappy answer does not meet that answer (U-05)."""
    unmet = facts.unhappy and not facts.appeals
    made = [one for one in facts.contacts if not unmet or one.seq > facts.survey_seq]
    return contact_is_due(facts, context) and not is_settled(made, by_phone=calls_possible(facts))


@guard("U-04")
def survey_for_everybody(attempt: Attempt) -> Violation | None:
    """Nobody is left out of the survey."""
    return None if attempt.context.pack.survey else violation("U-04")


@guard("U-05")
def unhappy_answered(attempt: Attempt) -> Violation | None:
    """An unhappy answer is met by an offer to look again, in person, before anything is closed."""
    facts = attempt.facts
    if attempt.event != "close" or not facts.unhappy:
        return None
    after = [one for one in facts.contacts if one.seq > facts.survey_seq]
    if is_settled(after, by_phone=calls_possible(facts)) or facts.appeals:
        return None
    return violation("U-05")


@guard("U-06")
def cause_known(attempt: Attempt) -> Violation | None:
    """Two levels of cause and a contributing factor."""
    cause = attempt.facts.root_cause
    complete = all(str(cause.get(key, "")).strip() for key in ("level1", "level2", "factor"))
    return None if complete else violation("U-06")


@guard("U-08")
def reopened_in_time(attempt: Attempt) -> Violation | None:
    """30 days without a reason, a failed remedy always, new evidence for a year; the third time is an appeal."""
    facts = attempt.facts
    if len(facts.reopened) >= REOPENINGS_MAX:
        return violation("U-08", says=_("It was reopened twice: the third time is an appeal."))
    reason = attempt.data.get("reason", "none")
    if facts.state == "withdrawn" or reason == "remedy_failed":
        return None
    window = attempt.clocks.get("reopen_new_evidence" if reason == "new_evidence" else "reopen_window")
    if window is None or attempt.now < window.late_from:
        return None
    return violation("U-08", date=format_date(window.due or window.start))
