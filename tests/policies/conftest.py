"""A person, a policy and the products that the tests of the book start from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lifeops.org.models import Role, User
from lifeops.policies.identity import compose_card
from lifeops.policies.models import DividendRate, Party, Policy, Product, ProductVersion
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.issuing import issue_policy
from lifeops.policies.services.quoting import quote
from tests.cast import Cast, hire

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
EFFECTIVE = date(2026, 3, 3)


def person(name: str = "张晓明", *, born: date = date(1986, 5, 17), sequence: int = 121, **fields: Any) -> Party:
    """An invented person; odd sequences are men."""
    card = compose_card(region="990101", birth_date=born, sequence=sequence)
    sex = "M" if sequence % 2 else "F"
    return Party.objects.create(**({"name": name, "sex": sex, "birth_date": born, "id_number": card} | fields))


def version(code: str) -> ProductVersion:
    return ProductVersion.objects.select_related("product").get(product__code=code)


def cover(code: str, insured: Party, **fields: Any) -> dict[str, Any]:
    """A coverage as a proposal brings it, priced from the table."""
    terms = {"T20": ("20Y", "20Y", "annual"), "W30": ("WHOLE_LIFE", "10Y", "annual"), "M10": ("1Y", "SINGLE", "single")}
    cover_term, pay_term, pay_mode = terms[code]
    spec = {"version": version(code), "sum_assured": Decimal(300000), "cover_term": cover_term, "pay_term": pay_term}
    spec |= {k: v for k, v in fields.items() if k != "pay_mode"}
    premium = quote(
        version=spec["version"], sex=insured.sex, age=insured.age(EFFECTIVE) or 0, cover_term=spec["cover_term"],
        pay_term=spec["pay_term"], pay_mode=fields.get("pay_mode", pay_mode), sum_assured=spec["sum_assured"],
    )
    return {"premium": premium.standard, "extra": premium.extra} | spec


@pytest.fixture
def insured(cast: Cast) -> Party:
    return person(phone="19900001234")


@pytest.fixture
def issue(cast: Cast, insured: Party) -> Callable[..., Policy]:
    """`issue("T20")`, `issue("W30", "M10")`: a policy on the insured with these coverages."""

    def _issue(*codes: str, **fields: Any) -> Policy:
        life = fields.pop("insured", insured)
        covers = fields.get("coverages") or [cover(code, life, is_rider=i > 0) for i, code in enumerate(codes or ("T20",))]
        single = codes[:1] == ("M10",)
        given = {
            "case_number": "", "branch": cast.county, "agent_code": "A001", "policyholder": life, "insured": life,
            "relation": "self", "applied_on": date(2026, 3, 1), "effective_on": EFFECTIVE,
            "pay_mode": "single" if single else "annual", "coverages": covers, "beneficiaries": [],
            "actor": cast.underwriter, "now": NOW,
        }
        return issue_policy(**(given | fields))

    return _issue


@pytest.fixture
def approver(cast: Cast) -> User:
    return hire("head.approver", Role.APPROVER, cast.units["hq"], 3)


@pytest.fixture
def rates(cast: Cast, approver: User) -> Callable[..., DividendRate]:
    """`rates("W31", "cash", "0.01", 2027, 2029)`: declared by one, put in force by another, for the anniversaries of these years."""

    def _rates(code: str, kind: str, rate: str, first: int, last: int, at: datetime = NOW, **told: Any) -> DividendRate:
        given = {"base": {"cash": "basic", "interest": ""}.get(kind, "effective")} | told
        row = declare(
            product=Product.objects.get(code=code), kind=kind, rate=Decimal(rate), first_on=date(first, 1, 1), last_on=date(last, 12, 31),
            reason="董事会决议", actor=cast.manager, now=at, **given,
        )  # fmt: skip
        return decide(row=row, approve=True, remark="", actor=approver, now=at)

    return _rates
