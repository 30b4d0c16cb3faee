"""报价: premium or sum from the rate tables, and what the product's terms say against a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lifeops.policies.errors import BookRefused, RateMissing
from lifeops.policies.models import ProductKind, ProductVersion, Rate
from lifeops.policies.models.product import RateKind
from lifeops.policies.rules.dates import term_label, term_years
from lifeops.policies.rules.lines import CENT, ZERO, Calculation, Line, money, plain, yuan
from lifeops.policies.rules.premium import Loading, Premium, RateBasis, instalment, sum_for, yearly_premium
from lifeops.policies.rules.tables import FactorTable, NoFactor, Span, Table, factor_premium, key_of, why_missing


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What is asked for: exactly one of `sum_assured` and `premium` (one instalment), in 元. `day`: of the proposal; None
    leaves the days of sale unasked. `items`, `days`, `deductible`, `payout_ratio` and `others` (by key of the table) are for products of base × factors."""

    version: ProductVersion
    sex: str
    age: int
    cover_term: str = ""
    pay_term: str = "SINGLE"
    pay_mode: str = "single"
    sum_assured: Decimal | None = None
    premium: Decimal | None = None
    plan: str = ""
    social_insurance: str = ""
    purchase: str = ""
    annuity_start_age: int | None = None
    occupation_class: int = 1
    loading: Loading | None = None
    day: date | None = None
    items: Mapping[str, Decimal] = field(default_factory=dict)
    days: int | None = None
    deductible: Decimal | None = None
    payout_ratio: Decimal | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def dim(self, name: str) -> Any:
        return getattr(self, name) or ""


@dataclass(slots=True)
class Offer:
    """The answer: sum and one instalment in 元. The lines are worked out when asked for. Neither frozen nor by keyword alone: made
    by the thousand."""

    ask: Ask
    sum_assured: Decimal
    standard: Decimal
    extra: Decimal = ZERO
    rate: RateBasis | None = None
    factor: Decimal = Decimal(1)
    reckoned: Calculation | None = None

    @property
    def total(self) -> Decimal:
        return self.standard + self.extra

    @property
    def calculation(self) -> Calculation:
        """Lines of the premium; where the premium was given, how the sum came from it."""
        if self.reckoned is not None:
            return self.reckoned
        assert self.rate is not None
        name = self.ask.version.product.name
        if self.ask.premium is None:
            found = instalment(
                rate=self.rate, sum_assured=self.sum_assured, modal_factor=self.factor, loading=self.ask.loading, name=name
            )
            return found.calculation
        way = f"÷ {plain(self.rate.base)} × {plain(self.rate.value)}" if self.rate.measure == "sum" else (
            f"÷ 费率 {plain(self.rate.value)} × {plain(self.rate.base)}"
        )  # fmt: skip
        factor = f" ÷ {plain(self.factor)}" if self.factor != 1 else ""
        lines = [Line(label=f"{name} 标准保费", formula="按所交保费", value=self.standard)]
        if self.extra:
            lines.append(Line(label=f"{name} 加费", formula="保费中的加费部分", value=self.extra))
        told = f"标准保费 {yuan(self.standard)}{factor} {way}"
        return Calculation.of([*lines, Line(label="基本保险金额", formula=told, value=self.sum_assured, counts=False)])


# ── one quote ──


def offer(ask: Ask) -> Offer:
    """A quote with everything the terms say held against it. BookRefused with every reason; RateMissing where the table has
    no cell, saying which limit is passed."""
    reasons = refusals(ask)
    if reasons:
        raise BookRefused(*reasons)
    if ask.version.definition.get("factors"):
        return _by_factors(ask)
    rate = _rate_of(ask)
    return _checked(priced(ask, rate))


def refusals(ask: Ask) -> list[str]:
    """What the terms refuse before any table is looked at."""
    return _of_terms(ask) + _of_amounts(ask)


def _of_terms(ask: Ask) -> list[str]:
    """Depends on everything but how much is asked for."""
    version, name, found = ask.version, ask.version.product.name, []
    terms = version.terms
    if ask.day is not None and not version.on_sale(ask.day):
        found.append(f"{name}在 {ask.day} 不在售")
    if not version.definition.get("factors"):
        if (ask.sum_assured is None) == (ask.premium is None) and _measure(version) != "flat":
            found.append("请填写保险金额或保费其中之一")
        if ask.pay_mode not in terms.get("pay_modes", []):
            found.append(f"{name}没有此交费方式")
        elif (ask.pay_term == "SINGLE") != (ask.pay_mode == "single"):
            found.append("交费方式与交费期间不符")
    if version.definition.get("max_age", version.max_age) is not None:
        renewal = ask.purchase.startswith("RENEW")
        low, high = version.min_age_days // 365, (version.definition.get("renewal_max") if renewal else None) or version.max_age
        if ask.age > high:
            found.append(f"{name}最高{'续保' if renewal else '投保'}年龄 {high} 岁")
        elif ask.age < low:
            found.append(f"{name}最低投保年龄 {low} 岁")
    if ask.occupation_class == 0:
        found.append(f"{name}不承保拒保职业")
    elif ask.occupation_class > version.max_occupation_class:
        found.append(f"{name}承保职业类别不高于 {version.max_occupation_class} 类")
    return found


def _of_amounts(ask: Ask) -> list[str]:
    asked, premium = ask.sum_assured, ask.premium
    if premium is None and asked is not None and asked > 0:
        return []
    found, name = [], ask.version.product.name
    for amount, what in ((ask.sum_assured, "保险金额"), (ask.premium, "保费")):
        if amount is not None and amount <= 0:
            found.append(f"{what}应大于零")
    unit = ask.version.terms.get("unit_premium")
    if unit and ask.premium is not None and ask.premium % Decimal(unit):
        found.append(f"{name}保费应为 {plain(Decimal(unit))} 元的整数倍")
    return found


def _checked(found: Offer) -> Offer:
    """The sum, asked or bought, within the limits of the version."""
    version, amount = found.ask.version, found.sum_assured
    if found.rate is not None and found.rate.measure == "flat":
        return found
    if not version.min_sum <= amount <= version.max_sum:
        raise BookRefused(f"{version.product.name}保额应在 {yuan(version.min_sum)} 至 {yuan(version.max_sum)} 元之间")
    if found.ask.sum_assured is not None and amount % version.sum_step:
        raise BookRefused(f"{version.product.name}保额应为 {version.sum_step.normalize():f} 元的整数倍")
    return found


def priced(ask: Ask, rate: RateBasis, factor: Decimal | None = None) -> Offer:
    """Sum and instalment by the rate found; each part rounded, their sum is paid (C-09)."""
    if factor is None:
        factor = _modal(ask.version, ask.pay_mode)
    if ask.premium is not None:
        if rate.measure == "flat":
            raise BookRefused(f"{ask.version.product.name}按人收取固定保费，不能由保费反推保险金额")
        sum_assured, extra = sum_for(rate=rate, premium=ask.premium, modal_factor=factor, loading=ask.loading)
        return Offer(ask=ask, sum_assured=sum_assured, standard=money(ask.premium) - extra, extra=extra, rate=rate, factor=factor)
    amount = ask.sum_assured if ask.sum_assured is not None else ZERO
    yearly, extra, loading = yearly_premium(rate, amount), ZERO, ask.loading
    if loading is not None and not loading.is_none:
        extra = money((yearly * loading.ratio + amount / 1000 * loading.per_mille) * factor)
    return Offer(ask=ask, sum_assured=amount, standard=money(yearly * factor), extra=extra, rate=rate, factor=factor)


def _modal(version: ProductVersion, pay_mode: str) -> Decimal:
    factor = version.terms["modal_factors"].get(pay_mode)
    if factor is None:
        raise RateMissing(f"{version.product.name}没有此交费方式")
    return Decimal(str(factor))


def _measure(version: ProductVersion) -> str:
    meta = version.definition.get("tables", {}).get("premium")
    if meta:
        return str(meta["measure"])
    return "flat" if version.product.kind == ProductKind.MEDICAL else "premium"


def table_meta(version: ProductVersion, kind: str = "premium") -> tuple[str, Decimal, tuple[str, ...]]:
    """(measure, base, dims) of a table of the version."""
    meta = version.definition.get("tables", {}).get(kind)
    if not meta:
        return (_measure(version) if kind == "premium" else "sum"), Decimal(1000), ()
    return meta["measure"], Decimal(meta["base"]), tuple(meta["dims"])


def _rate_of(ask: Ask) -> RateBasis:
    """The cell of the rate table, by one query; RateMissing says which limit is passed."""
    measure, base, dims = table_meta(ask.version)
    key = key_of(dims, {name: ask.dim(name) for name in dims})
    row = cell_of(ask.version, RateKind.PREMIUM, ask.sex, ask.age, ask.cover_term, ask.pay_term, key)
    if row is None:
        raise missing(ask, _spans(ask.version), key)
    return RateBasis(value=row.values[0], measure=measure, base=base)


def missing(ask: Ask, spans: Iterable[Span], key: str) -> RateMissing:
    why = why_missing(spans, age=ask.age, cover_term=ask.cover_term, pay_term=ask.pay_term, key=key, label=term_label)
    return RateMissing(f"{ask.version.product.name}没有这样的费率：{why}")


def _spans(version: ProductVersion) -> list[Span]:
    rows = version.rates.filter(kind=RateKind.PREMIUM).values_list("cover_term", "pay_term", "key", "age", "age_to")
    return [Span(*row) for row in rows]


def cell_of(version: ProductVersion, kind: str, sex: str, age: int, cover_term: str, pay_term: str, key: str = "") -> Rate | None:
    rows = version.rates.filter(kind=kind, sex__in=(sex, ""), age__lte=age, age_to__gte=age)
    return rows.filter(cover_term=cover_term, pay_term=pay_term, key=key).first()


def _by_factors(ask: Ask) -> Offer:
    version = ask.version
    names = {b["code"]: b["name"] for b in version.definition["benefits"]}
    if not ask.items:
        raise BookRefused("请填写各项责任的保险金额")
    if any(amount <= 0 for amount in ask.items.values()):
        raise BookRefused("各项责任的保险金额应大于零")
    for code, other in (version.definition.get("not_above") or {}).items():
        if code in ask.items and ask.items[code] > ask.items.get(other, ZERO):
            raise BookRefused(f"{names.get(code, code)}的保险金额不得高于{names.get(other, other)}")
    choices = {
        "age": ask.age, "sex": ask.sex, "occupation_class": ask.occupation_class, "plan": ask.plan, "purchase": ask.purchase,
        "term_days": ask.days, "social_insurance": ask.social_insurance, "deductible": ask.deductible, "payout_ratio": ask.payout_ratio,
    } | dict(ask.others)  # fmt: skip
    try:
        found = factor_premium(FactorTable(version.definition["factors"]), ask.items, choices, names)
    except NoFactor as error:
        raise RateMissing(f"{version.product.name}没有这样的费率：{error}") from error
    first, standard, loading = next(iter(ask.items.values())), found.amount, ask.loading or Loading()
    if loading.per_mille:
        raise BookRefused(f"{version.product.name}按责任投保，没有统一的保险金额，不能按‰加费")
    extra = money(standard * loading.ratio)
    if extra:
        told = f"标准保费 {yuan(standard)} × {plain(loading.ratio * 100)}%"
        found = Calculation.of([*found.lines, Line(label=f"{version.product.name} 加费", formula=told, value=extra)])
    return Offer(ask=ask, sum_assured=first, standard=standard, extra=extra, reckoned=found)


def quote(
    version: ProductVersion, sex: str, age: int, cover_term: str, pay_term: str, pay_mode: str, sum_assured: Decimal,
    loading: Loading | None = None, **dims: Any,
) -> Premium:
    """One instalment in 元 with its lines; RateMissing where the table has no cell or the pay mode is not offered. The
    product's other terms are held against a proposal by `sale.sale_errors`."""
    ask = Ask(
        version=version, sex=sex, age=age, cover_term=cover_term, pay_term=pay_term, pay_mode=pay_mode, sum_assured=sum_assured,
        loading=loading, **dims,
    )  # fmt: skip
    found = priced(ask, _rate_of(ask))
    return Premium(standard=found.standard, extra=found.extra, calculation=found.calculation)


# ── many quotes ──


class Tariff:
    """A version's rate table in memory. It is read once; what it tells is what `offer` tells."""

    def __init__(self, version: ProductVersion) -> None:
        measure, base, dims = table_meta(version)
        rows = version.rates.filter(kind=RateKind.PREMIUM)
        self.version, self.table = version, Table(measure, base, dims)
        for row in rows.values_list("sex", "cover_term", "pay_term", "key", "age", "age_to", "values"):
            sex, cover, pay, key, low, high, values = row
            self.table.add(sex, cover, pay, key, low, high, RateBasis(value=values[0], measure=measure, base=base))
        self.table.by_sex = not any(place[0] == "" for place in self.table.cells)
        #: questions that the terms allow, but for their amounts: rate, modal factor and how a plain question for a sum is priced
        self.fine: dict[tuple[Any, ...], tuple[RateBasis, Decimal | None, Decimal | None]] = {}
        self.dims = self.table.dims
        self.low, self.high, self.step = max(version.min_sum, CENT), version.max_sum, version.sum_step
        self.factors = {k: Decimal(str(v)) for k, v in version.terms["modal_factors"].items()}

    def key(self, ask: Ask) -> str:
        return key_of(self.dims, {name: ask.dim(name) for name in self.dims})

    def rate(self, ask: Ask) -> RateBasis:
        """The bare look into the table."""
        key = self.key(ask) if self.dims else ""
        found = self.table.find(ask.sex, ask.age, ask.cover_term, ask.pay_term, key)
        if found is None:
            raise missing(ask, self.table.spans(), key)
        return found

    def offer(self, ask: Ask) -> Offer:
        asked, dims = ask.sum_assured, self.dims
        like = (
            ask.sex, ask.age, ask.cover_term, ask.pay_term, ask.pay_mode, ask.occupation_class, ask.purchase, ask.day, asked is None,
            ask.premium is None, self.key(ask) if dims else "",
        )  # fmt: skip
        known = self.fine.get(like)
        if known is None:
            if reasons := refusals(ask):
                raise BookRefused(*reasons)
            rate, factor = self.rate(ask), self.factors.get(ask.pay_mode)
            known = self.fine[like] = rate, factor, None if asked is None or ask.premium is not None else _per_yuan(rate, factor)
        rate, factor, per_yuan = known
        if (
            asked is not None and factor is not None and per_yuan is not None and ask.loading is None
            and self.low <= asked <= self.high and not asked % self.step
        ):  # fmt: skip
            # what `priced` and `_checked` do, without the way there; by position, which takes a third of the time
            return Offer(ask, asked, money(asked * per_yuan), ZERO, rate, factor)
        if reasons := _of_amounts(ask):
            raise BookRefused(*reasons)
        return _checked(priced(ask, rate, factor))


def _per_yuan(rate: RateBasis, factor: Decimal | None) -> Decimal | None:
    """One instalment per 元 of sum, unrounded; None unless it is exact, so that the one rounding has the same to round (C-09)."""
    if factor is None or rate.measure != "premium":
        return None
    found = rate.value * factor / rate.base
    return found if found * rate.base == rate.value * factor else None


def offers(asks: Iterable[Ask]) -> list[Offer | BookRefused]:
    """A quote or its refusal for each, in order. One read of the table per version."""
    tariffs: dict[int, Tariff] = {}
    found: list[Offer | BookRefused] = []
    for ask in asks:
        try:
            # by identity: a model's key is looked up through its fields, ten thousand times over
            tariff = tariffs.get(id(ask.version))
            if tariff is None:
                if ask.version.definition.get("factors"):
                    found.append(offer(ask))
                    continue
                tariff = tariffs[id(ask.version)] = Tariff(ask.version)
            found.append(tariff.offer(ask))
        except BookRefused as refused:
            found.append(refused)
    return found


# ── what was chosen ──


def pay_years(ask: Ask) -> int:
    """Years in which premiums fall due."""
    return term_years(ask.pay_term, ask.age, ask.annuity_start_age) or 1


CHOICES = ("plan", "social_insurance", "purchase", "annuity_start_age", "days", "deductible", "payout_ratio")


def choices_of(ask: Ask) -> dict[str, Any]:
    """What was chosen besides sex, age, terms and sum, as a coverage keeps it (`Coverage.choices`)."""
    found = {name: getattr(ask, name) for name in CHOICES if getattr(ask, name) not in (None, "")}
    if ask.occupation_class != 1:
        found["occupation_class"] = ask.occupation_class
    found |= ask.others
    if ask.items:
        found["items"] = {code: f"{amount:.2f}" for code, amount in ask.items.items()}
    return {k: f"{v:f}" if isinstance(v, Decimal) else v for k, v in found.items()}
