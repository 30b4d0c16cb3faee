"""Provisions of a product.json that are kept as they stand: 责任免除 and the like, in the shape that pages and letters read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifeops.policies.rules.exclusions import in_words
from lifeops.policies.rules.participation import OPTIONS
from lifeops.policies.rules.risk import DECLARED

if TYPE_CHECKING:
    from lifeops.policies.loading.terms import Reader

#: Provisions kept as they are, each with its article; null: the terms have none.
KEPT = (
    "insured", "minor_death_limit", "surrender", "non_disclosure", "age_or_sex_misstated", "age_misstated", "occupation_change",
    "beneficiaries", "declared_dead", "termination", "participating", "indemnity_rules", "benefit_rules", "illness_list",
    "exclusions", "factor_names",
)  # fmt: skip


def read_provisions(given: dict[str, Any], read: Reader) -> dict[str, Any]:
    """`KEPT` as they stand, those that pages and letters read in the shape they read them in."""
    found = {key: given[key] for key in KEPT if given.get(key) is not None}
    for key in ("illness_list", "factor_names"):
        if not isinstance(found.get(key, {}), dict):
            read.wrong(key, "应为对象")
            del found[key]
    for key in {*found} - {"exclusions"}:
        if not isinstance(found[key], (dict, list, str)):
            read.wrong(key, "应为对象、列表或文字")
    if "participating" in found:
        found["participating"] = _participating(found["participating"], read)
    if "exclusions" in found:
        found["exclusions"] = _exclusions(found["exclusions"], read)
    return found


def _participating(given: Any, read: Reader) -> Any:
    """分红: ways of taking a cash dividend, by what table the bonus sum is valued."""
    if not isinstance(given, dict):
        return given
    offered = given.get("options", [])
    if not isinstance(offered, list) or any(option not in OPTIONS for option in offered):
        read.wrong("participating.options", f"应为列表，可取 {'、'.join(OPTIONS)}")
    valued = given.get("bonus_value", {})
    if not isinstance(valued, dict) or not isinstance(valued.get("pay_term", ""), str):
        read.wrong("participating.bonus_value", "应为对象，其中 pay_term 为交费期间")
    return given


def _exclusions(given: Any, read: Reader) -> dict[str, Any]:
    """责任免除: labels, their article, what becomes of the contract then."""
    if not isinstance(given, dict):
        read.wrong("exclusions", "应为对象，其中 labels 为列表")
        return {}
    for n, label in enumerate(read.words(given.get("labels"), "exclusions.labels"), start=1):
        if not isinstance(label, str) or not label.strip():
            read.wrong(f"exclusions.labels[{n}]", "应为文字")
        elif in_words(label) == label and label.isascii():
            read.notes.hint(read.where, 0, f"exclusions.labels[{n}]：“{label}”没有中文说法，将照原样显示")
    if not given.get("article"):
        read.notes.hint(read.where, 0, "exclusions：未注明条款")
    told = given.get("consequence")
    if told is not None and (not isinstance(told, dict) or not all(v is None or isinstance(v, str) for v in told.values())):
        read.wrong("exclusions.consequence", "应为 情形 → 说明")
    return given


def read_weights(given: dict[str, Any], read: Reader) -> dict[str, Any]:
    """风险保额 of each kind as a multiple of the sum, where the benefits should not tell."""
    stated = given.get("risk_weights") or {}
    if not isinstance(stated, dict):
        read.wrong("risk_weights", "应为对象")
        return {}
    kinds = [kind.value for kind in DECLARED]
    for kind, value in stated.items():
        if kind not in kinds:
            read.wrong(f"risk_weights.{kind}", f"没有这种风险，应为 {'、'.join(kinds)}")
        elif read.number(value, f"risk_weights.{kind}", "0", "100") is None:
            read.wrong(f"risk_weights.{kind}", "缺少")
    return stated
