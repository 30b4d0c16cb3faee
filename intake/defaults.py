"""预审规则 a fresh installation starts with (facts 2.1, 2.2); all of them editable data with effective dates."""

from __future__ import annotations

from datetime import date

from intake.models import PrecheckRule

FROM = date(2026, 1, 1)
#: code, line, item, level, limit in days, states that refuse, states to be looked at. A claim may be for what happened before
#: the contract ended, and is owed a decision: no state refuses it. What servicing never does in a state, it is not taken in for.
RULES: tuple[tuple[str, str, str, str, int | None, tuple[str, ...], tuple[str, ...]], ...] = (
    ("J01", "", "", "block", None, (), ()),
    ("J02", "", "", "warn", None, (), ()),
    ("J03", "claims", "", "block", None, (), ("lapsed", "terminated")),
    ("J03", "servicing", "", "block", None, ("terminated",), ("lapsed",)),
    ("J03", "servicing", "PS01", "block", None, ("apl", "paid_up", "waived", "lapsed", "terminated"), ()),
    ("J03", "servicing", "PS03", "block", None, ("lapsed", "terminated"), ()),
    ("J03", "servicing", "PS07", "block", None, ("in_force", "grace", "apl", "paid_up", "waived", "terminated"), ()),
    ("J03", "servicing", "PS08", "block", None, ("paid_up", "waived", "lapsed", "terminated"), ()),
    ("J03", "servicing", "PS09", "block", None, ("lapsed", "terminated"), ()),
    # a person's address changes whatever has become of the contract
    ("J03", "servicing", "PS14", "block", None, (), ()),
    # what the end of the term leaves is collected when the contract is over
    ("J03", "servicing", "PS26", "block", None, ("in_force", "grace", "apl", "paid_up", "waived", "lapsed"), ()),
    # benefits and dividends that were due before the end are collected after it
    ("J03", "servicing", "PS24", "block", None, (), ("lapsed", "terminated")),
    ("J03", "servicing", "PS27", "block", None, (), ("lapsed", "terminated")),
    # only a suspended contract is ended by the company for want of reinstatement
    ("J03", "servicing", "PS33", "block", None, ("in_force", "grace", "apl", "paid_up", "waived", "terminated"), ()),
    # what was overpaid goes back whatever has become of the contract; of a suspended one it may be needed
    ("J03", "servicing", "PS28", "block", None, (), ("lapsed",)),
    ("J04", "", "", "warn", None, (), ()),
    ("J05", "", "", "warn", None, (), ()),
    ("J06", "", "", "warn", None, (), ()),
    ("J07", "", "", "warn", None, (), ()),
    ("J08", "", "", "warn", 5, (), ()),
)


def load_defaults(day: date = FROM) -> None:
    """Write what is missing; rows that exist, edited or not, stay as they are."""
    for code, line, item, level, limit, refused, review in RULES:
        PrecheckRule.objects.get_or_create(
            code=code, line=line, item=item, effective_from=day,
            defaults={"level": level, "limit": limit, "refused": list(refused), "review": list(review)},
        )  # fmt: skip
