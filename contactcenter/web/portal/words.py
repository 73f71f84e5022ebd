"""Where a complaint stands, as one plain sentence to its customer."""

from contactcenter.complaints import words
from contactcenter.core.i18n import gettext as _
from contactcenter.core.i18n import lazy_gettext as _l

SENTENCES = {
    "received": _l("We have your complaint, and confirm it in a moment."),
    "acknowledged": _l(
        "We have your complaint. Next we write down your points and name who looks into them."
    ),
    "admitted": _l(
        "We have written down your points. Next somebody who had nothing to do with it begins to look into them."
    ),
    "not_admitted": _l("We cannot take this up as a complaint. The letter below says why."),
    "forwarded": _l("Another body is responsible. It has your complaint now, and will confirm that to you."),
    "merged": _l("It has been joined with another complaint of yours, and is answered there."),
    "investigating": _l("We are looking into it: we hear everybody concerned and gather the evidence."),
    "proposed": _l("A decision has been drafted. A second person checks it before you get it."),
    "decided": _l("We have told you our decision. Please tell us whether you agree."),
    "remedy_due": _l("We are carrying out what was decided."),
    "remedy_done": _l("We have done what we promised. Please tell us whether it has arrived."),
    "follow_up": _l("The matter is settled on our side. Before we close it we ask you how it went."),
    "appeal": _l("Somebody who has not worked on it before looks at everything again."),
    "appeal_decided": _l("The second look is finished. Please tell us whether you agree."),
    "external": _l("The outside body has your file. We do what it decides."),
    "withdrawn": _l("You have withdrawn the complaint. You may come back."),
    "closed": _l("Your complaint is closed. If something is not right you may come back to it here."),
}

CLOCKS = {
    **words.CLOCKS,
    "ack": _l("Our confirmation"),
    "update": _l("Our next word to you"),
    "decision": _l("Our decision"),
    "customer_comment": _l("Your comment"),
    "response_window": _l("Your answer"),
    "remedy": _l("Our remedy"),
    "remedy_again": _l("Our remedy, once more"),
    "verify_silence": _l("Your word that it has arrived"),
    "callback": _l("Our question how it went"),
    "reopen_window": _l("Open it again"),
    "reopen_new_evidence": _l("Open it again with something new"),
    "appeal_window": _l("Ask for a second look"),
    "external_window": _l("Go to the outside body"),
    "consumer_feedback": _l("Your feedback"),
}
"""The clocks as their customer speaks of them."""


def clock_name(name: str) -> str:
    """What a date is about, to the customer."""
    return words.say_clock(name, CLOCKS)


def sentence_of(state: str) -> str:
    """The sentence for a state, in the reader's language."""
    return _(SENTENCES[state])
