"""年龄、性别误告 (保险法 32, M-09): every instalment paid against what the true facts would have cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lifeops.policies.errors import BookRefused, RateMissing
from lifeops.policies.identity import OLDEST
from lifeops.policies.models import Coverage, CoverageState, PremiumEntry
from lifeops.policies.rules.alterations import misstatement_settlement
from lifeops.policies.rules.dates import age_on
from lifeops.policies.rules.lines import ZERO, Calculation, money, plain, yuan
from lifeops.policies.services.benefits import held_then
from lifeops.policies.services.premiums import in_pay_term
from lifeops.policies.services.quoting import CHOICES, Ask, offer, quote, refusals
from lifeops.policies.services.rescinding import last_day
from lifeops.policies.services.servicing import terminal_on_leaving
from lifeops.policies.services.terms import life_of, sex_of
from lifeops.policies.services.trial.book import Book, Trial, TrialKind, refuse, told


def misstated(book: Book, *, birth_date: date, sex: str = "") -> Trial:
    """What is to be collected (positive) or refunded without interest (negative); outside the ages of the product, within two
    years, the cash value on rescission."""
    insured = book.policy.insured
    if birth_date > book.policy.effective_on:
        refuse("birth_date", f"应早于生效日 {book.policy.effective_on}")
    if birth_date < OLDEST:
        refuse("birth_date", f"早于 {OLDEST}，请核对")
    sex = sex or insured.sex
    if (birth_date, sex) == (insured.birth_date, insured.sex):
        refuse("birth_date", "与保单登记的出生日期、性别相同，没有误告")
    try:
        ratios = {c.pk: _ratio(book, c, birth_date, sex) for c in book.all_covers}
    except BookRefused as refused:
        return _outside(book, birth_date, refused)
    rows = list(book.policy.premiums.filter(paid_on__isnull=False, paid_on__lte=book.day).exclude(kind="refund").exclude(settled_by="waived").order_by("due_on"))
    if not rows:
        refuse("day", "该日前没有已交的保费")
    states = list(CoverageState.objects.filter(coverage__policy=book.policy).order_by("pk"))
    pairs = [(row.amount, _due(row, book.all_covers, states, ratios)) for row in rows]
    found = misstatement_settlement(instalments=pairs, names=[f"{row.due_on} 期" for row in rows])
    paid, due = sum((p for p, _ in pairs), ZERO), sum((d for _, d in pairs), ZERO)
    ages = [
        told(f"{c.version.product.name} 每期应交", ratios[c.pk][1], f"真实投保年龄 {age_on(birth_date, c.effective_on)} 周岁；原按 {c.entry_age} 周岁为 {yuan(ratios[c.pk][0])}")
        for c in book.covers
    ]  # fmt: skip
    lines, notes = [*ages, *found.lines], ["加费按原数，未重新评定"] if any(c.extra for c in book.covers) else []
    if due > paid:
        share = (paid / due).quantize(Decimal("0.000001"))
        notes.append(f"不补交的，保险金按实交 ÷ 应交给付：{yuan(paid)} ÷ {yuan(due)} = {plain(share * 100)}%（保险法第三十二条）")
    title = "应补交保费" if due > paid else "应退还多交保费（不计利息）" if due < paid else "保费无差额"
    return Trial(kind=TrialKind.MISSTATEMENT, day=book.day, title=title, calculation=Calculation.of(lines), notes=tuple(notes))


def _ratio(book: Book, cover: Coverage, birth_date: date, sex: str) -> tuple[Decimal, Decimal]:
    """(one instalment by the table as stated, the same by the true facts), loadings left out; refused outside the ages. What is on
    the life of the policyholder costs the same, whatever was misstated about the insured."""
    stated = _standard(book, cover, cover.entry_age, sex_of(book.policy, cover))
    if life_of(book.policy, cover.version).pk != book.policy.insured_id:
        return stated, stated
    return stated, _standard(book, cover, age_on(birth_date, cover.effective_on), sex)


def _standard(book: Book, cover: Coverage, age: int, sex: str) -> Decimal:
    version, given = cover.version, dict(cover.choices)
    mode = "single" if cover.pay_term == "SINGLE" else book.policy.pay_mode
    if version.definition.get("factors"):
        items = {code: Decimal(amount) for code, amount in (given.pop("items", None) or {}).items()}
        own = {name: given.pop(name) for name in CHOICES if name in given}
        occupation = int(given.pop("occupation_class", 1))
        ask = Ask(version=version, sex=sex, age=age, pay_term=cover.pay_term, pay_mode=mode, items=items, occupation_class=occupation, others=given, **own)
        return offer(ask).standard
    dims = {name: given[name] for name in CHOICES if name in given}
    ask = Ask(version=version, sex=sex, age=age, cover_term=cover.cover_term, pay_term=cover.pay_term, pay_mode=mode, sum_assured=cover.sum_assured, **dims)
    if reasons := refusals(ask):
        raise RateMissing(*reasons)
    return quote(version, sex, age, cover.cover_term, cover.pay_term, mode, cover.sum_assured, **dims).standard


def _due(row: PremiumEntry, covers: Sequence[Coverage], states: Sequence[CoverageState], ratios: dict[int, tuple[Decimal, Decimal]]) -> Decimal:
    """The instalment as it would have been: each coverage that paid then, its standard premium in the proportion of the tables."""
    total = row.amount
    for cover in covers:
        held = held_then(cover, states, row.due_on)
        stated, true = ratios[cover.pk]
        if in_pay_term(cover, row.due_on) and stated and (held is cover or held.active):
            total += money(held.premium * true / stated) - held.premium
    return total


def _outside(book: Book, birth_date: date, refused: BookRefused) -> Trial:
    """The true age is none the product takes: rescission with the cash value, while the law still allows it. 终了红利 is paid with it
    as on surrender: the terms give it whenever the contract ends with its cash value."""
    policy, why = book.policy, "；".join(refused.reasons)
    last = last_day(policy)
    if book.day > last:
        refuse("birth_date", f"{why}。合同自 {policy.established_on} 成立已满二年，不得解除（保险法第十六条、第三十二条），且没有该年龄的费率，不能计算差额")
    lines = [line for cover in book.covers for line in book.value_of(cover, book.valued_on).lines]
    found = Calculation.of([*lines, *terminal_on_leaving(policy, book.covers, book.day, book.status).lines])
    notes = (why, f"可自知道之日起三十日内、最迟 {last} 解除合同，退还现金价值（保险法第三十二条、第十六条）")
    return Trial(kind=TrialKind.MISSTATEMENT, day=book.day, title="解除合同应退还的现金价值", calculation=found, notes=notes)
