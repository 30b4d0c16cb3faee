"""What a policy is worth on a day: value, surrender, loan, death benefit, the next survival benefit and the end, by its products'
terms. For the policy page; each amount with how it came, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import prefetch_related_objects

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Coverage, Policy, PolicyLoan, PolicyStatus
from lifeops.policies.rules.cash import CashValues
from lifeops.policies.rules.dates import anniversary, reinstatement_end, years_completed
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, money, plain, yuan
from lifeops.policies.services.benefits import (
    answers_for_death,
    death_benefit_of,
    maturity_benefit,
    premiums_paid_for,
    survival_benefit,
)
from lifeops.policies.services.crediting import options_of
from lifeops.policies.services.dividend_choice import collectable
from lifeops.policies.services.lending import open_loans, owed_at
from lifeops.policies.services.owing import debt_of
from lifeops.policies.services.servicing import surrender_value
from lifeops.policies.services.terminal import may_end_with_bonus
from lifeops.policies.services.terms import (
    loan_ratio,
    maturity_codes,
    may_lend,
    reinstatement_years,
    sex_of,
    survival_codes,
    waiting_days,
    waiting_from,
)
from lifeops.policies.services.values import short_expense, table_of, value_by
from lifeops.workdays.calendar import get_calendar

#: Policy years looked ahead for the next survival benefit.
FAR = 80


@dataclass(frozen=True, kw_only=True)
class Worth:
    """A line of the box: `amount` None where there is none to tell; `note` says how, when or why not."""

    label: str
    amount: Decimal | None = None
    note: str = ""


def worth_on(
    policy: Policy, day: date, *, among: Sequence[Coverage] | None = None, loans: Sequence[PolicyLoan] | None = None
) -> list[Worth]:
    """Nothing for a contract that has ended or has not begun. `among` its coverages, `loans` its loans, where they have been read."""
    if policy.status == PolicyStatus.TERMINATED or day < policy.effective_on:
        return []
    if among is None:
        among = list(policy.coverages.select_related("version__product"))
    covers = [c for c in among if c.active]
    main = next((c for c in covers if not c.is_rider), None)
    if main is None:
        return []
    if any(short_expense(c.version) is not None for c in covers):
        prefetch_related_objects(covers, "usage")
    tables = [(c, table_of(c, sex_of(policy, c))) for c in covers]
    values = {c.pk: value_by(c, table, day) for c, table in tables}
    known = [v for v in values.values() if v is not None]
    value = sum(known, ZERO) if len(known) == len(covers) else None
    lacking = "、".join(c.version.product.name for c in covers if values[c.pk] is None)
    found = [Worth(label="现金价值", amount=value, note=f"{lacking}没有现金价值表" if lacking else "")]
    still = [x for x in loans if x.repaid_on is None and x.since <= day] if loans is not None else open_loans(policy)
    surrender, owed = _surrender(policy, tables, still, day), owed_at(still, day)
    found += _dividends(policy, covers)
    found += [surrender, _loan(policy, main, sum(known, ZERO), owed, day)]
    if policy.status in COVERED:
        found += _death(policy, covers, values, day, among)
        found += _waiting(policy, main, day)
        found += [w for c in covers for w in (_survival(policy, c, day), _maturity(policy, c)) if w is not None]
    elif policy.lapsed_on is not None:
        last = reinstatement_end(policy.lapsed_on, get_calendar().is_workday, reinstatement_years(main.version))
        found.append(Worth(label="可申请复效", note=f"至 {last}"))
    return found


def _dividends(policy: Policy, covers: Sequence[Coverage]) -> list[Worth]:
    """What may be collected of cash dividends; the surrender value has the accumulated part in it."""
    there = collectable(policy) if options_of(covers) else None
    if there is None or not there.total:
        return []
    return [Worth(label="可领取红利", amount=there.total, note=f"已到期 {yuan(there.due)}，累积 {yuan(there.accumulated)}")]


def _surrender(policy: Policy, tables: Sequence[tuple[Coverage, CashValues | None]], loans: Sequence[PolicyLoan], day: date) -> Worth:
    try:
        due = surrender_value(policy, day, known=tables, debts=[debt_of(loan) for loan in loans])
    except BookRefused as refused:
        return Worth(label="退保金", note=str(refused))
    less = [line.label.removeprefix("减：") for line in due.lines if line.counts and line.value < 0]
    return Worth(label="退保金", amount=due.amount, note=f"已减 {'、'.join(dict.fromkeys(less))}" if less else "")


def _loan(policy: Policy, main: Coverage, value: Decimal, owed: Decimal, day: date) -> Worth:
    if not may_lend(main.version):
        return Worth(label="可贷金额", note="条款没有保单贷款")
    if policy.status not in COVERED:
        return Worth(label="可贷金额", note=f"{policy.get_status_display()}不能贷款")
    if policy.cooling_off_end is None or day <= policy.cooling_off_end:
        return Worth(label="可贷金额", note="犹豫期内不能贷款")
    ratio = loan_ratio(main.version)
    note = f"现金价值 × {plain(ratio * 100)}%" + (f" − 欠款 {yuan(owed)}" if owed else "")
    return Worth(label="可贷金额", amount=max(ZERO, money(value * ratio) - owed), note=note)


def _death(policy: Policy, covers: list[Coverage], values: Mapping[int, Decimal | None], day: date, among: Sequence[Coverage]) -> list[Worth]:
    """By illness and by accident, one line where both are the same; debts and arrears not taken off."""
    able = [c for c in covers if answers_for_death(c)]
    known = {c.pk: (premiums_paid_for(policy, c, day, among=among), values[c.pk]) for c in able}
    told = []
    for accident in (False, True):
        parts = [death_benefit_of(policy, c, day, accident=accident, known=known[c.pk]) for c in able]
        told.append((sum((p.calculation.amount for p in parts), ZERO), [w for p in parts for w in p.open]))
    (ill, ill_open), (hurt, hurt_open) = told
    if not able:
        return []
    if (ill, ill_open) == (hurt, hurt_open):
        return [_benefit("身故保险金", ill, ill_open)]
    return [_benefit("身故保险金（疾病）", ill, ill_open), _benefit("身故保险金（意外）", hurt, hurt_open)]


def _benefit(label: str, amount: Decimal, left_open: list[str]) -> Worth:
    return Worth(label=label, amount=None if left_open else amount, note="；".join(left_open) or "未减欠款、欠交保费")


def _waiting(policy: Policy, main: Coverage, day: date) -> list[Worth]:
    days = waiting_days(main)
    last = waiting_from(main, policy.reinstated_on, day) + timedelta(days=days)
    return [Worth(label="等待期", note=f"至 {last}")] if days and day <= last else []


def _survival(policy: Policy, cover: Coverage, day: date) -> Worth | None:
    done = years_completed(cover.effective_on, day)
    year = next((y for y in range(done + 1, done + FAR) if survival_codes(cover, y)), None)
    if year is None:
        return None
    on = anniversary(cover.effective_on, year)
    return Worth(label="下一次生存金", amount=survival_benefit(policy, cover, year, on), note=str(on))


def _maturity(policy: Policy, cover: Coverage) -> Worth | None:
    if cover.expires_on is None or not (maturity_codes(cover) or may_end_with_bonus(cover)):
        return None
    amount = maturity_benefit(policy, cover, cover.expires_on)
    return Worth(label="满期金", amount=amount, note=f"{cover.expires_on} 满期，按现已交保费") if amount or maturity_codes(cover) else None


CHOICE_LABELS = {"plan": "计划 {}", "annuity_start_age": "{} 岁领取", "days": "{} 天", "deductible": "免赔额 {}", "payout_ratio": "给付比例 {}"}


def chosen_words(cover: Coverage) -> str:
    """What was chosen besides term and sum, for the policy page."""
    found = [words.format(cover.choices[name]) for name, words in CHOICE_LABELS.items() if cover.choices.get(name)]
    if cover.choices.get("social_insurance"):
        found.append("有社保" if cover.choices["social_insurance"] == "Y" else "无社保")
    names = {b["code"]: b["name"] for b in cover.version.definition.get("benefits") or []}
    found += [f"{names.get(code, code)} {yuan(Decimal(amount))}" for code, amount in (cover.choices.get("items") or {}).items()]
    return "，".join(found)
