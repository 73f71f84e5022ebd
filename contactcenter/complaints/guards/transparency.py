"""Open to the customer: T-01, T-02, T-04 to T-08, T-12, T-13."""

from datetime import date

from contactcenter.complaints import words
from contactcenter.complaints.chain import first_broken
from contactcenter.complaints.clocks import DECIDING, Clock, clock_of, clocks_named, limit_of_extension
from contactcenter.complaints.guards.registry import Attempt, guard
from contactcenter.complaints.letters import LETTERS, Letter
from contactcenter.complaints.lint import is_readable, misleading_words
from contactcenter.complaints.model import Violation
from contactcenter.complaints.public import line_of
from contactcenter.complaints.rules import violation
from contactcenter.core.i18n import format_date
from contactcenter.core.i18n import gettext as _

_DECIDING = ("decision", "appeal_decision", "refusal")


@guard("T-01")
def complete_acknowledgement(attempt: Attempt) -> Violation | None:
    """The acknowledgement has every block: reference, points, contact, steps, dates, link, outside body."""
    letter = attempt.letter("acknowledgement")
    missing = _missing(letter, "acknowledgement")
    if missing is None and letter is not None and not (letter.block("contact") or {}).get("person"):
        missing = "contact"
    return violation("T-01", field=words.say(words.PARTS, missing)) if missing else None


@guard("T-02")
def public_line(attempt: Attempt) -> Violation | None:
    """Whatever moves the case writes a line that the customer can read."""
    return None if line_of(attempt.event) else violation("T-02")


@guard("T-04", reads_data=True)
def extended_in_time(attempt: Attempt) -> Violation | None:
    """A promise is extended before it is late, with a reason; some never are."""
    clock = attempt.clocks.get(attempt.data["clock"])
    if clock is None or clock.due is None:
        return violation("T-04", says=_("There is no clock %(name)s to extend.", name=attempt.data["clock"]))
    if not clock.is_open or attempt.now >= clock.late_from:
        return violation("T-04", due=format_date(clock.due))
    if not attempt.data["reason"].strip():
        return violation("T-04", says=_("Tell the customer why it takes longer."))
    if _limit(attempt, clock) is None:
        return violation("T-04", says=_("This date cannot be extended (again)."))
    return None


@guard("T-13", reads_data=True)
def no_silent_delay(attempt: Attempt) -> Violation | None:
    """The new date lies after the promised one and inside what the pack allows."""
    clock = attempt.clocks.get(attempt.data["clock"])
    wanted = attempt.data.get("to")
    if clock is None or clock.due is None or wanted is None:
        return None
    limit, to = _limit(attempt, clock), date.fromisoformat(wanted)
    if limit is not None and to > limit:
        return violation("T-13", b=format_date(to), a=format_date(limit))
    if to <= clock.due:
        return violation("T-13", says=_("The new date is not after the promised one."))
    return None


def _limit(attempt: Attempt, clock: Clock) -> date | None:
    return limit_of_extension(clock.rule, attempt.facts, attempt.context, clock, attempt.now)


@guard("T-05", reads_data=True)
def pausable(attempt: Attempt) -> Violation | None:
    """A hold has a reason for which some clock may rest, says what we wait for, and does not stack."""
    pack, reason = attempt.context.pack, attempt.data["reason"]
    running = [clock for clock in attempt.clocks.values() if clock.is_open]
    if not any(reason in clock.rule.pausable for clock in running):
        stuck = next((one.name for one in running if DECIDING & set(one.rule.stop)), "-")
        return violation("T-05", c=words.say_clock(stuck), pack=words.say(words.PACKS, pack.name))
    if not attempt.data["waiting_for"]:
        return violation("T-05", says=_("Tell the customer what we wait for."))
    if any(clock.state == "paused" for clock in running):
        return violation("T-05", says=_("The case is on hold already."))
    return None


@guard("T-06", reads_data=True)
def complete_decision(attempt: Attempt) -> Violation | None:
    """The decision letter has every section, in plain words that do not mislead."""
    letter = attempt.letter(*_DECIDING)
    return _unfit(letter, letter.kind if letter else "decision", "T-06")


@guard("T-06s", reads_data=True)
def complete_summary(attempt: Attempt) -> Violation | None:
    """The summary letter is short, complete, and inside the pack's window for it."""
    windows = clocks_named(attempt.clocks, "summary_resolution")
    window = min(windows, key=lambda one: one.late_from, default=None)
    if window is not None and attempt.now >= window.late_from:
        return violation(
            "T-06s",
            says=_(
                "The time for a summary resolution ended on %(date)s.",
                date=format_date(window.due or window.start),
            ),
        )
    return _unfit(attempt.letter("summary"), "summary", "T-06s")


def _unfit(letter: Letter | None, kind: str, rule: str) -> Violation | None:
    missing = _missing(letter, kind)
    if missing:
        return violation(rule, section=words.say({**words.LETTERS, **words.PARTS}, missing))
    reasons = _reasons(letter) if letter else ""
    wrong = misleading_words(reasons)
    if wrong:
        return violation(rule, says=_("The letter misleads: “%(words)s”.", words=wrong))
    return (
        None
        if is_readable(reasons)
        else violation(rule, says=_("The reasons are hard to read: use shorter sentences."))
    )


def _reasons(letter: Letter) -> str:
    block = letter.block("findings") or {}
    return " ".join([block.get("reason", ""), *(row["reason"] for row in block.get("findings", ()))])


def _missing(letter: Letter | None, kind: str) -> str | None:
    """The first block the letter ought to have and has not."""
    if letter is None:
        return kind
    return next((name for name in LETTERS[kind].split() if letter.block(name) is None), None)


@guard("T-07")
def referral_rights(attempt: Attempt) -> Violation | None:
    """Every final word names the outside body; going there is open once we are late or have decided, in its window."""
    if attempt.event == "refer_out":
        return _referral_open(attempt)
    if attempt.blank:
        return None
    lacking = [
        one
        for one in attempt.letters
        if "referral" in LETTERS[one.kind].split() and not one.block("referral")
    ]
    return violation("T-07") if lacking or not attempt.letters else None


def _referral_open(attempt: Attempt) -> Violation | None:
    if attempt.facts.state == "investigating":
        late = any(
            one.rule.kind == "legal" and one.state == "breached" and DECIDING & set(one.rule.stop)
            for one in attempt.clocks.values()
        )
        says = _(
            "The outside body opens to this case when we have decided, or when the legal date has passed."
        )
        return None if late else violation("T-07", says=says)
    homes = (attempt.context, *attempt.context.further)
    windows = [clock_of(home.pack, "external_window", attempt.clocks) for home in homes]
    over = [one for one in windows if one is not None and attempt.now >= one.late_from]
    if len(over) < len(windows):
        return None
    window = max(over, key=lambda one: one.late_from)
    return violation(
        "T-07",
        says=_(
            "The outside body could be asked until %(date)s.", date=format_date(window.due or window.start)
        ),
    )


@guard("T-08")
def chain_holds(attempt: Attempt) -> Violation | None:
    """Nothing is closed on a log that somebody touched."""
    broken = first_broken(attempt.events)
    return violation("T-08", n=broken) if broken is not None else None


@guard("T-12")
def nothing_overwritten(attempt: Attempt) -> Violation | None:
    """What was written stays; corrections add to it."""
    if first_broken(attempt.events) is not None:
        return violation("T-12")
    if (
        attempt.event == "correct"
        and not attempt.blank
        and attempt.data["what"] in ("findings", "letter", "event")
    ):
        return violation(
            "T-12", says=_("Findings and letters are corrected by a new decision, never in place.")
        )
    return None
