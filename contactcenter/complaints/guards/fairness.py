"""Both sides, all points, all evidence, all of the loss: F-04, F-05, F-06, F-10, F-11, F-13, F-14."""

from collections.abc import Iterator
from datetime import datetime

from contactcenter.complaints.business_days import add_business_days, late_from, local_date
from contactcenter.complaints.facts import REFUSING, Finding, Offer
from contactcenter.complaints.folding import offer_of
from contactcenter.complaints.guards.independence import named
from contactcenter.complaints.guards.registry import Attempt, guard
from contactcenter.complaints.lint import unfair_condition
from contactcenter.complaints.model import Context, Event, Violation
from contactcenter.complaints.rules import violation
from contactcenter.core.i18n import format_list
from contactcenter.core.i18n import gettext as _

FINDINGS = ("upheld", "partly", "not upheld", "cannot tell")
ATTEMPTS_NEEDED = 2
STATEMENT_BD = 3


@guard("F-04")
def both_sides_heard(attempt: Attempt) -> Violation | None:
    """The customer's account is confirmed (or two attempts were made); every subject spoke or had three working days."""
    missing = list(_not_heard(attempt))
    return violation("F-04", missing=format_list(missing)) if missing else None


def _not_heard(attempt: Attempt) -> Iterator[str]:
    facts = attempt.facts
    if not facts.account_confirmed and facts.contact_attempts_n < ATTEMPTS_NEEDED:
        yield _("the customer")
    for subject in attempt.context.subjects:
        if subject in facts.statements or ("F-04", subject) in facts.waivers:
            continue
        asked = facts.requests.get(subject)
        if asked is None or attempt.now < _floor_end(asked, attempt.context):
            yield named(attempt, subject)


def _floor_end(since: datetime, context: Context) -> datetime:
    """The instant from which three business days have passed."""
    day = add_business_days(context.calendar, local_date(since, context.zone), STATEMENT_BD)
    return late_from(day, context.zone)


@guard("F-05", reads_data=True)
def every_point_found(attempt: Attempt) -> Violation | None:
    """Each key point has a finding, a reason in words and evidence that is on file."""
    found = offer_in(attempt).findings
    for number, point in enumerate(attempt.facts.key_points, start=1):
        finding = _finding_on(found, number, point)
        lacking = _("finding") if finding is None else _lacking(finding, attempt)
        if lacking:
            return violation("F-05", n=number, word=lacking)
    return None


@guard("F-05s", reads_data=True)
def one_joint_finding(attempt: Attempt) -> Violation | None:
    """The summary path has one finding, a reason and evidence of the customer's acceptance."""
    (finding,) = offer_in(attempt).findings
    if finding.finding not in FINDINGS:
        lacking: str | None = _("finding")
    elif not _is_reason(finding.reason):
        lacking = _("reason")
    else:
        lacking = None if finding.evidence else _("evidence")
    return violation("F-05s", n=1, word=lacking) if lacking else None


def _finding_on(found: tuple[Finding, ...], number: int, point: str) -> Finding | None:
    """The finding on the `number`-th point; people count from 1, programs may count from 0 or use the words."""
    from_zero = any(one.point == 0 for one in found)
    wanted = (number - 1 if from_zero else number, point, str(number))
    return next((one for one in found if one.point in wanted), None)


def _lacking(finding: Finding, attempt: Attempt) -> str | None:
    if finding.finding not in FINDINGS:
        return _("finding")
    if not _is_reason(finding.reason):
        return _("reason")
    on_file = any(one in attempt.facts.evidence for one in finding.evidence)
    return None if on_file else _("evidence")


def _is_reason(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


@guard("F-06", reads_data=True)
def adverse_evidence_shown(attempt: Attempt) -> Violation | None:
    """Nothing is held against customers that they have not seen and could not comment on."""
    for finding in offer_in(attempt).findings:
        if finding.finding not in REFUSING:
            continue
        for one in finding.evidence:
            if _is_hidden(one, attempt):
                return violation("F-06", e=one)
    return None


def _is_hidden(evidence_id: str, attempt: Attempt) -> bool:
    evidence = attempt.facts.evidence.get(evidence_id)
    if evidence is None or not evidence.adverse or evidence_id in attempt.facts.commented:
        return False
    shown = attempt.facts.shown.get(evidence_id)
    return shown is None or attempt.now < _floor_end(shown, attempt.context)


@guard("F-10", reads_data=True)
def loss_restored(attempt: Attempt) -> Violation | None:
    """Loss and goodwill are added; what is paid covers both."""
    offer = offer_in(attempt)
    if offer.rejects_all or offer.paid is None or offer.paid >= offer.loss + offer.goodwill:
        return None
    return violation("F-10", loss=money(offer.loss), paid=money(max(0, offer.paid - offer.goodwill)))


@guard("F-11")
def no_unfair_condition(attempt: Attempt) -> Violation | None:
    """No remedy asks for silence, withdrawal, a deleted review or a waived right."""
    offer = attempt.facts.proposal or attempt.facts.offer
    found = unfair_condition(offer.conditions) if offer else None
    return violation("F-11", text=found) if found else None


@guard("F-13", reads_data=True)
def not_made_worse(attempt: Attempt) -> Violation | None:
    """An appeal gives at least what was offered before."""
    before, now = attempt.facts.offer, offer_in(attempt)
    if before is None or now.loss + now.goodwill >= before.loss + before.goodwill:
        return None
    return violation("F-13", a=money(before.loss + before.goodwill), b=money(now.loss + now.goodwill))


@guard("F-14", reads_data=True)
def decided_by_a_person(attempt: Attempt) -> Violation | None:
    """A model may help; to reject on its word alone needs a person who confirms."""
    if attempt.event != "propose":
        return None
    offer = offer_in(attempt)
    refused = [one for one in offer.findings if one.finding in REFUSING]
    if refused and offer.model and not _is_confirmed(offer.model):
        return violation("F-14", field=_("finding"), m=_model_name(offer.model))
    for finding in refused:
        kinds = {
            attempt.facts.evidence[one].kind for one in finding.evidence if one in attempt.facts.evidence
        }
        if kinds == {"model"}:
            return violation("F-14", field=_("finding"), m=format_list(finding.evidence))
    return None


def _is_confirmed(model: object) -> bool:
    return isinstance(model, dict) and model.get("confirmed") is True


def _model_name(model: object) -> str:
    return str(model.get("name", model)) if isinstance(model, dict) else str(model)


def offer_in(attempt: Attempt) -> Offer:
    """The offer that the data of this attempt describes."""
    return offer_of(Event(0, attempt.now, attempt.event, attempt.by, attempt.data, {}, ""))


def money(minor: int) -> str:
    """Minor units as people read them; the currency is the brand's and stands in the letter."""
    return f"{minor // 100}.{minor % 100:02}"
