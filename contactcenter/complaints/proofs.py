"""Does what another system reported show that the remedy was carried out? Pure; the sentences say why not."""

from collections.abc import Mapping
from typing import Any

from contactcenter.complaints import words
from contactcenter.complaints.facts import Facts, Offer
from contactcenter.complaints.letter_kinds import APOLOGIES, is_letter
from contactcenter.complaints.model import Context, Report, SentLetter
from contactcenter.complaints.render import amount_text, currency_of
from contactcenter.core.i18n import gettext as _

REFUND, CORRECTION, APOLOGY = "refund", "correction", "apology"
DONE = {REFUND: "settled", "replacement": "delivered", CORRECTION: "recorded", APOLOGY: "delivered"}
"""Each kind of remedy and the status that shows it."""

TAKEN_BACK = ("failed", "reversed")
STATUSES = ("requested", "dispatched", "settled", "delivered", "recorded", *TAKEN_BACK)

ARRIVED = ("sent", "delivered", "read")

Proof = Mapping[str, Any]  # Any: JSON: system, id, status


def reports_on(context: Context, proof: Proof) -> list[Report]:
    """What was reported of the thing that a proof names, in the order of arrival."""
    wanted = (_plain(proof.get("system", "")).casefold(), _plain(proof.get("id", "")))
    return [one for one in context.reports if (one.system.casefold(), one.id) == wanted]


def objection(context: Context, offer: Offer | None, proof: Proof) -> str | None:
    """Why what was reported of this proof does not show the remedy; None if it does, or if nothing was reported.

    A letter of ours is shown by what became of it, nobody needs to report it.
    """
    if is_letter(proof):
        return _not_apologised(context, offer, _plain(proof.get("id", "")), carried=False)
    said = reports_on(context, proof)
    if not said:
        return None
    undone = next((one for one in said if one.status in TAKEN_BACK), None)
    done = next((one for one in said if one.status == DONE[one.kind]), None)
    if undone is not None or done is None:
        return _not_done(undone or said[-1])
    lacking = _not_what_is_owed(done, offer, currency_of(context.calendar.name))
    if lacking is not None or done.kind != APOLOGY:
        return lacking
    return _not_apologised(context, offer, done.id, carried=True)


def apologies_at_hand(context: Context, facts: Facts) -> list[SentLetter]:
    """The letters, newest first, of which one may prove an apology; none where money is owed, and none a second time."""
    offer, spent = facts.offer, facts.delivery.get("id", "")
    if offer is None or _owed(offer):
        return []
    told = (one for one in reversed(context.letters or ()) if one.sha256 != spent)
    return [one for one in told if _apologises(one, offer)]


def proof_at_hand(context: Context, facts: Facts) -> Report | None:
    """The newest report that shows the remedy: what a form begins with. A proof that was given before serves no second time."""
    given = facts.delivery if facts.state == "remedy_due" else {}
    spent = reports_on(context, given)
    found = (one for one in reversed(context.reports) if one not in spent and counts(context, facts, one))
    return next(found, None)


def counts(context: Context, facts: Facts, report: Report) -> bool:
    """Whether this is the report that shows the remedy."""
    return report.status == DONE[report.kind] and objection(context, facts.offer, proof_of(report)) is None


def is_undone(context: Context, facts: Facts) -> bool:
    """Whether the remedy was taken back, and nothing else that counts has taken its place."""
    told = reports_on(context, facts.delivery)
    if not any(one.status in TAKEN_BACK for one in told):
        return False
    return not any(counts(context, facts, one) for one in context.reports if one not in told)


def proof_of(report: Report) -> dict[str, str]:
    """The report as a step's data names it."""
    return {"system": report.system, "id": report.id, "status": report.status}


def _not_done(report: Report) -> str:
    return _(
        "%(system)s says of %(id)s: %(status)s.",
        system=report.system,
        id=report.id,
        status=words.say(words.REPORT_STATUSES, report.status),
    )


def _not_what_is_owed(report: Report, offer: Offer | None, currency: str) -> str | None:
    """Money owed is shown by exactly that money; anything else only where no money is owed."""
    if offer is None:
        return _("Nothing has been decided yet.")
    owed = _owed(offer)
    if (report.amount or 0) == owed and report.currency in (currency, None):
        return None
    owed_text = amount_text(owed, currency)
    if report.amount is None or report.currency is None:
        return _("%(owed)s is owed: only a payment shows that.", owed=owed_text)
    paid = amount_text(report.amount, report.currency)
    return _(
        "%(system)s paid %(paid)s, and %(owed)s is owed.", system=report.system, paid=paid, owed=owed_text
    )


def _owed(offer: Offer) -> int:
    return offer.paid if offer.paid is not None else offer.loss + offer.goodwill


def _apologises(letter: SentLetter, offer: Offer) -> bool:
    return letter.kind in APOLOGIES and letter.seq >= offer.seq


def _not_apologised(context: Context, offer: Offer | None, digest: str, *, carried: bool) -> str | None:
    """An apology is a letter that tells of it and came to the customer; `carried`: another system says that it did."""
    if offer is None or context.letters is None:
        return None
    if owed := _owed(offer):
        amount = amount_text(owed, currency_of(context.calendar.name))
        return _("%(owed)s is owed: only a payment shows that.", owed=amount)
    letter = next((one for one in context.letters if one.sha256 == digest.casefold()), None)
    if letter is None:
        return _("This complaint has no letter with that SHA-256: choose one of its letters.")
    if not _apologises(letter, offer):
        return _("That letter does not apologise for what was decided.")
    return None if carried or letter.delivery in ARRIVED else _not_arrived(letter)


def _not_arrived(letter: SentLetter) -> str:
    if letter.delivery == "page":
        return _("That letter is on the status page only: nothing shows that the customer has it.")
    if letter.delivery == "queued":
        return _("That letter has not left yet.")
    return _("That letter could not be delivered.")


def _plain(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
