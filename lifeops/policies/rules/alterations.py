"""合同变动的金额: 自动垫交、减额交清、部分退保、复效、红利、年龄误告 (facts section 6: M-05 to M-09, M-13). Pure; 元."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from lifeops.policies.rules.cash import Debt, debt_lines, interest
from lifeops.policies.rules.dates import add_months
from lifeops.policies.rules.lines import DEBT, OVERDUE, ZERO, Calculation, Line, money, not_below_zero, plain, yuan
from lifeops.policies.rules.premium import RateBasis


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Whether the terms allow it, the amounts, and the reasons where they do not."""

    calculation: Calculation
    refusals: tuple[str, ...] = ()

    @property
    def amount(self) -> Decimal:
        return self.calculation.amount


# ── loans ──


def loan_balance(debt: Debt, day: date, *, term_months: int = 6) -> Calculation:
    """What is owed on `day`: simple interest within a term; unpaid at its end it joins the principal (M-06)."""
    lines = [Line(label=f"{debt.label}本金", formula=f"自 {debt.since} 计息", value=money(debt.principal))]
    principal, since, term = money(debt.principal), debt.since, 1
    while (end := add_months(debt.since, term_months * term)) <= day:
        added = interest(Debt(label=debt.label, principal=principal, rate=debt.rate, since=since), end)
        told = f"{yuan(principal)} × {plain(debt.rate * 100)}% × {(end - since).days} 天 ÷ 365，{end} 并入本金"
        lines.append(Line(label=f"第 {term} 期利息", formula=told, value=added))
        principal, since, term = principal + added, end, term + 1
    days = max(0, (day - since).days)
    if days:
        told = f"{yuan(principal)} × {plain(debt.rate * 100)}% × {days} 天 ÷ 365"
        value = interest(Debt(label=debt.label, principal=principal, rate=debt.rate, since=since), day)
        lines.append(Line(label="本期利息", formula=told, value=value))
    return Calculation.of(lines)


def overtakes(*, value: Decimal, owed: Decimal) -> bool:
    """贷款本息达到现金价值: the contract is suspended from the next day (M-06)."""
    return owed > 0 and owed >= value


def net_value(*, value: Decimal, debts: Sequence[Debt], day: date) -> Calculation:
    """现金价值净额: cash value less what is owed, never below zero."""
    lines = [Line(label="现金价值", value=money(value)), *debt_lines(debts, day)]
    return not_below_zero(lines, "欠款超过现金价值部分")


def automatic_loan(*, value: Decimal, debts: Sequence[Debt], premium: Decimal, day: date) -> Outcome:
    """自动垫交: the premium is lent where the net cash value covers the whole of it; the amount is the loan."""
    net = net_value(value=value, debts=debts, day=day)
    lines = [Line(label="现金价值净额", formula=f"{yuan(value)} − 欠款本息", value=net.amount, counts=False)]
    # as much as is there would be overtaken on the same day
    if premium <= 0 or net.amount <= premium:
        why = f"现金价值净额 {yuan(net.amount)} 元不足以垫交保费 {yuan(premium)} 元"
        return Outcome(calculation=Calculation.of(lines), refusals=(why,))
    return Outcome(calculation=Calculation.of([*lines, Line(label="自动垫交保费", value=money(premium))]))


# ── changes of the sum ──


def reduced_paid_up(
    *, value: Decimal, debts: Sequence[Debt], day: date, rate: RateBasis, current_sum: Decimal
) -> Outcome:
    """减额交清 (M-08): the net cash value as a single premium at the attained age; the amount is the new sum, never above the
    present one. `rate` is the single-premium cell at that age, in either direction."""
    net = net_value(value=value, debts=debts, day=day)
    lines = [Line(label=line.label, formula=line.formula, value=line.value, counts=False) for line in net.lines]
    if net.amount <= 0:
        return Outcome(calculation=Calculation.of(lines), refusals=("现金价值扣除欠款后没有余额，不能减额交清",))
    if rate.measure == "sum":
        bought, told = net.amount / rate.base * rate.value, f"{yuan(net.amount)} ÷ {plain(rate.base)} × {plain(rate.value)}"
    else:
        bought, told = net.amount / rate.value * rate.base, f"{yuan(net.amount)} ÷ {plain(rate.value)} × {plain(rate.base)}"
    lines.append(Line(label="减额交清后基本保险金额", formula=told, value=money(bought)))
    if money(bought) > current_sum:
        lines.append(Line(label="减：超过现有保险金额部分", formula=f"以 {yuan(current_sum)} 为限", value=current_sum - money(bought)))
    return Outcome(calculation=Calculation.of(lines))


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is left after 部分退保, and the payout."""

    payout: Calculation
    sum_assured: Decimal
    premium: Decimal
    premiums_paid: Decimal
    refusals: tuple[str, ...] = ()


def partial_surrender(
    *, sum_assured: Decimal, given_up: Decimal, value: Decimal, premium: Decimal = ZERO, premiums_paid: Decimal = ZERO,
    initial_sum: Decimal | None = None, this_year: Decimal = ZERO, yearly_share: Decimal | None = None, terminal: Decimal = ZERO,
) -> Part:
    """部分退保: cash value of the part given up, and of `terminal`, the 终了红利 that surrender would pay, its part; sum, premium and
    premiums paid fall in the same proportion. `yearly_share` of the sum at inception is the most that a policy year allows, `this_year` what was given up in it already."""
    reasons = []
    if not 0 < given_up < sum_assured:
        reasons.append("减少的保额应大于零且小于现有保额，全部退保请办理退保")
    if yearly_share is not None:
        most = money((initial_sum or sum_assured) * yearly_share)
        if this_year + given_up > most:
            reasons.append(f"本保单年度累计减少以 {yuan(most)} 元为限（首期保额的 {plain(yearly_share * 100)}%），已减少 {yuan(this_year)} 元")
    ratio = min(Decimal(1), max(Decimal(0), given_up / sum_assured))
    part = f"× {yuan(given_up)} ÷ {yuan(sum_assured)}"
    lines = [Line(label="部分退保金", formula=f"现金价值 {yuan(value)} {part}", value=money(value * ratio))]
    if terminal:
        lines.append(Line(label="减少部分的终了红利", formula=f"终了红利 {yuan(terminal)} {part}", value=money(terminal * ratio)))
    return Part(
        payout=Calculation.of(lines),
        sum_assured=sum_assured - given_up, premium=money(premium * (1 - ratio)), premiums_paid=money(premiums_paid * (1 - ratio)),
        refusals=tuple(reasons),
    )  # fmt: skip


def reinstatement(
    *, premiums: Sequence[tuple[date, Decimal]], rate: Decimal, day: date, grace_days: int = 60, debts: Sequence[Debt] = (),
    fees: Decimal = ZERO,
) -> Calculation:
    """复效应交 (M-07): overdue premiums with interest (the first from the end of its 宽限期, later ones from their due dates),
    loans with theirs, fees."""
    lines = []
    for index, (due, amount) in enumerate(sorted(premiums)):
        since = due + timedelta(days=grace_days) if index == 0 else due
        days = max(0, (day - since).days)
        lines.append(Line(label=f"{due} 期保费", value=money(amount)))
        if days:
            told = f"{yuan(amount)} × {plain(rate * 100)}% × {days} 天 ÷ 365（自 {since} 起）"
            lines.append(Line(label=f"{due} 期保费利息", formula=told, value=money(amount * rate * days / 365), kind=OVERDUE))
    for debt in debts:
        days = max(0, (day - debt.since).days)
        told = f"{yuan(debt.principal)} × {plain(debt.rate * 100)}% × {days} 天 ÷ 365"
        lines += [
            Line(label=f"{debt.label}本金", value=money(debt.principal), kind=DEBT),
            Line(label=f"{debt.label}利息", formula=told, value=interest(debt, day), kind=DEBT),
        ]
    if fees:
        lines.append(Line(label="其他费用", value=money(fees)))
    return Calculation.of(lines)


# ── dividends ──


def reversionary_bonus(*, effective: Decimal, rate: Decimal, of: str = "有效保险金额") -> Calculation:
    """增额红利: the declared rate of the effective sum, or of the one that `of` names, is added to the bonus sum on the
    anniversary (M-13)."""
    told = f"{of} {yuan(effective)} × {plain(rate * 100)}%"
    return Calculation.of([Line(label="年度红利保险金额", formula=told, value=money(effective * rate))])


def terminal_bonus(*, base: Decimal, rate: Decimal, years: int = 1, of: str = "有效保险金额") -> Calculation:
    """终了红利: the declared rate of the sum before the bonus of the last policy year, once or for each year that counts. Before the
    first of them there is none."""
    if rate < 0:
        raise ValueError("红利率不可为负")
    amount, counted = money(base * rate * max(0, years)), max(0, years)
    told = f"最近周年日分红前{of} {yuan(base)} × {plain(rate * 100)}%" + (f" × {counted} 年" if counted != 1 else "")
    return Calculation.of([Line(label="终了红利", formula=told, value=amount)])


def cash_dividend(*, base: Decimal, rate: Decimal) -> Calculation:
    """现金红利: declared rate × base."""
    return Calculation.of([Line(label="现金红利", formula=f"{yuan(base)} × {plain(rate * 100)}%", value=money(base * rate))])


def accumulate(*, account: Decimal, rate: Decimal, added: Decimal = ZERO, years: int = 1) -> Calculation:
    """累积生息: the account a year on, with what is added on the anniversary; interest is credited yearly."""
    lines = [Line(label="上年末余额", value=money(account))]
    for year in range(1, years + 1):
        balance = sum((line.value for line in lines), ZERO)
        lines.append(Line(label="利息" if years == 1 else f"第 {year} 年利息", formula=f"{yuan(balance)} × {plain(rate * 100)}%", value=money(balance * rate)))
    if added:
        lines.append(Line(label="本期转入", value=money(added)))
    return Calculation.of(lines)


def paid_up_addition(*, dividend: Decimal, rate: RateBasis) -> Calculation:
    """交清增额: the dividend as a single premium at the attained age."""
    if rate.measure == "sum":
        value, told = dividend / rate.base * rate.value, f"{yuan(dividend)} ÷ {plain(rate.base)} × {plain(rate.value)}"
    else:
        value, told = dividend / rate.value * rate.base, f"{yuan(dividend)} ÷ {plain(rate.value)} × {plain(rate.base)}"
    return Calculation.of([Line(label="交清增额保险金额", formula=told, value=money(value))])


# ── misstatement ──


def misstated_benefit(*, benefit: Calculation, paid: Decimal, due: Decimal) -> Calculation:
    """年龄误告后的保险金 (保险法 32, M-09): premium too low pays in the proportion paid ÷ due; too high does not add to it."""
    if paid >= due:
        return benefit
    reduced = money(benefit.amount * paid / due)
    told = f"{yuan(benefit.amount)} × 实交 {yuan(paid)} ÷ 应交 {yuan(due)}"
    return Calculation.of([*benefit.lines, Line(label="减：年龄误告按比例给付", formula=told, value=reduced - benefit.amount)])


def misstatement_settlement(*, instalments: Sequence[tuple[Decimal, Decimal]], names: Sequence[str] = ()) -> Calculation:
    """Σ (due − paid) over instalments as (paid, due): positive is to be collected, negative to be refunded without interest.
    `names` says which instalment each is."""
    lines = []
    for index, (paid, due) in enumerate(instalments):
        label = "补交保费" if due >= paid else "退还多交保费"
        told = f"{names[index]} {label}" if names else label
        lines.append(Line(label=told, formula=f"应交 {yuan(due)} − 实交 {yuan(paid)}", value=money(due - paid)))
    return Calculation.of(lines)
