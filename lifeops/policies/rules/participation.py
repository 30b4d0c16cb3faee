"""分红: what the terms of a version share and how, read from `definition["participating"]`: {"kind": in words, "options": ways of
taking a cash dividend, "bonus_value": {"pay_term"}, "article"}. Products without it share in cash, left to accumulate. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CASH, BONUS, TERMINAL = "cash", "bonus", "terminal"
#: Words of the terms → form of sharing.
WORDS = {
    CASH: ("cash", "现金"), BONUS: ("reversionary", "增额", "保额分红"), TERMINAL: ("terminal", "终了"),
}  # fmt: skip
ACCUMULATE = "accumulate"
OPTIONS = (ACCUMULATE, "cash", "offset", "paid_up")


def _told(definition: Mapping[str, Any]) -> Any:
    return definition.get("participating")


def forms(definition: Mapping[str, Any]) -> frozenset[str]:
    """Which of cash, bonus and terminal the terms share. Ways of taking a cash dividend mean that there is one."""
    told = _told(definition)
    if told is None:
        return frozenset({CASH})
    words = str(told.get("kind", "") if isinstance(told, dict) else told)
    found = {form for form, spoken in WORDS.items() if any(word in words for word in spoken)}
    return frozenset(found | ({CASH} if options(definition) else set()))


def options(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """红利领取方式 the terms offer, in their order; none where nothing is shared in cash."""
    told = _told(definition)
    if told is None:
        return (ACCUMULATE,)
    if isinstance(told, dict) and "options" in told:
        return tuple(told["options"])
    words = str(told.get("kind", "") if isinstance(told, dict) else told)
    return (ACCUMULATE,) if any(word in words for word in WORDS[CASH]) else ()


def bonus_pay_term(definition: Mapping[str, Any]) -> str:
    """The pay term whose cash values the bonus sum is valued by: single, as nothing more is paid for it, unless the terms
    name another."""
    told = _told(definition)
    stated = (told.get("bonus_value") or {}).get("pay_term") if isinstance(told, dict) else None
    return str(stated or "SINGLE")


def shares_in_benefits(definition: Mapping[str, Any]) -> bool:
    """A benefit of the terms goes by the effective sum or what belongs to it: without, a bonus sum would be worth nothing."""
    found = definition.get("benefits") or []
    words = ("effective_sum_insured", "bonus_sum_insured", "cash_value_bonus")
    return any(word in formula for one in found for _, formula in one["cases"] for word in words)


__all__ = ["ACCUMULATE", "BONUS", "CASH", "OPTIONS", "TERMINAL", "bonus_pay_term", "forms", "options", "shares_in_benefits"]
