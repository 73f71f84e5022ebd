"""Each rule with something it refuses and something it lets pass; read by test_rules."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from contactcenter.complaints.model import Neighbour
from contactcenter.complaints.packs import load_packs
from tests.complaints.timeline import (
    ADMIT,
    CALL,
    PROOF,
    PROPOSE,
    REJECTED,
    SETTLED,
    START,
    SUBMIT,
    UPHELD,
    Timeline,
    acknowledged,
    admitted,
    appeal,
    closed,
    context,
    decided,
    follow_up,
    heard,
    investigating,
    proposed,
    ready_to_close,
    received,
    rejected,
    remedy_done,
    remedy_due,
)


@dataclass(frozen=True, slots=True)
class Row:
    """`rule` refuses `wrong` and has nothing against `right`, tried as (event, by, data) on its own case."""

    rule: str
    case: Callable[[], Timeline]
    wrong: tuple[str, str, dict[str, Any]]
    right: tuple[str, str, dict[str, Any]]
    better: Callable[[], Timeline] | None = None

    def __str__(self) -> str:
        return f"{self.rule} {self.wrong[0]}"


def on_another_case(
    rule: str,
    wrong: Callable[[], Timeline],
    right: Callable[[], Timeline],
    event: str,
    by: str,
    data: dict[str, Any],
) -> Row:
    """The same attempt is refused on one case and fine on another."""
    return Row(rule, wrong, (event, by, data), (event, by, data), right)


def new() -> Timeline:
    return Timeline(context())


def with_pack(**changes: Any) -> Timeline:
    return Timeline(context(), []).given(pack=replace(load_packs()["iso10002-default"], **changes))


def shown() -> Timeline:
    case = heard().do("evidence", "ivy", id="ledger", point=1, adverse=True, kind="ledger")
    return case.do("show_adverse", "ivy", id="ledger")


def against_ledger() -> dict[str, Any]:
    return {**PROPOSE, "findings": [{**REJECTED, "evidence": ["ledger"]}], "goodwill": 0}


def neighbours(*amounts: int, upheld: bool = True) -> tuple[Neighbour, ...]:
    return tuple(Neighbour(upheld, amount, 0.9) for amount in amounts)


def tampered(case: Timeline) -> Timeline:
    """Somebody changed what an event says after it was linked."""
    case.events[3] = replace(case.events[3], sealed={**case.events[3].sealed, "category": "other"})
    return case


def appealed() -> Timeline:
    """A second look was taken; the case is at its follow-up again."""
    case = (
        appeal().do("reviewer", "pia", reviewer="rex").do("review_decide", "rex", **PROPOSE, reviewer="rex")
    )
    case.do("accept", "customer").do("deliver", "fay", proof=PROOF, deliverer="fay")
    return case.do("verify", "vic", proof=SETTLED, customer="yes")


AT_ONCE = {
    "finding": "upheld",
    "reason": "We were late.",
    "evidence": ["call"],
    "accepted_by": "Li",
    "accepted_at": "2026-11-02T11:00:00Z",
}
TEN = tuple(1000 * n for n in range(1, 11))
HARD_WORDS = (
    "Notwithstanding organisational considerations regarding institutional responsibilities, " * 8
    + "it stands."
)

TABLE = [
    Row(
        "C-01",
        new,
        ("submit", "customer", {**SUBMIT, "received_at": "2026-11-03T00:00:00Z"}),
        ("submit", "customer", {**SUBMIT, "received_at": "2026-11-01T09:00:00Z"}),
    ),
    Row(
        "C-02",
        new,
        ("submit", "customer", {**SUBMIT, "contact": ""}),
        ("submit", "customer", {"channel": "form", "text": "x", "anonymous": True}),
    ),
    on_another_case(
        "C-10", lambda: with_pack(intake_requires=("attachment",)), new, "submit", "customer", SUBMIT
    ),
    on_another_case("C-12", lambda: with_pack(intake_requires=("fee",)), new, "submit", "customer", SUBMIT),
    on_another_case("T-01", lambda: received(people={}), received, "acknowledge", "system", {}),
    on_another_case("C-04", lambda: received(people={}), received, "acknowledge", "system", {}),
    on_another_case(
        "C-05",
        lambda: new().do("submit", "customer", **{**SUBMIT, "language": "fr"}),
        lambda: new().do("submit", "customer", **{**SUBMIT, "language": "zh"}),
        "acknowledge",
        "system",
        {},
    ),
    on_another_case(
        "C-06",
        lambda: (
            new()
            .do("submit", "customer", channel="phone", text="x", contact="+44 20 7946 0000")
            .do("need", "customer", adjustments=["no_calls"])
        ),
        lambda: received().do("need", "customer", adjustments=["no_calls"]),
        "acknowledge",
        "system",
        {},
    ),
    on_another_case(
        "C-11",
        lambda: received(other_receipts={"CMP-2": START + timedelta(days=1)}),
        lambda: received(other_receipts={"CMP-2": START - timedelta(days=1)}),
        "merge",
        "fay",
        {"with": "CMP-2", "confirmed": True},
    ),
    Row(
        "F-05s",
        acknowledged,
        ("resolve_now", "fay", {**AT_ONCE, "reason": ""}),
        ("resolve_now", "fay", AT_ONCE),
    ),
    on_another_case(
        "T-06s",
        lambda: acknowledged(pack="uk-fca-disp").wait(days=5),
        lambda: acknowledged(pack="uk-fca-disp"),
        "resolve_now",
        "fay",
        AT_ONCE,
    ),
    Row("F-01", acknowledged, ("admit", "ann", {**ADMIT, "investigator": "bob"}), ("admit", "ann", ADMIT)),
    Row(
        "F-02",
        acknowledged,
        ("admit", "ann", {**ADMIT, "investigator": "max"}),
        ("admit", "ann", {**ADMIT, "investigator": "ian"}),
    ),
    Row(
        "C-03",
        lambda: acknowledged().do("correct", "customer", what="remedy_sought", value="an apology"),
        ("admit", "ann", {**ADMIT, "remedy_sought": "money"}),
        ("admit", "ann", {**ADMIT, "remedy_sought": "an apology"}),
    ),
    Row(
        "C-03",
        investigating,
        ("reassign", "pia", {"to": "ian", "summary_read": False, "declaration": "none"}),
        ("reassign", "pia", {"to": "ian", "summary_read": True, "declaration": "none"}),
    ),
    Row(
        "F-07",
        lambda: proposed(propose={"findings": [REJECTED], "goodwill": 0}),
        ("communicate", "ivy", {}),
        ("communicate", "pia", {}),
    ),
    on_another_case(
        "C-09", lambda: closed().wait(days=91), lambda: closed().wait(days=20), "dispute", "customer", {}
    ),
    Row("F-12", appeal, ("reviewer", "pia", {"reviewer": "sub"}), ("reviewer", "pia", {"reviewer": "rex"})),
    on_another_case("F-12", appealed, follow_up, "unhappy", "customer", {}),
    Row(
        "F-03",
        admitted,
        ("start", "ivy", {"declaration": "she is my cousin"}),
        ("start", "ivy", {"declaration": "none"}),
    ),
    on_another_case(
        "F-03",
        lambda: admitted().do("recusal", "customer", person="ivy", reason="she knows Bob"),
        admitted,
        "start",
        "ivy",
        {"declaration": "none"},
    ),
    Row(
        "T-05",
        investigating,
        ("hold", "ivy", {"reason": "holidays", "waiting_for": "sun"}),
        ("hold", "ivy", {"reason": "awaiting_expert", "waiting_for": "a report"}),
    ),
    Row(
        "C-13",
        lambda: (
            new()
            .do("submit", "customer", **{**SUBMIT, "order": "A-1"})
            .do("acknowledge", "system")
            .do("admit", "ann", **ADMIT)
            .do("start", "ivy", declaration="none")
        ),
        ("hold", "ivy", {"reason": "awaiting_customer", "waiting_for": "order number"}),
        ("hold", "ivy", {"reason": "awaiting_customer", "waiting_for": "a photo"}),
    ),
    on_another_case(
        "T-04",
        lambda: investigating().wait(days=20),
        investigating,
        "extend",
        "pia",
        {"clock": "decision", "reason": "an expert is ill"},
    ),
    Row(
        "T-13",
        investigating,
        ("extend", "pia", {"clock": "decision", "reason": "ill", "to": "2027-03-01"}),
        ("extend", "pia", {"clock": "decision", "reason": "ill", "to": "2026-11-30"}),
    ),
    on_another_case(
        "F-04",
        lambda: investigating().do("evidence", "ivy", id="call-1", point=1, adverse=False, kind="recording"),
        heard,
        "propose",
        "ivy",
        PROPOSE,
    ),
    Row(
        "F-05",
        heard,
        ("propose", "ivy", {**PROPOSE, "findings": [{**UPHELD, "evidence": ["rumour"]}]}),
        ("propose", "ivy", PROPOSE),
    ),
    on_another_case(
        "F-06",
        shown,
        lambda: shown().do("customer_comment", "customer", id="ledger", waived=True),
        "propose",
        "ivy",
        against_ledger(),
    ),
    Row(
        "F-10",
        heard,
        ("propose", "ivy", {**PROPOSE, "loss": 2000, "paid": 5000}),
        ("propose", "ivy", {**PROPOSE, "loss": 2000, "paid": 7000}),
    ),
    Row(
        "F-14",
        heard,
        ("propose", "ivy", {**PROPOSE, "findings": [REJECTED], "goodwill": 0, "model": "clf-1"}),
        ("propose", "ivy", {**PROPOSE, "findings": [REJECTED], "goodwill": 0}),
    ),
    Row(
        "F-08",
        lambda: proposed(propose={"goodwill": 20000}),
        ("communicate", "pia", {}),
        ("communicate", "pia", {"deviation_approved": True}),
        lambda: proposed(propose={"goodwill": 20000, "deviation_reason": "she lost her home"}),
    ),
    on_another_case(
        "F-08",
        lambda: proposed(neighbours=neighbours(*TEN), propose={"goodwill": 9000}),
        lambda: proposed(neighbours=neighbours(*TEN), propose={"goodwill": 8000}),
        "communicate",
        "pia",
        {},
    ),
    Row(
        "F-09",
        lambda: proposed(neighbours=neighbours(*TEN, upheld=False)),
        ("communicate", "ivy", {}),
        ("communicate", "pia", {}),
    ),
    on_another_case(
        "F-11",
        lambda: proposed(propose={"conditions": "You delete your review."}),
        lambda: proposed(propose={"conditions": "We need your account number."}),
        "communicate",
        "pia",
        {},
    ),
    on_another_case(
        "T-06",
        lambda: proposed(propose={"findings": [{**UPHELD, "reason": HARD_WORDS}]}),
        proposed,
        "communicate",
        "pia",
        {},
    ),
    on_another_case("T-07", investigating, decided, "refer_out", "customer", {"body": "ombudsman"}),
    on_another_case(
        "T-07",
        lambda: investigating(pack="uk-housing-2024"),
        lambda: investigating(pack="uk-housing-2024").wait(days=30),
        "refer_out",
        "customer",
        {"body": "ombudsman"},
    ),
    Row(
        "F-13",
        lambda: appeal().do("reviewer", "pia", reviewer="rex"),
        ("review_decide", "rex", {"findings": [UPHELD], "loss": 0, "goodwill": 4000, "reviewer": "rex"}),
        ("review_decide", "rex", {"findings": [UPHELD], "loss": 0, "goodwill": 5000, "reviewer": "rex"}),
    ),
    on_another_case("U-01", rejected, decided, "accept", "customer", {}),
    Row(
        "U-01",
        remedy_due,
        ("deliver", "fay", {"proof": {"system": "note", "id": "1"}, "deliverer": "fay"}),
        ("deliver", "fay", {"proof": PROOF, "deliverer": "fay"}),
    ),
    Row(
        "U-01",
        remedy_done,
        ("verify", "vic", {"proof": {**PROOF, "status": "requested"}, "customer": "yes"}),
        ("verify", "vic", {"proof": SETTLED, "customer": "yes"}),
    ),
    on_another_case("U-02", lambda: ready_to_close(sampled=True), ready_to_close, "close", "system", {}),
    Row("U-03", follow_up, ("callback", "ivy", {**CALL, "person": "ivy"}), ("callback", "gus", CALL)),
    on_another_case(
        "U-04",
        lambda: ready_to_close().given(pack=replace(load_packs()["iso10002-default"], survey=False)),
        ready_to_close,
        "close",
        "system",
        {},
    ),
    on_another_case(
        "U-05",
        lambda: ready_to_close().do("survey", "customer", resolved=False),
        lambda: ready_to_close().do("survey", "customer", resolved=True),
        "close",
        "system",
        {},
    ),
    on_another_case("U-06", follow_up, ready_to_close, "close", "system", {}),
    on_another_case("T-08", lambda: tampered(ready_to_close()), ready_to_close, "close", "system", {}),
    on_another_case("T-12", lambda: tampered(closed()), closed, "reopen", "customer", {"reason": "none"}),
    Row(
        "U-08",
        lambda: closed().wait(days=40),
        ("reopen", "customer", {"reason": "none"}),
        ("reopen", "customer", {"reason": "new_evidence"}),
    ),
    Row(
        "C-08",
        follow_up,
        ("callback", "gus", {**CALL, "local_time": "2026-10-25T01:30"}),
        ("callback", "gus", CALL),
    ),
    Row(
        "F-15",
        investigating,
        (
            "restrict",
            "pia",
            {"channels": ["phone"], "review_date": "2027-12-01", "decider": "max", "reason": "threats"},
        ),
        (
            "restrict",
            "pia",
            {"channels": ["phone"], "review_date": "2027-02-01", "decider": "rex", "reason": "threats"},
        ),
    ),
]
