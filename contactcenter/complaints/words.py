"""What people read in place of the engine's own names: states, steps, roles, clocks, letters and their parts."""

from contactcenter.complaints.further import split_name
from contactcenter.core.i18n import format_list
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as _l

STATES = {
    "received": _l("Received"),
    "acknowledged": _l("Confirmed"),
    "admitted": _l("Taken up"),
    "not_admitted": _l("Not taken up"),
    "forwarded": _l("Passed on"),
    "merged": _l("Joined with another"),
    "investigating": _l("Being investigated"),
    "proposed": _l("Decision drafted"),
    "decided": _l("Decision told"),
    "remedy_due": _l("Remedy due"),
    "remedy_done": _l("Remedy done, to be checked"),
    "follow_up": _l("Follow-up"),
    "appeal": _l("Second look"),
    "appeal_decided": _l("Second look decided"),
    "external": _l("With an outside body"),
    "withdrawn": _l("Withdrawn"),
    "closed": _l("Closed"),
}
REPORT_STATUSES = {
    "requested": _l("asked for, not done"),
    "dispatched": _l("on its way"),
    "settled": _l("settled"),
    "delivered": _l("delivered"),
    "recorded": _l("recorded"),
    "failed": _l("failed"),
    "reversed": _l("taken back"),
}
REMEDIES = {
    "refund": _l("Refund"),
    "replacement": _l("Replacement"),
    "correction": _l("Correction"),
    "apology": _l("Apology"),
}
PHASES = {
    "listen": _l("Listen"),
    "record": _l("Record the points and judge"),
    "solve": _l("Find a remedy"),
    "follow_up": _l("Follow up"),
}
HOLDERS = {
    "system": _l("the system"),
    "agent": _l("an agent"),
    "investigator": _l("the investigator"),
    "approver": _l("the approver"),
    "customer": _l("the customer"),
    "remedy owner": _l("whoever carries out the remedy"),
    "verifier": _l("whoever checks the remedy"),
    "follow-up agent": _l("whoever follows up"),
    "reviewer": _l("the reviewer"),
    "liaison": _l("the liaison"),
    "-": _l("nobody"),
}
ROLES = {
    "agent": _l("Agent"),
    "investigator": _l("Investigator"),
    "approver": _l("Approver"),
    "reviewer": _l("Reviewer"),
    "verifier": _l("Checker of the remedy"),
    "follow-up agent": _l("Caller of the follow-up"),
    "administrator": _l("Administrator"),
    "customer": _l("Customer"),
    "subject": _l("Person complained about"),
    "system": _l("The system"),
    "contact": _l("Contact"),
    "decider": _l("Decided by"),
}
CLOCKS = {
    "receipt_auto": _l("Receipt"),
    "ack": _l("Confirmation"),
    "assess": _l("First judgement"),
    "update": _l("Next word to the customer"),
    "decision": _l("Decision"),
    "customer_comment": _l("Time to comment"),
    "response_window": _l("Customer's answer"),
    "remedy": _l("Remedy"),
    "remedy_again": _l("Remedy, once more"),
    "verify_silence": _l("Customer's check"),
    "callback": _l("Follow-up contact"),
    "reopen_window": _l("May be reopened"),
    "reopen_new_evidence": _l("Reopen with new evidence"),
    "appeal_window": _l("May ask for a second look"),
    "appeal_ack": _l("Receipt of the appeal"),
    "appeal_decision": _l("Second look"),
    "final_response": _l("Final answer (law)"),
    "external_window": _l("May go to the outside body"),
    "summary_resolution": _l("Settled at once (law)"),
    "record_retention": _l("Records kept"),
    "exceptional": _l("Final answer in exceptional cases (law)"),
    "adr_letter": _l("Letter about the outside body (law)"),
    "deadlock": _l("Letter of deadlock (law)"),
    "initial_response": _l("First answer (law)"),
    "consumer_feedback": _l("Customer's feedback"),
    "idr_response": _l("Answer (law)"),
    "super_idr_response": _l("Answer on pensions (law)"),
    "no_letter_if_closed_within": _l("No letter needed if settled by"),
    "admission": _l("Whether it is taken up (law)"),
    "mediation": _l("Mediation (law)"),
    "tell_termination": _l("Notice that mediation ended (law)"),
    "adr_refusal": _l("Outside body: whether it takes it up"),
    "adr_outcome": _l("Outside body: outcome"),
    "trader_reply": _l("Reply to the outside body"),
}
CLOCK_STATES = {
    "running": _l("running"),
    "met": _l("kept"),
    "breached": _l("late"),
    "paused": _l("paused"),
    "elapsed": _l("over"),
}
EVENTS = {
    "submit": _l("Received"),
    "receipt": _l("Receipt sent"),
    "acknowledge": _l("Confirm to the customer"),
    "merge": _l("Merge"),
    "resolve_now": _l("Settle at once"),
    "admit": _l("Take it up"),
    "refuse_admission": _l("Do not take it up"),
    "forward": _l("Pass it on"),
    "recipient_confirmed": _l("The other body confirmed"),
    "challenge": _l("Challenge it"),
    "lapse": _l("Window closed"),
    "start": _l("Start the investigation"),
    "hold": _l("Pause"),
    "resume": _l("Go on"),
    "auto_resume": _l("Pause ended"),
    "extend": _l("Extend a date"),
    "reassign": _l("Hand over"),
    "propose": _l("Draft the decision"),
    "return": _l("Send the draft back"),
    "communicate": _l("Tell the decision"),
    "accept": _l("Accepted"),
    "no_remedy_ok": _l("No remedy owed: on to the follow-up"),
    "silence_with_remedy": _l("No answer: the remedy is carried out"),
    "accept_no_remedy": _l("Accepted without a remedy"),
    "dispute": _l("Disputed"),
    "deliver": _l("Remedy carried out"),
    "verify": _l("Check the remedy"),
    "verify_fail": _l("The remedy did not arrive"),
    "close": _l("Close"),
    "unhappy": _l("Not content"),
    "review_decide": _l("Decide the second look"),
    "reviewer": _l("Name the reviewer"),
    "refer_out": _l("Go to the outside body"),
    "external_decided": _l("The outside body decided"),
    "external_dismissed": _l("The outside body closed the file"),
    "withdraw": _l("Withdrawn"),
    "settle": _l("Settled"),
    "reopen": _l("Reopen"),
    "evidence": _l("Add evidence"),
    "statement_request": _l("Ask for somebody's side"),
    "statement": _l("Record a statement"),
    "show_adverse": _l("Put evidence to the customer"),
    "customer_comment": _l("Comment on evidence"),
    "contact_attempt": _l("Record a contact attempt"),
    "recusal": _l("Challenge a person"),
    "recusal_decided": _l("Decide about a challenged person"),
    "survey": _l("Survey answered"),
    "callback": _l("Record the follow-up contact"),
    "root_cause": _l("Record the root cause"),
    "restrict": _l("Restrict contact"),
    "in_progress": _l("Tell the authority that work goes on"),
    "mediation": _l("Result of mediation"),
    "waive": _l("Document an exception"),
    "correct": _l("Correct an entry"),
    "comment": _l("Note"),
    "need": _l("Adjustments noted"),
    "escalate_50": _l("Half of the time is over"),
    "escalate_75": _l("Three quarters of the time are over"),
    "escalate_90": _l("Little time is left"),
    "delay_notice": _l("Notice of delay sent"),
    "breach": _l("Date missed"),
    "holding_letter": _l("Holding letter sent"),
    "adr_letter": _l("Letter about the outside body sent"),
    "remedy_recheck": _l("Remedy checked again"),
    "erase": _l("Personal data erased"),
}
LETTERS = {
    "receipt": _l("Receipt"),
    "acknowledgement": _l("Confirmation"),
    "plan": _l("Plan"),
    "update": _l("Update"),
    "delay_notice": _l("Notice of delay"),
    "adverse_evidence": _l("Evidence to comment on"),
    "decision": _l("Decision"),
    "summary": _l("Summary of the settlement"),
    "refusal": _l("Not taken up"),
    "forwarded": _l("Passed on"),
    "holding": _l("Holding letter"),
    "adr": _l("Letter about the outside body"),
    "remedy": _l("Remedy"),
    "verification": _l("Please confirm the remedy"),
    "appeal_receipt": _l("Receipt of the appeal"),
    "appeal_decision": _l("Second look decided"),
    "termination": _l("Mediation ended"),
    "closing": _l("Closing letter"),
    "survey": _l("Survey"),
    "withdrawal": _l("Withdrawal"),
    "reopened": _l("Reopened"),
}
DELIVERIES = {
    "page": _l("on the status page"),
    "queued": _l("not yet sent"),
    "sent": _l("sent"),
    "delivered": _l("delivered"),
    "read": _l("read"),
    "failed": _l("not delivered"),
}
PARTS = {
    "reference": _l("the reference"),
    "points": _l("the key points"),
    "contact": _l("the contact person"),
    "steps": _l("the next steps"),
    "dates": _l("the dates"),
    "tracking": _l("the link"),
    "referral": _l("the outside body"),
    "expectation": _l("the question about expectations"),
    "findings": _l("the findings"),
    "evidence": _l("the evidence"),
    "remedy": _l("the remedy"),
    "comparison": _l("the comparison with similar cases"),
    "rights": _l("the customer's rights"),
    "head": _l("the proof of our records"),
}
CHANNELS = {
    "phone": _l("Phone"),
    "voice": _l("Phone"),
    "call": _l("Phone"),
    "email": _l("E-mail"),
    "chat": _l("Chat"),
    "form": _l("Web form"),
    "letter": _l("Letter"),
    "visit": _l("Visit"),
}
CONTACT_RESULTS = {
    "done": _l("Reached"),
    "declined": _l("Declined by the customer"),
    "no_answer": _l("No answer"),
}
FINDINGS = {
    "upheld": _l("Upheld"),
    "partly": _l("Partly upheld"),
    "not upheld": _l("Not upheld"),
    "cannot tell": _l("Cannot tell"),
}
PACKS = {
    "iso10002-default": _l("ISO 10002, our own promises"),
    "uk-fca-disp": _l("United Kingdom: financial services (FCA DISP)"),
    "uk-fca-psd": _l("United Kingdom: payment services (FCA)"),
    "uk-ofcom-c4": _l("United Kingdom: telecommunications (Ofcom C4)"),
    "uk-housing-2024": _l("United Kingdom: housing (Ombudsman Code 2024)"),
    "us-cfpb": _l("United States: consumer finance (CFPB)"),
    "au-rg271": _l("Australia: financial services (RG 271)"),
    "cn-12315": _l("China: consumer complaints (12315)"),
    "cn-bank-2020-3": _l("China: banking and insurance (2020 no. 3)"),
    "cn-telecom": _l("China: telecommunications"),
    "eu-adr": _l("European Union: consumer disputes (ADR)"),
}
CALENDARS = {
    "GB-ENG": _l("England and Wales"),
    "GB-SCT": _l("Scotland"),
    "GB-NIR": _l("Northern Ireland"),
    "US-FED": _l("United States, federal"),
    "AU-NSW": _l("New South Wales"),
    "CN": _l("China, with make-up working days"),
}


def say(words: dict[str, str], name: str) -> str:
    """The word for `name` in the reader's language; a name without a word is shown as it is."""
    return _(words[name]) if name in words else name


def say_clock(clock: str, names: dict[str, str] | None = None) -> str:
    """The word for a clock (of CLOCKS, or `names`); that of a further pack says which law or promise it comes from."""
    word, law = say(names or CLOCKS, split_name(clock)[1]), law_of(clock)
    return f"{word} · {law}" if law else word


def law_of(clock: str) -> str:
    """The further pack that a clock comes from; empty for the case's own."""
    return say(PACKS, split_name(clock)[0])


def say_all(words: dict[str, str], names: tuple[str, ...] | list[str]) -> str:
    """Several words as one list."""
    return format_list([say(words, name) for name in names])
