"""Products from files into the book. All of a load or nothing; the same files again change nothing; a changed table or
term is a new version from a day, and what was sold keeps the version it was sold on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from lifeops.org.locks import Lock, hold
from lifeops.policies.loading.factors import is_factor_table, read_factors
from lifeops.policies.loading.faults import Fault, Faulty, Notes
from lifeops.policies.loading.files import CASH, ILLNESSES, PRODUCT, RATES, Files, folders, from_folder
from lifeops.policies.loading.sheets import Sheet, read_illnesses, read_rates
from lifeops.policies.loading.terms import read_terms
from lifeops.policies.loading.values import read_cash_values
from lifeops.policies.models import Product, ProductKind, ProductVersion, Rate
from lifeops.policies.models.product import RateKind


@dataclass
class Bundle:
    """A product read and found in order. `outcome`: new, version (of a product that is there), same."""

    terms: dict[str, Any]
    rates: Sheet | None
    cash: Sheet | None
    factors: list[dict[str, Any]]
    illnesses: list[dict[str, Any]]
    hints: list[Fault]
    label: str = ""
    outcome: str = ""
    version: str = ""
    sale_from: date | None = None
    changes: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return str(self.terms["code"])

    @property
    def counts(self) -> dict[str, int]:
        cells = [c for rows in self.rates.cells.values() for c in rows] if self.rates else []
        ends = [v for rows in self.cash.cells.values() for c in rows for v in c[2]] if self.cash else []
        reckoned = sum(1 for b in self.terms["benefits"] if b["cases"] or b["bands"])
        return {
            "费率": len(cells) or len(self.factors), "现金价值": len(ends), "责任": len(self.terms["benefits"]), "可计算责任": reckoned,
            "疾病": len(self.illnesses),
        }  # fmt: skip

    def definition(self) -> dict[str, Any]:
        kept = {k: v for k, v in self.terms.items() if k not in ("sale_from", "sale_to")}
        factors = [{k: v for k, v in row.items() if k != "row"} for row in self.factors]
        tables = {name: sheet.meta for name, sheet in (("premium", self.rates), ("cash_value", self.cash)) if sheet}
        return kept | {"tables": tables, "factors": factors, "illnesses": self.illnesses}

    def digest(self) -> str:
        """The same for the same content, in whatever order the rows came."""
        rows = [
            [name, *place, low, high, [f"{v.normalize():f}" for v in values]]
            for name, sheet in (("premium", self.rates), ("cash_value", self.cash))
            if sheet
            for place, cells in sorted(sheet.cells.items())
            for low, high, values, _ in sorted(cells, key=lambda c: c[:2])
        ]
        text = json.dumps([self.definition(), rows], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_product(files: Files) -> Bundle:
    """One product's files, checked through. Faulty with every fault found."""
    notes = Notes()
    terms = read_terms(files, notes)
    if terms is None:
        raise Faulty(notes.faults)
    rates, cash, factors, illnesses = None, None, [], []
    if RATES not in files.content:
        notes.fault(files.where(RATES), 0, "缺少此文件")
    elif terms["code"] and terms["kind"]:
        if is_factor_table(files):
            factors = read_factors(files, terms, notes)
        else:
            rates = read_rates(files, terms, notes)
        if CASH in files.content:
            cash = read_cash_values(files, terms, rates, notes)
        if ILLNESSES in files.content:
            illnesses = read_illnesses(files, terms, notes)
    notes.stop_if_faulty()
    if rates is not None:
        _fill_from_table(terms, rates)
    return Bundle(terms, rates, cash, factors, illnesses, notes.hints, files.label or files.where(PRODUCT))


def _fill_from_table(terms: dict[str, Any], rates: Sheet) -> None:
    """Terms told in prose are those of the table; plans likewise."""
    for offered, at in (("cover_terms", 1), ("pay_terms", 2)):
        if not terms[offered]:
            terms[offered] = sorted({place[at] for place in rates.cells}, key=_by_years)
    chosen: dict[str, set[str]] = {}
    for place in rates.cells:
        for name, _, value in (part.partition("=") for part in place[3].split(";") if part):
            chosen.setdefault(name, set()).add(value)
    terms["dim_values"] = {name: sorted(values) for name, values in sorted(chosen.items())}
    if "plan" in chosen and not terms["plans"]:
        terms["plans"] = dict.fromkeys(sorted(chosen["plan"]), "")
    if "annuity_start_age" in chosen and not terms["annuity_start_ages"]:
        terms["annuity_start_ages"] = sorted(int(age) for age in chosen["annuity_start_age"])


def _by_years(term: str) -> tuple[int, str]:
    digits = "".join(c for c in term if c.isdigit())
    return (int(digits) if digits else 0, term)


def read_all(path: Path) -> list[Bundle]:
    """Every product at a path. One fault anywhere and none is returned."""
    faults: list[Fault] = []
    found: list[Bundle] = []
    for folder in folders(path):
        try:
            found.append(read_product(from_folder(folder)))
        except Faulty as error:
            faults += error.faults
    codes = [b.code for b in found]
    faults += [Fault(b.label, 0, f"产品代码 {b.code} 出现两次") for b in found if codes.count(b.code) > 1]
    if faults:
        raise Faulty(faults)
    return found


def compare(bundle: Bundle, *, today: date, sale_from: date | None = None) -> Bundle:
    """Say what loading it would do. Faulty where the day does not fit the versions that are there."""
    digest = bundle.digest()
    latest = ProductVersion.objects.filter(product__code=bundle.code).select_related("product").order_by("-sale_from", "-pk").first()
    if latest is not None:
        _same_product(latest.product, bundle)
    stated = sale_from or (date.fromisoformat(bundle.terms["sale_from"]) if bundle.terms["sale_from"] else None)
    if latest is None:
        bundle.outcome, bundle.version, bundle.sale_from = "new", "1", stated or today
    elif latest.digest == digest:
        bundle.outcome, bundle.version, bundle.sale_from = "same", latest.version, latest.sale_from
    else:
        taken = set(ProductVersion.objects.filter(product__code=bundle.code).values_list("version", flat=True))
        number = next(n for n in range(len(taken) + 1, len(taken) + 1000) if str(n) not in taken)
        if sale_from is None and stated is not None and stated <= latest.sale_from:
            stated = None
        bundle.sale_from = stated or max(today, latest.sale_from + timedelta(days=1))
        bundle.outcome, bundle.version = "version", str(number)
        bundle.changes = _changes(latest, bundle)
        if bundle.sale_from <= latest.sale_from:
            raise Faulty([Fault(bundle.label, 0, f"新版本的起售日须晚于现版本的起售日 {latest.sale_from}")])
    return bundle


def _same_product(product: Product, bundle: Bundle) -> None:
    """What a product is does not change with a version: contracts sold go by it, and letters by its name."""
    terms, found = bundle.terms, []
    if terms["name"] != product.name:
        found.append(f"名称为“{product.name}”，文件写“{terms['name']}”")
    if terms["kind"] != product.kind:
        found.append(f"类别为{product.get_kind_display()}，文件写{ProductKind(terms['kind']).label}")
    for name, label in (("is_rider", "附加险"), ("is_participating", "分红型")):
        if terms[name] != getattr(product, name):
            found.append(f"{'是' if getattr(product, name) else '不是'}{label}，文件相反")
    if found:
        raise Faulty([Fault(bundle.label, 0, f"{product.code} 已装入，{words}；不同的险种请用新代码") for words in found])


def _changes(latest: ProductVersion, bundle: Bundle) -> list[str]:
    """Which parts differ from the latest version, by name."""
    before, after = latest.definition or {}, json.loads(json.dumps(bundle.definition()))
    found = sorted(k for k in {*before, *after} if before.get(k) != after.get(k))
    for name, sheet in (("premium", bundle.rates), ("cash_value", bundle.cash)):
        there = {
            (r.sex, r.cover_term, r.pay_term, r.key, r.age, r.age_to): list(r.values)
            for r in latest.rates.filter(kind=name)
        }  # fmt: skip
        here = {(*place, c[0], c[1]): c[2] for place, cells in (sheet.cells.items() if sheet else ()) for c in cells}
        differing = sum(1 for k in {*there, *here} if there.get(k) != here.get(k))
        if differing:
            found.append(f"{'费率' if name == 'premium' else '现金价值'} {differing} 格")
    return found


def load(bundles: Sequence[Bundle], *, today: date, sale_from: date | None = None) -> list[Bundle]:
    """Write what is new. All or nothing."""
    with transaction.atomic():
        hold(Lock.PRODUCTS)  # loads follow each other: two at once would both see the same latest version
        faults = []
        for bundle in bundles:
            try:
                compare(bundle, today=today, sale_from=sale_from)
            except Faulty as error:
                faults += error.faults
        if faults:
            raise Faulty(faults)
        for bundle in bundles:
            if bundle.outcome != "same":
                _write(bundle)
    return list(bundles)


def _write(bundle: Bundle) -> None:
    terms = bundle.terms
    product, _ = Product.objects.get_or_create(
        code=bundle.code,
        defaults={"name": terms["name"], "kind": terms["kind"], "is_rider": terms["is_rider"], "is_participating": terms["is_participating"]},
    )  # fmt: skip
    day = bundle.sale_from
    assert day is not None
    for earlier in product.versions.filter(sale_to__isnull=True, sale_from__lt=day):
        # the version before is sold until the day before; contracts on it stay on it
        earlier.sale_to = day - timedelta(days=1)
        earlier._change_reason = f"由 {day} 起的版本 {bundle.version} 接替"  # type: ignore[attr-defined]
        earlier.save(update_fields=["sale_to"])
    version = ProductVersion.objects.create(
        product=product, version=bundle.version, sale_from=day, sale_to=terms["sale_to"], filing_number=terms["filing_number"],
        min_age_days=terms["min_age_days"], max_age=105 if terms["max_age"] is None else terms["max_age"],
        min_sum=terms["min_sum"], max_sum=terms["max_sum"], sum_step=terms["sum_step"], waiting_days=_days(terms["waiting_period"]),
        cooling_off_days=_days(terms["cooling_off"]), grace_days=_grace(terms["grace"]),
        max_occupation_class=terms.get("max_occupation_class", 6), terms=operating(terms), clause=terms["clause"] or clause(terms),
        definition=bundle.definition(), digest=bundle.digest(),
    )  # fmt: skip
    Rate.objects.bulk_create(cells_of(version, bundle), batch_size=2000)


def _days(part: dict[str, Any] | None) -> int:
    return int(part["days"]) if part else 0


def _grace(part: dict[str, Any] | None) -> int:
    """A rider goes by its main contract: 60 days (保险法 36) unless its own terms say."""
    if part is None:
        return 0
    return int(part.get("days") or 60)


def operating(terms: dict[str, Any]) -> dict[str, Any]:
    """The parameters that forms and rules read."""
    found = {k: terms[k] for k in ("cover_terms", "pay_terms", "pay_modes", "modal_factors", "risk_weights")}
    for key in ("dim_values", "plans", "annuity_start_ages", "combinations", "unit_premium", "growth_rate", "holders"):
        if terms.get(key):
            found[key] = terms[key]
    loan = terms["policy_loan"]
    found["loan_ratio"] = str(loan["max_ratio_of_net_cash_value"]) if loan and loan.get("max_ratio_of_net_cash_value") else ""
    for key in ("annual_deductible", "ratio_with_ss", "ratio_without_ss", "annual_limit"):
        if key in terms:
            found[key] = terms[key]
    return found


def clause(terms: dict[str, Any]) -> str:
    return "；".join(f"{b['name']}（条款 {b['article']}）" if b["article"] else b["name"] for b in terms["benefits"])[:2000]


def cells_of(version: ProductVersion, bundle: Bundle) -> list[Rate]:
    return [
        Rate(
            version=version, kind=kind, sex=place[0], age=low, age_to=high, cover_term=place[1], pay_term=place[2], key=place[3],
            values=[Decimal(v) for v in values],
        )
        for kind, sheet in ((RateKind.PREMIUM, bundle.rates), (RateKind.CASH_VALUE, bundle.cash))
        if sheet
        for place, cells in sheet.cells.items()
        for low, high, values, _ in cells
    ]


__all__ = ["CASH", "ILLNESSES", "Bundle", "compare", "load", "read_all", "read_product"]
