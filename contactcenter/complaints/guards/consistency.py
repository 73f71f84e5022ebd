"""The same for the same: F-08 (the usual range), F-09 (the usual outcome), T-11 (said in the letter)."""

from contactcenter.complaints.facts import Offer
from contactcenter.complaints.guards.fairness import money, offer_in
from contactcenter.complaints.guards.independence import able_as, is_second_person
from contactcenter.complaints.guards.registry import Attempt, guard
from contactcenter.complaints.model import Violation
from contactcenter.complaints.rules import violation
from contactcenter.complaints.similar import REJECTED_SHARE, UPHELD_SHARE, band_of, nearest, upheld_share
from contactcenter.core.i18n import gettext as _


@guard("F-08", reads_data=True)
def inside_the_band(attempt: Attempt) -> Violation | None:
    """Goodwill lies in the usual range, or a second person approved the reasoned deviation."""
    offer = _offer(attempt)
    if offer is None or offer.rejects_all or _stands_already(offer, attempt):
        return None
    band = band_of(attempt.context.neighbours, attempt.facts.harm)
    if band.contains(offer.goodwill) or _is_approved_deviation(offer, attempt):
        return None
    side = _("below") if offer.goodwill < band.low else _("above")
    high = money(band.high) if band.high is not None else "…"
    return violation("F-08", amt=money(offer.goodwill), lo=money(band.low), hi=high, n=band.n, word=side)


def _offer(attempt: Attempt) -> Offer | None:
    return attempt.facts.proposal if attempt.event == "communicate" else offer_in(attempt)


def _stands_already(offer: Offer, attempt: Attempt) -> bool:
    """An appeal that leaves the goodwill as it was offered judged nothing anew."""
    before = attempt.facts.offer
    return attempt.event == "review_decide" and before is not None and before.goodwill == offer.goodwill


def _is_approved_deviation(offer: Offer, attempt: Attempt) -> bool:
    approved = attempt.data.get("deviation_approved") is True
    return bool(offer.deviation_reason.strip()) and approved and is_second_person(attempt)


@guard("F-09", reads_data=True)
def same_outcome(attempt: Attempt) -> Violation | None:
    """An outcome against four fifths of the similar cases needs a second person."""
    offer, share = _offer(attempt), upheld_share(attempt.context.neighbours)
    if offer is None or share is None or is_second_person(attempt):
        return None
    against = (share >= UPHELD_SHARE and offer.rejects_all) or (
        share <= REJECTED_SHARE and not offer.rejects_all
    )
    if not against:
        return None
    other_way = [one for one in nearest(attempt.context.neighbours) if one.upheld == offer.rejects_all]
    percent = f"{round(100 * (share if offer.rejects_all else 1 - share))} %"
    return violation("F-09", k=len(other_way), share=percent, eligible=able_as("approver", attempt))


@guard("T-11")
def comparison_told(attempt: Attempt) -> Violation | None:
    """The letter says how many cases were compared and what is usual."""
    letter = attempt.letter("decision", "appeal_decision")
    block = letter.block("comparison") if letter else None
    return None if block and "compared_n" in block else violation("T-11")
