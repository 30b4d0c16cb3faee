"""What a change would come to: 减额交清, 部分退保, 复效 (M-07, M-08)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from lifeops.policies.models import Coverage, CoverageState, PolicyStatus
from lifeops.policies.rules.alterations import Part, partial_surrender, reduced_paid_up, reinstatement
from lifeops.policies.rules.dates import anniversary, reinstatement_end, term_label, years_completed
from lifeops.policies.rules.life import COVERED
from lifeops.policies.rules.lines import ZERO, Calculation, money, yuan
from lifeops.policies.rules.premium import RateBasis
from lifeops.policies.services.benefits import premiums_paid_for
from lifeops.policies.services.changing import arrears
from lifeops.policies.services.lending import value_at
from lifeops.policies.services.servicing import terminal_on_leaving
from lifeops.policies.services.terms import offers, reinstatement_rate, reinstatement_years, sex_of, yearly_share
from lifeops.policies.services.trial.book import Book, Trial, TrialKind, explain, refuse, told
from lifeops.policies.services.values import single_rate
from lifeops.workdays.calendar import get_calendar

# ── 减额交清 ──


def paid_up(book: Book) -> Trial:
    """The value, less what is owed, as a single premium of the main coverage at the age of the last anniversary (M-08). With a
    premium open the value of its due date counts. Riders end, their value buys as well."""
    main, day = book.main, book.day
    book.offered(main, "减额交清", offers(main.version, "reduced_paid_up"))
    book.needs(PolicyStatus.IN_FORCE, PolicyStatus.GRACE, PolicyStatus.APL)
    if book.paid_to is None:
        refuse("kind", "保费已交清，不需减额交清")
    book.past_cooling_off()
    value, rate = book.long_values(book.valued_on, bonus=False), _single_rate(book, main)
    found = reduced_paid_up(value=value.amount, debts=book.debts, day=day, rate=rate, current_sum=main.sum_assured)
    if found.refusals:
        refuse("kind", "；".join(found.refusals))
    notes = ["不再交费，保险责任按减额后的基本保险金额继续"]
    if riders := "、".join(c.version.product.name for c in book.covers if c.is_rider):
        notes.append(f"{riders}随之终止")
    if main.bonus_sum:
        notes.append(f"累积红利保险金额 {yuan(main.bonus_sum)} 元已交清，不变")
    if book.debts:
        notes.append("贷款、垫交清偿后方可办理")
    lines = [*explain(value), *(line for line in found.calculation.lines if line.label != "现金价值")]
    title = f"减额交清后基本保险金额{book.by(main, 'reduced_paid_up')}"
    return Trial(kind=TrialKind.PAID_UP, day=day, title=title, calculation=Calculation.of(lines), notes=tuple(notes))


def _single_rate(book: Book, main: Coverage) -> RateBasis:
    """The single-premium cell at the attained age for what is left of the term."""
    found = single_rate(main, sex_of(book.policy, main), book.day)
    if found is None:
        gone = years_completed(main.effective_on, book.day)
        left = f"{int(main.cover_term[:-1]) - gone}Y" if main.cover_term.endswith("Y") else main.cover_term
        refuse("kind", f"{main.version.product.name}的费率表没有 {main.entry_age + gone} 岁、保险期间{term_label(left)}的趸交费率，不能计算减额交清")
    return found


# ── 部分退保 ──


def partial(book: Book, *, given_up: Decimal, cover: int | None = None) -> Trial:
    """部分退保 of a coverage (its key; the main one unless named): the value of the part given up, and what is left."""
    chosen, value, found = part_of(book, given_up=given_up, cover=cover)
    left = f"{yuan(chosen.sum_assured)} − {yuan(given_up)}"
    lines = [
        *explain(value), *explain(terminal_on_leaving(book.policy, [chosen], book.day, book.status)), *found.payout.lines, told("减少后基本保险金额", found.sum_assured, left),
        told("减少后每期保费", found.premium, "同比例减少"), told("减少后已交保险费", found.premiums_paid, "同比例减少"),
    ]  # fmt: skip
    if chosen.bonus_sum:
        lines.append(told("减少后累积红利保险金额", money(chosen.bonus_sum * found.sum_assured / chosen.sum_assured), "同比例减少"))
    title = f"{chosen.version.product.name}部分退保金"
    return Trial(kind=TrialKind.PARTIAL, day=book.day, title=title, calculation=Calculation.of(lines))


def part_of(book: Book, *, given_up: Decimal, cover: int | None = None) -> tuple[Coverage, Calculation, Part]:
    """(the coverage, its cash value, what is left of it and what is paid)."""
    chosen = next((c for c in book.covers if c.pk == cover), None) if cover else book.main
    if chosen is None:
        refuse("cover", "该日没有这个险种")
    version, name = chosen.version, chosen.version.product.name
    book.offered(chosen, "部分退保", offers(version, "partial_surrender"))
    book.needs(*COVERED)
    if book.status == PolicyStatus.PAID_UP and "partial_surrender" in version.definition:
        refuse("day", "减额交清后不能部分退保" + book.by(chosen, "partial_surrender"))
    book.past_cooling_off()
    if book.debts:
        refuse("kind", "有贷款或垫交未还，清偿后方可部分退保")
    if book.tables[chosen.pk] is None:
        refuse("kind", f"{name}没有现金价值表，不能计算")
    value = book.value_of(chosen, book.valued_on)
    initial, this_year = _given_up_already(book, chosen)
    found = partial_surrender(
        sum_assured=chosen.sum_assured, given_up=given_up, value=value.amount, premium=chosen.premium + chosen.extra,
        premiums_paid=premiums_paid_for(book.policy, chosen, book.day, among=book.all_covers), initial_sum=initial, this_year=this_year,
        yearly_share=yearly_share(version), terminal=terminal_on_leaving(book.policy, [chosen], book.day, book.status).amount,
    )  # fmt: skip
    if found.refusals:
        refuse("given_up", "；".join(found.refusals) + book.by(chosen, "partial_surrender"))
    if found.sum_assured < version.min_sum:
        refuse("given_up", f"减少后的保额 {yuan(found.sum_assured)} 元低于最低保额 {yuan(version.min_sum)} 元")
    return chosen, value, found


def _given_up_already(book: Book, cover: Coverage) -> tuple[Decimal, Decimal]:
    """(sum at inception, what was given up of it in the policy year of the day), by the history of the coverage."""
    states = list(CoverageState.objects.filter(coverage=cover, since__lte=book.day).order_by("pk"))
    if not states:
        return cover.sum_assured, ZERO
    start = anniversary(cover.effective_on, years_completed(cover.effective_on, book.day))
    before = [s for s in states if s.since < start] or states[:1]
    return states[0].sum_assured, max(ZERO, before[-1].sum_assured - states[-1].sum_assured)


# ── 复效 ──


def reinstate(book: Book, *, fees: Decimal = ZERO) -> Trial:
    """复效应缴 (M-07): overdue premiums with interest, loans with theirs, fees; within two years of the suspension."""
    policy, day = book.policy, book.day
    if policy.status != PolicyStatus.LAPSED or policy.lapsed_on is None:
        refuse("kind", f"保单状态为“{policy.get_status_display()}”，不需复效")
    if day < policy.lapsed_on:
        refuse("day", f"合同效力自 {policy.lapsed_on} 起中止，此前不需复效")
    version = book.main.version
    last = reinstatement_end(policy.lapsed_on, get_calendar().is_workday, reinstatement_years(version))
    if day > last:
        refuse("day", f"申请复效的期限至 {last}：自中止之日起满二年未达成协议的，公司有权解除合同（保险法第三十七条）")
    if policy.insured.died_on is not None:
        refuse("kind", f"被保险人已于 {policy.insured.died_on} 身故，不能复效")
    found = reinstatement(
        premiums=arrears(policy, day), rate=reinstatement_rate(version), day=day, grace_days=version.grace_days, debts=book.debts, fees=fees,
    )
    owed = sum((line.value for line in found.lines if "保费" not in line.label and line.label != "其他费用"), ZERO)
    notes = [f"申请复效的期限至 {last}", "自补交之日起复效，须经公司同意（保险法第三十七条）"]
    lines = list(found.lines)
    if owed:
        tables = [t for t in book.tables.values() if t is not None]
        must = owed >= value_at(tables, day)
        why = "已达到现金价值，须先偿还" if must else "未达到现金价值，可在复效后继续计息"
        lines.append(told("其中贷款、垫交本息", owed, why))
    return Trial(kind=TrialKind.REINSTATEMENT, day=day, title="复效应缴", calculation=replace(found, lines=tuple(lines)), notes=tuple(notes))

