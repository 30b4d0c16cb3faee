"""红利记入: declared rates credited on policy anniversaries by the day run (M-13). A cash dividend goes where the policyholder chose:
to 累积红利 with yearly interest, payable, against premiums, or as the single premium of more cover; a yearly bonus adds to the bonus
sum of the coverage. What is declared after an anniversary is credited on the day it was approved, with the interest, or the
bonuses upon it, that it would have had."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.policies.models import (
    Account,
    Coverage,
    DeclaredState,
    DividendBase,
    DividendKind,
    DividendOption,
    DividendRate,
    EventKind,
    LedgerLine,
    PayableKind,
    Policy,
    PolicyEvent,
)
from lifeops.policies.rules import participation
from lifeops.policies.rules.alterations import (
    accumulate,
    cash_dividend,
    paid_up_addition,
    reversionary_bonus,
)
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.life import COVERED, PAYING
from lifeops.policies.rules.lines import ZERO, money, yuan
from lifeops.policies.rules.values import grown_sum, growth_of
from lifeops.policies.services import bonus_upon
from lifeops.policies.services.as_of import covers_on
from lifeops.policies.services.events import JOB, keep_covers, record
from lifeops.policies.services.ledger import post
from lifeops.policies.services.locking import DEATHS
from lifeops.policies.services.premiums import apply_suspense
from lifeops.policies.services.terms import options_for, sex_of
from lifeops.policies.services.values import single_rate, value_on

WORDS = {DividendKind.INTEREST: "interest", DividendKind.CASH: "dividend", DividendKind.BONUS: bonus_upon.WORD}
#: On one day: sums grow before what is reckoned on them, interest is reckoned before money comes in.
ORDER = (DividendKind.BONUS, DividendKind.INTEREST, DividendKind.CASH)


@dataclass(frozen=True, kw_only=True)
class Credit:
    """A declared rate that a policy has not had for one of its anniversaries; `day`: when it is credited."""

    day: date
    year: int
    rate: DividendRate

    @property
    def key(self) -> str:
        if self.rate.kind == DividendKind.INTEREST:
            return f"interest:{self.year}"
        version = f":v{self.rate.version_id}" if self.rate.version_id else ""
        return f"{WORDS[DividendKind(self.rate.kind)]}:{self.year}:{self.rate.product_id}{version}"


def sharing(covers: Sequence[Coverage], rate: DividendRate) -> list[Coverage]:
    """Coverages held that a rate is for: of its product and version, whose terms share in this way."""
    form = participation.CASH if rate.kind == DividendKind.INTEREST else rate.kind
    return [
        c for c in covers
        if c.active and c.version.product_id == rate.product_id and rate.version_id in (None, c.version_id)
        and form in participation.forms(c.version.definition)
    ]  # fmt: skip


def in_order(credit: Credit) -> tuple[date, bool, int, int, int]:
    """In which order credits are made."""
    kind = DividendKind(credit.rate.kind)
    return credit.day, kind != DividendKind.BONUS, credit.year, ORDER.index(kind), credit.rate.pk


def next_credit(policy: Policy, covers: Sequence[Coverage]) -> Credit | None:
    """The earliest credit that is open, None for policies without a participating product or without a declaration."""
    return min(open_credits(policy, covers), key=in_order, default=None)


def open_credits(policy: Policy, covers: Sequence[Coverage], *, until: date = date.max) -> list[Credit]:
    """Those of anniversaries up to a day. Only anniversaries that the day run took count: those of policies loaded in bulk were
    settled where they came from."""
    products = {c.version.product_id for c in covers if c.active and c.version.product.is_participating}
    rates = _in_force(product__in=products) if products else []
    if not rates or not policy.years_done:
        return []
    done = set(policy.events.filter(kind__in=(EventKind.ANNIVERSARY, EventKind.DIVIDEND)).values_list("key", flat=True))
    covered = _covered_on(policy)
    money_in = _postings(policy)
    found: list[Credit] = []
    for year in range(1, policy.years_done + 1):
        on = anniversary(policy.effective_on, year)
        if on > until:
            break
        told = [rate for rate in rates if _for(rate, on, year) and sharing(covers, rate)] if f"year:{year}" in done else []
        for rate in told:
            credit = Credit(day=max(on, rate.decided_on or on), year=year, rate=rate)
            if credit.key in done:
                continue
            # 效力中止 gives no dividend; money that stands bears interest whatever the status
            if rate.kind == DividendKind.INTEREST:
                standing, since = _before(money_in, year, on)
                if standing > 0:
                    found.append(replace(credit, day=max(credit.day, since)))
            elif covered(on):
                found.append(credit)
    return found


def _in_force(**which: Any) -> list[DividendRate]:
    return list(DividendRate.objects.filter(state=DeclaredState.APPLIED, **which).exclude(kind=DividendKind.TERMINAL))


def _for(rate: DividendRate, on: date, year: int) -> bool:
    return rate.first_on <= on <= rate.last_on and rate.holds_in(year)


def _covered_on(policy: Policy) -> Callable[[date], bool]:
    """By a death the day itself is covered to its end."""
    changes = list(policy.status_changes.exclude(cause__in=DEATHS).order_by("pk").values_list("since", "status"))
    return lambda day: next((s for since, s in reversed(changes) if since <= day), "") in COVERED


def _postings(policy: Policy) -> list[tuple[str, date, Decimal]]:
    rows = LedgerLine.objects.filter(entry__policy=policy, account=Account.DIVIDEND).order_by("pk")
    return [(key, on, -amount) for key, on, amount in rows.values_list("entry__key", "entry__on", "amount")]


def _before(postings: Sequence[tuple[str, date, Decimal]], year: int, on: date) -> tuple[Decimal, date]:
    """累积红利 that bears interest on anniversary `year`, and the day on which the last of it was there. Credits name at the end of
    their key the anniversary up to which they hold interest already; what came in or went out otherwise counts by its day."""
    total, since = ZERO, on
    for key, posted, amount in postings:
        through = key.rpartition(":")[2]
        if int(through) < year if key.startswith(("dividend:", "interest:")) and through.isdigit() else posted < on:
            total, since = total + amount, max(since, posted)
    return total, since


def credit_dividend(policy: Policy, covers: Sequence[Coverage], credit: Credit) -> None:
    """One credit of a locked policy, on its day, by its key once; money with a balanced entry."""
    on = anniversary(policy.effective_on, credit.year)
    if credit.rate.kind == DividendKind.BONUS:
        _bonus(policy, covers, credit, on)
    elif credit.rate.kind == DividendKind.INTEREST:
        amount, told = interest_of(policy, credit, on)
        _to_account(policy, covers, credit, amount, f"第 {credit.year} 个周年日累积红利利息", told)
    else:
        amount, told = dividend_of(policy, covers_on(policy, on) if credit.day > on else covers, credit, on)
        chosen = option_on(policy, covers, on)
        PLACES.get(chosen, _to_account)(policy, covers, credit, amount, f"第 {credit.year} 年度红利", told)


# ── 现金红利 ──


def interest_of(policy: Policy, credit: Credit, on: date) -> tuple[Decimal, str]:
    """(a year's interest of what stood on the anniversary, how)."""
    before, _ = _before(_postings(policy), credit.year, on)
    return accumulate(account=before, rate=credit.rate.rate).amount - before, f"{yuan(before)} × {credit.rate.rate_pct}%"


def dividend_of(policy: Policy, held: Sequence[Coverage], credit: Credit, on: date) -> tuple[Decimal, str]:
    """(declared rate × base of the coverages of the product, `held` as they stood on the anniversary, how)."""
    base = ZERO
    for cover in sharing(held, credit.rate):
        value = cover.sum_assured if credit.rate.base == DividendBase.BASIC else value_on(cover, sex_of(policy, cover), on)
        base += value or ZERO
    told = f"{credit.rate.get_base_display()} {yuan(base)} × {credit.rate.rate_pct}%"
    return cash_dividend(base=base, rate=credit.rate.rate).amount, told


def option_on(policy: Policy, covers: Sequence[Coverage], day: date) -> str:
    """红利领取方式 in force on a day; where the terms do not offer what the policy has, the first that they do."""
    rows = policy.events.filter(kind=EventKind.CHOICE, data__has_key="dividend_option").order_by("pk")
    changes = list(rows.values_list("on", "data"))
    chosen = next((data["dividend_option"] for since, data in reversed(changes) if since <= day), None)
    if chosen is None:
        chosen = changes[0][1].get("dividend_option_before", policy.dividend_option) if changes else policy.dividend_option
    offered = options_of(covers)
    return str(chosen if chosen in offered else next(iter(offered), chosen))


def option_label(policy: Policy, covers: Sequence[Coverage], day: date) -> str:
    """The way in force on a day in words; "" where nothing is shared in cash."""
    return str(DividendOption(option_on(policy, covers, day)).label) if options_of(covers) else ""


def options_of(covers: Sequence[Coverage]) -> tuple[str, ...]:
    """What the participating coverages of a policy offer, the main one first."""
    return next((found for c in covers if c.active and (found := options_for(c.version))), ())


def _to_account(policy: Policy, covers: Sequence[Coverage], credit: Credit, amount: Decimal, text: str, told: str) -> None:
    """累积生息."""
    late, through = late_interest(policy, covers, amount, credit, credit.day)
    entry = post(
        policy, on=credit.day, text=text, key=f"{credit.key}:{through}", lines={Account.BONUS: amount + late, Account.DIVIDEND: -(amount + late)}
    )
    _record(policy, credit, f"{text} {yuan(amount)} 元（{told}）" + (f"，补计利息 {yuan(late)} 元" if late else ""), {"money": [entry], "before_late": f"{amount:.2f}"}, told)


def _to_customer(policy: Policy, covers: Sequence[Coverage], credit: Credit, amount: Decimal, text: str, told: str) -> None:
    """现金领取: payable until it is collected (PS27); money that is due bears no interest."""
    entry = post(policy, on=credit.day, text=f"{text}应付", key=f"{credit.key}:{credit.year}", kind=PayableKind.DIVIDEND, lines={Account.BONUS: amount, Account.PAYABLE: -amount})
    _record(policy, credit, f"{text} {yuan(amount)} 元（{told}），待领取", {"money": [entry]}, told)


def _to_premium(policy: Policy, covers: Sequence[Coverage], credit: Credit, amount: Decimal, text: str, told: str) -> None:
    """抵交保费: as money received for the next instalment; left to accumulate once nothing falls due any more."""
    if policy.paid_to is None or policy.status not in PAYING or policy.status == "waived":
        _to_account(policy, covers, credit, amount, text, f"{told}；没有应交保费，累积生息")
        return
    entry = post(policy, on=credit.day, text=f"{text}抵交保费", key=f"{credit.key}:{credit.year}", lines={Account.BONUS: amount, Account.SUSPENSE: -amount})
    _record(policy, credit, f"{text} {yuan(amount)} 元（{told}），抵交保费", {"money": [entry]}, told)
    apply_suspense(policy, covers, on=credit.day, cause=JOB)


def _to_cover(policy: Policy, covers: Sequence[Coverage], credit: Credit, amount: Decimal, text: str, told: str) -> None:
    """交清增额: the dividend is the single premium of more cover at the age of the anniversary; left to accumulate where the terms
    have no rate for it."""
    on, cover = anniversary(policy.effective_on, credit.year), sharing(covers, credit.rate)[0]
    rate = single_rate(cover, sex_of(policy, cover), on)
    if rate is None or not amount:
        _to_account(policy, covers, credit, amount, text, f"{told}；没有该年龄的趸交费率，累积生息" if amount else told)
        return
    bought = paid_up_addition(dividend=amount, rate=rate)
    entry = post(policy, on=credit.day, text=f"{text}交清增额", key=f"{credit.key}:{credit.year}", lines={Account.BONUS: amount, Account.PREMIUM: -amount})
    cover.bonus_sum += bought.amount
    cover.save(update_fields=["bonus_sum"])
    note = f"{text} {yuan(amount)} 元（{told}），交清增额保额 {yuan(bought.amount)} 元（{bought.lines[0].formula}）"
    grown = {"coverages": keep_covers([cover], since=credit.day), "bonus": {str(cover.pk): f"{bought.amount:.2f}"}}
    _record(policy, credit, note, {"money": [entry]} | grown, told)


PLACES: dict[str, Callable[..., None]] = {
    DividendOption.CASH: _to_customer, DividendOption.OFFSET: _to_premium, DividendOption.PAID_UP: _to_cover,
}  # fmt: skip


def _record(policy: Policy, credit: Credit, note: str, data: dict[str, Any], told: str | dict[str, str]) -> None:
    """`told`: how it was reckoned, of a bonus by coverage, for whom it is told to (`dividend_years`)."""
    data = data | {"dividend_rate": credit.rate.pk, "told": told}
    record(policy, EventKind.DIVIDEND, on=credit.day, cause=JOB, note=note, key=credit.key, data=data)


def late_interest(policy: Policy, covers: Sequence[Coverage], amount: Decimal, credit: Credit, until: date) -> tuple[Decimal, int]:
    """(interest of the anniversaries since up to a day, at the rates known on the day of the credit; the last of them). An
    anniversary without a rate by then gives none to what comes late."""
    main = next(c for c in covers if not c.is_rider)
    known = _known(credit.day, product=main.version.product_id, kind=DividendKind.INTEREST)
    total, year = amount, credit.year
    for year, on in (gone for gone in _years_since(policy, credit) if gone[1] <= until):
        total += money(total * next((r.rate for r in known if _for(r, on, year)), ZERO))
    return total - amount, year


def _known(day: date, **which: Any) -> list[DividendRate]:
    """Rates of the kind approved by the day."""
    return [r for r in _in_force(**which) if r.decided_on and r.decided_on <= day]


def _years_since(policy: Policy, credit: Credit) -> list[tuple[int, date]]:
    """The anniversaries after the one of the credit that have gone by on its day."""
    return [(year, on) for year, on in _years(policy, credit.year + 1, policy.years_done + 1) if on <= credit.day]


def _years(policy: Policy, first: int, end: int) -> list[tuple[int, date]]:
    return [(year, anniversary(policy.effective_on, year)) for year in range(first, end)]


# ── 增额红利 ──


def _bonus(policy: Policy, covers: Sequence[Coverage], credit: Credit, on: date) -> None:
    """The bonus of each coverage on its sum as it stood on the anniversary, and of what comes late the bonuses upon it since."""
    parts = bonus_parts(policy, covers, covers_on(policy, on) if credit.day > on else covers, credit)
    for part in parts:
        part.cover.bonus_sum += part.amount
        part.cover.save(update_fields=["bonus_sum"])
    ways = {str(part.cover.pk): part.told for part in parts}
    data = {"coverages": keep_covers([p.cover for p in parts], since=credit.day)} | bonus_data(parts)
    _record(policy, credit, f"第 {credit.year} 年度红利保额 " + "；".join(ways.values()), data, ways)


@dataclass(frozen=True, kw_only=True)
class BonusPart:
    """The bonus of one coverage, in 元: `alone`, on the sum `base`, and `upon` it the bonuses for the anniversaries since, by anniversary."""

    cover: Coverage
    base: Decimal
    alone: Decimal
    upon: dict[str, str]
    told: str

    @property
    def amount(self) -> Decimal:
        return self.alone + sum(map(Decimal, self.upon.values()), ZERO)


def bonus_data(parts: Sequence[BonusPart]) -> dict[str, Any]:
    """What the event keeps of a bonus (`bonus_upon` reads it), by coverage."""
    return {
        "bonus": {str(p.cover.pk): f"{p.amount:.2f}" for p in parts}, "alone": {str(p.cover.pk): f"{p.alone:.2f}" for p in parts},
        "upon": {str(p.cover.pk): p.upon for p in parts}, "base": {str(p.cover.pk): f"{p.base:.2f}" for p in parts},
    }  # fmt: skip


def bonus_parts(
    policy: Policy, covers: Sequence[Coverage], stood: Sequence[Coverage], credit: Credit, *, until: date = date.max, more: Sequence[PolicyEvent] = ()
) -> list[BonusPart]:
    """The bonus of each coverage that shares. `stood`: coverages as of the anniversary; `until`: nothing for anniversaries after the day;
    `more`: credits that come before it and are not written yet."""
    on, then_by, events = anniversary(policy.effective_on, credit.year), {c.pk: c for c in stood}, bonus_upon.credited(policy, more)
    since = [year for year, day in _years_since(policy, credit) if day <= until]
    parts = []
    for cover in sharing(covers, credit.rate):
        then, key = then_by.get(cover.pk), str(cover.pk)
        if then is None:
            continue
        # what came after the anniversary and before this shares in it too
        base, told = bonus_of_year(then, credit, then.bonus_sum + bonus_upon.come_since(events, key, credit.year, on))
        late = bonus_upon.upon(events, key, year=credit.year, alone=told.amount, since=since)
        part = BonusPart(cover=cover, base=base, alone=told.amount, upon=late, told="")
        words = f"{yuan(told.amount)} 元（{told.lines[0].formula}）"
        if extra := part.amount - part.alone:
            words += f"，补计其后年度红利保额 {yuan(extra)} 元"
        parts.append(replace(part, told=words))
    return parts


def bonus_of_year(cover: Coverage, credit: Credit, bonus: Decimal) -> tuple[Decimal, Any]:
    """(the sum that shares, its bonus): the basic sum, or of the effective sum the basic sum grown where the terms let it grow, with the
    bonus sum."""
    if credit.rate.base == DividendBase.BASIC:
        return cover.sum_assured, reversionary_bonus(effective=cover.sum_assured, rate=credit.rate.rate, of="基本保险金额")
    grown = grown_sum(basic=cover.sum_assured, growth_rate=growth_of(cover.version.definition), policy_year=credit.year)
    return grown + bonus, reversionary_bonus(effective=grown + bonus, rate=credit.rate.rate)


__all__ = [
    "BonusPart", "Credit", "bonus_data", "bonus_parts", "credit_dividend", "dividend_of", "in_order", "interest_of", "late_interest", "next_credit",
    "open_credits", "option_label", "option_on", "options_of", "sharing",
]
