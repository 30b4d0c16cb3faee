"""红利公布: rates of cash dividends, of their interest, of yearly and terminal bonuses (M-13), entered by one and approved by another.
The day run (`crediting`) credits them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lifeops.org.locks import Lock, hold
from lifeops.org.models import User
from lifeops.org.text import visible
from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.models import (
    BASES,
    Coverage,
    DeclaredState,
    DividendBase,
    DividendKind,
    DividendRate,
    Policy,
    PolicyStatus,
    Product,
    ProductVersion,
    Rate,
    TerminalEnding,
)
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules import participation
from lifeops.policies.services.declaring import DECISION, decided, may_enter
from lifeops.policies.services.locking import DEATH

# ── declared by one, approved by another ──


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a declaration says, as `DividendRate` keeps it."""

    product: Product
    kind: str
    rate: Decimal
    first_on: date
    last_on: date
    reason: str
    base: str = ""
    version: ProductVersion | None = None
    ending: str = ""
    year_from: int = 1
    year_to: int | None = None
    by_years: bool = False


@transaction.atomic
def declare(*, actor: User, now: datetime, **told: Any) -> DividendRate:
    """Enter a rate; it has no effect until somebody else approves it."""
    if not may_enter(actor):
        raise BookRefused("红利率由总公司运营主管录入")
    hold(Lock.PRODUCTS)
    given = _as_kept(Told(**told))
    if errors := _errors(given):
        raise BookInvalid(errors)
    return DividendRate.objects.create(**vars(given), requested_by=actor, requested_at=now)


def _as_kept(given: Told) -> Told:
    """Without what its kind has no use for."""
    terminal = given.kind == DividendKind.TERMINAL
    return replace(
        given, reason=visible(given.reason).strip(), base="" if given.kind == DividendKind.INTEREST else given.base,
        ending=given.ending if terminal else "", by_years=given.by_years and terminal,
    )


def _errors(given: Told) -> dict[str, str]:
    errors = {}
    product, kind = given.product, DividendKind(given.kind)
    if not given.reason:
        errors["reason"] = "请填写公布依据"
    if given.last_on < given.first_on:
        errors["last_on"] = "不得早于起日"
    if given.year_from < 1:
        errors["year_from"] = "保单年度从 1 起"
    if given.year_to is not None and given.year_to < given.year_from:
        errors["year_to"] = f"不得小于第 {given.year_from} 年"
    if kind == DividendKind.TERMINAL and not given.ending:
        errors["ending"] = "请选择终了情形"
    bases = BASES[kind]
    if bases and given.base not in bases:
        errors["base"] = f"{kind.label}的基数应为{'或'.join(b.label for b in bases)}"
    if given.base == DividendBase.VALUE and not Rate.objects.filter(version__product=product, kind=RateKind.CASH_VALUE).exists():
        errors["base"] = f"{product.name}没有现金价值表"
    if given.version is not None and given.version.product_id != product.pk:
        errors["version"] = f"{product.name}没有这个版本"
    elif wrong := not_shared(given):
        errors["kind" if product.is_participating else "product"] = wrong
    if not errors and (clash := _clash(given)) is not None:
        errors["first_on"] = f"与 {clash.first_on} 至 {clash.last_on} 的{clash.get_kind_display()}（{clash.get_state_display()}）重叠"
    return errors


def not_shared(given: Told) -> str:
    """Why the product does not share in this way; "" where a version that is meant does."""
    if not given.product.is_participating:
        return f"{given.product.name}不是分红保险"
    versions = [given.version] if given.version else list(given.product.versions.all())
    form = participation.CASH if given.kind == DividendKind.INTEREST else given.kind
    able = [v.definition for v in versions if form in participation.forms(v.definition)]
    if not able:
        return f"{given.product.name}的条款没有{FORM_WORDS[form]}"
    if form == participation.BONUS and not any(participation.shares_in_benefits(d) for d in able):
        return f"{given.product.name}的责任没有用到有效保险金额，红利保额无从给付"
    return ""


FORM_WORDS = {participation.CASH: "现金红利", participation.BONUS: "增额红利", participation.TERMINAL: "终了红利"}


def _clash(given: Told) -> DividendRate | None:
    """An earlier declaration, not refused, that says something about a same anniversary or ending."""
    rows = DividendRate.objects.filter(
        product=given.product, kind=given.kind, ending=given.ending, first_on__lte=given.last_on, last_on__gte=given.first_on
    ).exclude(state=DeclaredState.REFUSED)
    rows = rows.filter(Q(year_to__isnull=True) | Q(year_to__gte=given.year_from))
    if given.year_to is not None:
        rows = rows.filter(year_from__lte=given.year_to)
    if given.version is not None:
        rows = rows.filter(Q(version__isnull=True) | Q(version=given.version))
    return rows.order_by("first_on").first()


@transaction.atomic
def decide(*, row: DividendRate, approve: bool, remark: str, actor: User, now: datetime) -> DividendRate:
    """Put in force or refuse. From then on the day run credits it."""
    found = decided(row, approve=approve, remark=remark, actor=actor, now=now)
    found.decided_on = timezone.localdate(now)
    # anniversaries still to come bring their policies by themselves, endings ask when they come; a death may have come before
    at_end = found.kind == DividendKind.TERMINAL and found.ending != TerminalEnding.DEATH
    found.spread = not approve or found.first_on > found.decided_on or at_end
    found.save(update_fields=[*DECISION, "decided_on", "spread"])
    return found


def spread_declared(day: date, batch: int) -> int:
    """Have the day run look again at policies whose anniversaries had gone by when a rate was approved; a batch of one
    declaration at a time, in the order of keys, so that it can stop anywhere. Policies that a death has ended since are among them:
    their benefit may lack what the rate brings. Returns how many; 0 when all are told."""
    rows = DividendRate.objects.filter(state=DeclaredState.APPLIED, spread=False, decided_on__lte=day).order_by("pk")
    if not rows.exists():
        return 0
    with transaction.atomic():
        row = rows.select_for_update(skip_locked=True).first()
        if row is None:
            return 0
        ended = Q(policy__status=PolicyStatus.TERMINATED, policy__termination=DEATH, policy__terminated_on__gte=row.first_on)
        living = Q(active=True) if row.kind != DividendKind.TERMINAL else Q(pk__in=())
        covers = Coverage.objects.filter(living | ended, version__product=row.product_id, policy__gt=row.spread_to)
        keys = list(covers.order_by("policy").values_list("policy", flat=True).distinct()[:batch])
        found = Policy.objects.filter(pk__in=keys, next_event_on__gt=row.decided_on).exclude(status=PolicyStatus.TERMINATED)
        found.update(next_event_on=row.decided_on)
        Policy.objects.filter(pk__in=keys, status=PolicyStatus.TERMINATED).update(next_event_on=row.decided_on)
        row.spread, row.spread_to = len(keys) < batch, keys[-1] if keys else row.spread_to
        row.save(update_fields=["spread", "spread_to"])
        return max(1, len(keys))
