"""The public timeline: one plain line per event, written for the customer (rule T-02)."""

from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as _l

LINES: dict[str, str] = {
    "submit": _l("We received your complaint."),
    "receipt": _l("We sent you a receipt with your reference."),
    "acknowledge": _l("We confirmed your complaint and told you the dates."),
    "merge": _l("We joined your messages into one complaint."),
    "resolve_now": _l("We settled it with you at once."),
    "admit": _l("We wrote down your points and named who looks into them."),
    "refuse_admission": _l("We cannot take this up as a complaint, and told you why."),
    "forward": _l("We passed your complaint to the body that is responsible."),
    "recipient_confirmed": _l("That body confirmed that it has your complaint."),
    "challenge": _l("You asked us to look at that again."),
    "lapse": _l("The time to ask for another look has passed."),
    "start": _l("The investigation has begun."),
    "hold": _l("We are waiting for something, and told you for what."),
    "resume": _l("We go on working on it."),
    "auto_resume": _l("We go on working on it."),
    "extend": _l("It takes longer: we told you why, and the new date."),
    "delay_notice": _l("It may take longer than we promised: we told you in time."),
    "reassign": _l("Somebody new looks after your complaint."),
    "propose": _l("A decision has been drafted and is being checked."),
    "return": _l("The draft is being worked on again."),
    "communicate": _l("We told you our decision."),
    "accept": _l("You accepted the decision."),
    "no_remedy_ok": _l("The decision stands."),
    "silence_with_remedy": _l("We carry out the remedy without waiting for an answer."),
    "dispute": _l("You disagreed: somebody new looks at it."),
    "unhappy": _l("You were not content: somebody new looks at it."),
    "deliver": _l("We did what we promised, and ask you to confirm."),
    "verify": _l("The remedy has been checked."),
    "verify_fail": _l("The remedy did not arrive: we do it again."),
    "review_decide": _l("The second look is finished."),
    "accept_no_remedy": _l("The decision on your appeal stands."),
    "refer_out": _l("Your file went to the outside body."),
    "external_decided": _l("The outside body decided; we comply."),
    "external_dismissed": _l("The outside body closed the file."),
    "withdraw": _l("You withdrew the complaint. You may come back."),
    "settle": _l("We ask how it went."),
    "close": _l("The complaint is closed. You may reopen it."),
    "reopen": _l("The complaint is open again."),
    "statement_request": _l("We asked those concerned for their side."),
    "statement": _l("We have heard somebody concerned."),
    "evidence": _l("We added a piece of evidence."),
    "show_adverse": _l("We sent you evidence to comment on."),
    "customer_comment": _l("You commented on the evidence."),
    "holding_letter": _l("We are late: we told you whom you can turn to."),
    "adr_letter": _l("We told you whom outside you can turn to."),
    "breach": _l("We missed a date that we had promised."),
    "survey": _l("You told us how it went."),
    "callback": _l("We got in touch to hear how it went."),
    "mediation": _l("The mediation ended."),
    "in_progress": _l("We told the authority that we are working on it."),
    "waive": _l("An exception to our rules was recorded, with the reason."),
    "recusal": _l("It was asked that somebody else handles this."),
    "recusal_decided": _l("That request has been decided."),
    "reviewer": _l("The person for the second look has been named."),
    "restrict": _l("The ways to reach us were limited, with reasons and a date of review."),
}
"""Events that are not listed are work inside the house (a call, a comment, an escalation) and make no line."""


def line_of(event: str) -> str | None:
    """The line the customer reads, in the reader's language; None for what is not public."""
    return _(LINES[event]) if event in LINES else None
