"""The rule table: text, clause and principle of each rule by its id, and how a breach of it is told and mended."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from contactcenter.complaints.calendars import DATA
from contactcenter.complaints.model import Principle, Violation
from contactcenter.core.i18n import format_list
from contactcenter.core.i18n import gettext as _

_PRINCIPLES: dict[str, Principle] = {
    "F": "fairness",
    "C": "convenience",
    "T": "transparency",
    "U": "follow_up",
}
_ALTERNATIVES = re.compile(r"\{[^{}]*\|[^{}]*\}")
VARIANTS = {"F-05s": "F-05", "T-06s": "T-06"}
"""Guards of the summary path that share a rule's row."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of rules.json; `how_to_fix` lies beside it."""

    id: str
    text: str
    clause: str
    message: str
    how_to_fix: str


@lru_cache(maxsize=1)
def load_rules() -> dict[str, Rule]:
    """All rules by id."""
    rows = json.loads((DATA / "rules.json").read_text(encoding="utf-8"))
    fixes = json.loads((DATA / "how_to_fix.json").read_text(encoding="utf-8"))
    return {
        row["id"]: Rule(row["id"], row["rule"], row["clause"], row["message"], fixes.get(row["id"], ""))
        for row in rows
    }


def violation(
    rule: str,
    *,
    says: str = "",
    eligible: tuple[str, ...] = (),
    names: Sequence[str] = (),
    **values: object,
) -> Violation:
    """A breach of `rule` in the reader's language; `says` replaces the table's message where that would not fit.

    `names` are what people read for the keys in `eligible`; `word` fills a placeholder that offers alternatives, such as `{below|above}`.
    """
    row = load_rules()[VARIANTS.get(rule, rule)]
    words = {"eligible": format_list(names or eligible, "or") or _("nobody here"), **values}
    message = says or _ALTERNATIVES.sub("{word}", _(row.message)).format_map(words)
    return Violation(
        rule=rule,
        principle=_PRINCIPLES[rule[0]],
        clause=row.clause,
        message=message,
        how_to_fix=_(row.how_to_fix) if row.how_to_fix else "",
        eligible=eligible,
    )


def out_of_order(rule: str, message: str) -> Violation:
    """A refusal that comes before all rules: STATE (not now) or ACTOR (not this person)."""
    return Violation(rule=rule, principle="order", clause="", message=message)
