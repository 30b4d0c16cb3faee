"""What the contract pays and grows to: 有效保险金额, 红利, 身故, 生存, 满期 (M-10, M-11, M-13)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from lifeops.policies.models import Coverage
from lifeops.policies.rules import participation
from lifeops.policies.rules.alterations import accumulate, reversionary_bonus
from lifeops.policies.rules.benefits import cap_for_minor, less_arrears, minors_cap
from lifeops.policies.rules.dates import age_on, anniversary, policy_year, years_completed
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, Calculation, Line
from lifeops.policies.rules.values import effective_sum, growth_of
from lifeops.policies.services.as_of import answering
from lifeops.policies.services.benefits import (
    answers_for_death,
    death_benefit_of,
    maturity_lines,
    pays_cash_value,
    premiums_paid_for,
    survival_lines,
)
from lifeops.policies.services.benefits_after import less_owed_back
from lifeops.policies.services.claiming import standing
from lifeops.policies.services.credited_after import undone_lines
from lifeops.policies.services.earned_late import late_lines, with_bonus
from lifeops.policies.services.terminal import may_end_with_bonus
from lifeops.policies.services.terms import maturity_by_terms, maturity_codes, sex_of, survival_by_terms, survival_codes
from lifeops.policies.services.trial.book import Book, Trial, TrialKind, refuse
from lifeops.policies.services.values import value_on

#: Policy years looked ahead for the next survival benefit.
FAR = 80


def _effective_of(cover: Coverage, year: int) -> Calculation:
    return effective_sum(basic=cover.sum_assured, growth_rate=growth_of(cover.version.definition), policy_year=year, bonus=cover.bonus_sum)


def effective(book: Book) -> Trial:
    """有效保险金额 of each coverage in the policy year of the day."""
    lines: list[Line] = []
    for cover in book.covers:
        year = policy_year(cover.effective_on, book.day)
        for line in _effective_of(cover, year).lines:
            lines.append(Line(label=f"{cover.version.product.name} {line.label}（第 {year} 保单年度）", formula=line.formula, value=line.value))
    return Trial(kind=TrialKind.EFFECTIVE, day=book.day, title="有效保险金额", calculation=Calculation.of(lines))


def accumulation(book: Book, *, years: int, rate_pct: Decimal) -> Trial:
    """累积红利 after so many years at a yearly rate that is assumed; interest is credited yearly."""
    if not book.accumulated:
        refuse("kind", "该日没有累积红利")
    found = accumulate(account=book.accumulated, rate=rate_pct / 100, years=years)
    return Trial(
        kind=TrialKind.ACCUMULATION, day=book.day, title=f"{years} 年后的累积红利", calculation=found,
        notes=("利率为假定，以公司公布的为准；未计其间新分配的红利",),
    )  # fmt: skip


def bonus(book: Book, *, years: int, rate_pct: Decimal) -> Trial:
    """The effective sum after so many years of 增额红利 at a yearly rate that is assumed."""
    shared = [c for c in book.covers if c.version.product.is_participating]
    if not shared:
        refuse("kind", "不是分红保险，没有红利")
    covers = [c for c in shared if participation.BONUS in participation.forms(c.version.definition)]
    if not covers:
        refuse("kind", "条款没有增额红利；现金红利请试算红利累积生息")
    lines: list[Line] = []
    for cover in covers:
        gone = years_completed(cover.effective_on, book.day)
        lines += _effective_of(cover, gone + 1).lines
        total = sum((line.value for line in lines), ZERO)
        for year in range(gone + 1, gone + years + 1):
            added = reversionary_bonus(effective=total, rate=rate_pct / 100)
            lines += [Line(label=f"第 {year} 年度红利保险金额", formula=line.formula, value=line.value) for line in added.lines]
            total += added.amount
    return Trial(
        kind=TrialKind.BONUS, day=book.day, title=f"{years} 年后的有效保险金额", calculation=Calculation.of(lines),
        notes=("红利率为假定，红利不保证，以公司公布的为准",),
    )  # fmt: skip


# ── 给付 ──


def death(book: Book, *, accident: bool = False, others: Decimal = ZERO) -> Trial:
    """身故给付 by the terms, capped for minors (`others`: what other companies pay), less arrears and loans. Liability itself is
    judged in a claim."""
    policy, day = book.policy, book.day
    stand = standing(policy, day, book.all_covers)
    if not stand.covered:
        refuse("day", f"该日合同状态为“{stand.status_label}”，不承担保险责任")
    covers = [c for c in with_bonus(answering(policy, day, book.all_covers), stand.late) if answers_for_death(c, accident=accident)]
    if not covers:
        refuse("kind", "没有以此原因身故为给付条件的责任")
    lines = late_lines(policy, stand.late, day)
    left_open: list[str] = []
    exempt, exempt_label = stand.premiums_paid, "已交保险费"
    for cover in covers:
        paid, value = premiums_paid_for(policy, cover, day, among=book.all_covers), value_on(cover, sex_of(policy, cover), day)
        found = death_benefit_of(policy, cover, day, accident=accident, known=(paid, value))
        lines += found.calculation.lines
        left_open += found.open
        if value is not None and value > exempt and pays_cash_value(cover):
            exempt, exempt_label = value, "现金价值"
    benefit, born = Calculation.of(lines), policy.insured.birth_date
    if others and (born is None or minors_cap(age_on(born, day)) is None):
        refuse("others", "被保险人已成年，其他公司的身故保险金不影响给付")
    if born:
        benefit = cap_for_minor(benefit=benefit, exempt=exempt, exempt_label=exempt_label, others=others, age=age_on(born, day))
    due = less_arrears(
        benefit=benefit, arrears=stand.arrears_open, debts=stand.owed.debts, event_on=day, reliefs=stand.owed.reliefs, undone=undone_lines(stand.undone)
    )
    due, notes = less_owed_back(due, stand.owed_back), [*left_open, "是否承担责任由理赔审核认定"]
    if stand.in_waiting and not accident:
        notes.append("该日在等待期内")
    cause = "意外" if accident else "疾病等非意外"
    return Trial(kind=TrialKind.DEATH, day=day, title=f"身故给付（{cause}）", calculation=due, notes=tuple(notes))


def survival(book: Book) -> Trial:
    """The survival benefits of the next anniversary that has any, the day itself included."""
    policy = book.policy
    book.needs(*COVERED)
    found = {c.pk: y for c in book.covers if (y := _next_survival(book, c)) is not None}
    if not found:
        refuse("kind", "条款没有尚待给付的生存保险金")
    due = {c.pk: anniversary(c.effective_on, found[c.pk]) for c in book.covers if c.pk in found}
    on = min(due.values())
    paid = [c for c in book.covers if due.get(c.pk) == on]
    lines = [line for c in paid for line in survival_lines(policy, c, found[c.pk], on).lines]
    return Trial(
        kind=TrialKind.SURVIVAL, day=book.day, title=f"{on} 应付的生存保险金", calculation=Calculation.of(lines),
        notes=("被保险人届时生存、合同有效为给付条件",),
    )  # fmt: skip


def _next_survival(book: Book, cover: Coverage) -> int | None:
    done = years_completed(cover.effective_on, book.day)
    first = done if done and anniversary(cover.effective_on, done) == book.day else done + 1
    return next((y for y in range(first, first + FAR) if survival_codes(cover, y) or survival_by_terms(cover, y)), None)


def maturity(book: Book) -> Trial:
    """满期给付 on the last day of the term, less what is owed by then; premiums as paid until now."""
    book.needs(*COVERED)
    covers = [c for c in book.covers if c.expires_on is not None and (maturity_codes(c) or maturity_by_terms(c) or may_end_with_bonus(c))]
    last = max((c.expires_on for c in covers if c.expires_on), default=book.day)
    benefit = Calculation.of([line for c in covers for line in maturity_lines(book.policy, c, last).lines])
    if not benefit.lines:
        refuse("kind", "条款没有满期保险金")
    due = less_arrears(benefit=benefit, debts=book.debts, event_on=last + timedelta(days=1))
    return Trial(
        kind=TrialKind.MATURITY, day=book.day, title="满期给付", calculation=due,
        notes=(f"{last} 满期，按现已交保费；被保险人届时生存、合同有效为给付条件",),
    )  # fmt: skip

