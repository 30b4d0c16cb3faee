"""条款用语 → 公式: disclosures write amounts half as formulas, half in words. What follows the grammar is reckoned; what
is plain prose stays a wording that the examiner applies. A text that looks like a formula and is none is a fault. Pure.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from decimal import Decimal

from lifeops.policies.rules.formula import OPERATOR_WORDS, FormulaError, parse, tokens
from lifeops.policies.rules.lines import plain

#: Standing phrases of disclosures, longest first where one holds another.
PHRASES = (
    (r"annuity already paid on the basic sum(?: \([^)]*\))?", "annuity_paid_basic"),
    (r"cash value of (?:the )?accumulated bonus sum insured", "cash_value_bonus"),
    (r"cash value of (?:the )?basic sum(?: insured)?", "cash_value_basic"),
    (r"covered cost within the local social insurance scope", "covered_cost"),
    (r"covered cost", "covered_cost"),
    (r"disability benefits already paid", "benefits_paid"),
    (r"payout ratio of the grade", "payout_ratio"),
    (r"payout ratio", "payout_ratio"),
    (r"other compensation", "other_compensation"),
    (r"(?:remaining |annual )?deductible(?: per (?:accident|year))?", "deductible"),
    (r"days in hospital", "hospital_days"),
    (r"daily allowance", "daily_allowance"),
    (r"base_death_benefit", "base"),
    (r"basic sum insured", "basic_sum_insured"),
    (r"effective sum insured", "effective_sum_insured"),
    (r"(?:total )?premiums (?:already )?paid", "premiums_paid"),
    (r"annual premium(?! waived)", "annual_premium"),
    (r"cash value", "cash_value"),
    (r"(?<!\w)sum insured", "sum_insured"),
    (r"\bless\b", "-"),
)
#: What may follow an amount without changing it.
TAILS = re.compile(r"(?:,?\s*in addition\b.*|,\s*once\b.*|\s+per insured\b.*|,?\s+each(?:\s+time)?)$", re.DOTALL)
CHOSEN = re.compile(r"(?:the )?(higher|greater|larger|highest|greatest|largest|lower|smaller|lowest) of (.+)$", re.DOTALL)
CONDITIONS = (
    (r"first (?:policy )?anniversary after (?:the insured completes )?age (\d+)", "anniversary_age < {0}"),
    (r"before the annuity start anniversary", "not annuity_started"),
    (r"until before the premium payment period is complete", "not premium_complete"),
    (r"by accident, or by another cause after the waiting period", "accident or not in_waiting"),
    (r"by another cause within the waiting period", "in_waiting and not accident"),
    (r"^(?:death )?(?:after it|on or after)\b", "1"),
)
WAIVED = re.compile(r"all (?:later )?premiums (?:falling due|waived)\b")
ABOVE = re.compile(r"(\d+(?:\.\d+)?)% of covered cost above (\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Reading:
    """`formula` "" where the text is prose. `defines`: the word the text gives a meaning to ("base = …")."""

    formula: str = ""
    defines: str = ""


def read_amount(text: str) -> Reading:
    """An `amount` of a disclosure. FormulaError where it is neither a formula nor prose."""
    bare = TAILS.sub("", text.strip())
    within = re.search(r",\s*within the sum insured\s*$", bare)
    if within:
        bare = bare[: within.start()]
    bare, _, most = bare.partition(", at most ")
    defines = ""
    match = re.match(r"([a-z_]+)\s*=(?!=)\s*(.+)$", bare, re.DOTALL)
    if match:
        defines, bare = match.groups()
    match = re.fullmatch(r"as ([A-Z][A-Z0-9_]*)", bare.strip())
    if match:
        return Reading(match.group(1))
    if WAIVED.match(bare):
        return Reading("waived_premiums")
    for phrase, word in PHRASES:
        bare = re.sub(phrase, word, bare)
    bare = _chosen(bare)
    if re.fullmatch(r"\d+(?:\.\d+)?%", bare.strip()):
        bare = f"{bare.strip()} of basic_sum_insured"
    days = re.match(r"(\d+) days", most)
    if days:
        bare = bare.replace("hospital_days", f"min(hospital_days, {days.group(1)})")
    if within:
        bare = f"min({bare}, sum_insured)"
    try:
        parse(bare)
    except FormulaError:
        if is_prose(bare):
            return Reading()
        raise
    return Reading(bare, defines)


def _chosen(text: str) -> str:
    """"the higher of A and B" as max(A, B)."""
    match = CHOSEN.match(text.strip())
    if not match:
        return text
    parts = [p.strip() for p in re.split(r",(?![^(]*\))\s*(?:and\s+)?|\s+and\s+", match.group(2)) if p.strip()]
    return f"{'min' if match.group(1) in ('lower', 'smaller', 'lowest') else 'max'}({', '.join(parts)})"


def is_prose(text: str) -> bool:
    """Words that stand side by side without an operator: a sentence, not a formula."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return True
    if re.search(r"[A-Za-z]{2,}[,;:]?\s+(?!(?:and|or|not|of)\b)[A-Za-z]{2,}", text):
        try:
            found = tokens(re.sub(r"[^\w\s()+\-*/%,<>=.]", " ", text).replace(".", " "))
        except FormulaError:
            return True
        pairs = itertools.pairwise(found)
        return any(a.kind == b.kind == "word" and a.text not in OPERATOR_WORDS for a, b in pairs)
    return False


def read_condition(text: str) -> str:
    """The `when` of a case as a condition; "" where the words are not among those known."""
    for words, condition in CONDITIONS:
        match = re.search(words, text)
        if match:
            return condition.format(*match.groups())
    return ""


def read_age(text: str) -> str:
    """The age up to which the `when` of a benefit says it pays, as a condition; "1" where it sets none."""
    match = re.search(rf"\bbefore the {CONDITIONS[0][0]}", text)
    return CONDITIONS[0][1].format(*match.groups()) if match else "1"


def read_bands(text: str) -> list[list[str | None]]:
    """"100% of covered cost above 3000" as marginal bands [from, to, share]; [] where it says something else."""
    match = ABOVE.search(text)
    if not match:
        return []
    share, start = match.groups()
    return [["0", start, "0"], [start, None, plain(Decimal(share) / 100)]]


def age_bound(text: str | None) -> int | None:
    """The age in "first anniversary after age 41"; None where no bound is set."""
    match = re.search(r"\bage (\d+)", text or "")
    return int(match.group(1)) if match else None
