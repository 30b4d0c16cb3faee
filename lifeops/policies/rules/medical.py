"""医疗费用补偿 (facts 5.4). Pure. A compensation never exceeds the loss (健康险办法 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lifeops.policies.rules.lines import ZERO, Calculation, Line, money, plain, yuan


@dataclass(frozen=True, kw_only=True)
class MedicalTerms:
    """What the product promises a year. Ratios as fractions (0.6 = 60 %); limits None: none."""

    annual_deductible: Decimal
    ratio_with_ss: Decimal
    ratio_without_ss: Decimal
    annual_limit: Decimal | None = None
    lifetime_limit: Decimal | None = None
    ss_offsets_deductible: bool = False


@dataclass(frozen=True, kw_only=True)
class Expense:
    """Invoices of one kind (药品、检查、床位…): total, the part outside the list, the part over a limit."""

    category: str
    invoiced: Decimal
    non_covered: Decimal = ZERO
    over_limit: Decimal = ZERO

    @property
    def eligible(self) -> Decimal:
        return max(ZERO, self.invoiced - self.non_covered - self.over_limit)


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What others already paid, and whether social insurance was used."""

    social_insurance: Decimal = ZERO
    other: Decimal = ZERO
    ss_used: bool = False


@dataclass(frozen=True, kw_only=True)
class Used:
    """What this coverage has already used: deductible and limit in the policy year, limit over its lifetime."""

    deductible: Decimal = ZERO
    annual: Decimal = ZERO
    lifetime: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Reimbursement:
    """Amount payable with its lines; `deductible_used` is the new total for the policy year."""

    calculation: Calculation
    eligible: Decimal
    ratio: Decimal
    deductible_used: Decimal
    deductible_taken: Decimal

    @property
    def amount(self) -> Decimal:
        return self.calculation.amount


def reimburse(
    *, terms: MedicalTerms, expenses: Sequence[Expense], paid: Paid, used: Used, had_ss_when_bought: bool
) -> Reimbursement:
    """Reimbursement of one claim. The lower ratio applies only to a person who had social insurance when buying and did
    not use it now."""
    eligible = sum((money(e.eligible) for e in expenses), ZERO)
    ss, other = money(paid.social_insurance), money(paid.other)
    base = max(ZERO, eligible - ss - other)
    offset = ss if terms.ss_offsets_deductible else ZERO
    left = max(ZERO, terms.annual_deductible - used.deductible - offset)
    taken = min(left, base)
    net = base - taken
    ratio = terms.ratio_with_ss if paid.ss_used or not had_ss_when_bought else terms.ratio_without_ss
    by_ratio = money(net * ratio)
    room = [base]
    if terms.annual_limit is not None:
        room.append(max(ZERO, terms.annual_limit - used.annual))
    if terms.lifetime_limit is not None:
        room.append(max(ZERO, terms.lifetime_limit - used.lifetime))
    payable = min([by_ratio, *room])

    lines = [Line(label=f"{e.category.removesuffix('费')}费", formula=_expense(e), value=money(e.eligible)) for e in expenses]
    if ss:
        lines.append(Line(label="减：基本医疗保险已支付", value=-ss))
    if other:
        lines.append(Line(label="减：其他途径已补偿", value=-other))
    if ss + other > eligible:
        lines.append(Line(label="已补偿超过费用部分", formula="补偿以实际费用为限", value=ss + other - eligible))
    lines.append(Line(label="减：免赔额", formula=_deductible(terms, used, offset), value=-taken))
    if by_ratio != net:
        lines.append(
            Line(label="减：自负部分", formula=f"{yuan(net)} × (1 − {plain(ratio * 100)}%)", value=by_ratio - net)
        )
    if payable != by_ratio:
        limit = f"剩余限额 {yuan(payable)}"
        lines.append(Line(label="减：超过限额部分", formula=limit, value=payable - by_ratio))
    return Reimbursement(
        calculation=Calculation.of(lines),
        eligible=eligible,
        ratio=ratio,
        deductible_used=min(terms.annual_deductible, used.deductible + taken + offset),
        deductible_taken=taken,
    )


def _expense(expense: Expense) -> str:
    parts = [f"发票 {yuan(expense.invoiced)}"]
    if expense.non_covered:
        parts.append(f"不属责任范围 {yuan(expense.non_covered)}")
    if expense.over_limit:
        parts.append(f"超项目限额 {yuan(expense.over_limit)}")
    return " − ".join(parts)


def _deductible(terms: MedicalTerms, used: Used, offset: Decimal) -> str:
    text = f"年免赔额 {yuan(terms.annual_deductible)}，本年度已用 {yuan(used.deductible)}"
    return f"{text}，医保支付抵扣 {yuan(offset)}" if offset else text
