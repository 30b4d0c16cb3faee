"""Somebody has died to whom money of an ended contract belongs; spouse and child come for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lifeops.demo.benefits import matured
from lifeops.demo.customers import Book
from lifeops.demo.inputs import BANK
from lifeops.org.models import Branch, User
from lifeops.policies.models import Party, Policy
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.overpaid import overpaid
from lifeops.policies.services.particulars import record_death


def left(book: Book, branch: Branch, begun: date, clerk: User, now: datetime) -> Policy:
    """A contract whose term is over, a premium that came afterwards, a death that is written down."""
    policy = matured(book, branch, begun)
    book.pay(policy, Decimal(book.random.randint(3, 60) * 50), begun - timedelta(days=2))
    record_death(party=policy.policyholder, died_on=begun, evidence="police", source="户籍注销证明", actor=clerk, now=now)
    return Policy.objects.get(pk=policy.pk)


def family(book: Book, policy: Policy) -> list[Party]:
    """Spouse and child, on file."""
    born = policy.policyholder.birth_date
    assert born is not None
    found = []
    for sex, day in (("F" if policy.policyholder.sex == "M" else "M", born), ("F", add_years(born, 26))):
        found.append(Party.objects.create(**book.particulars() | {"sex": sex, "birth_date": day, "id_number": book.identity(sex, day)}))
    return found


def inheritance(policy: Policy, heirs: list[Party], day: date) -> dict[str, Any]:
    """What the clerk keys."""
    rows = [
        {
            "name": who.name, "relation": relation, "id_type": who.id_type, "id_number": who.id_number, "share_pct": share, "bank": BANK["bank"],
            "account": f"{BANK['account'][:-1]}{n}",
        }
        for n, (who, relation, share) in enumerate(zip(heirs, ("配偶", "子女"), ("60", "40"), strict=True))
    ]  # fmt: skip
    return {
        "asked": f"{overpaid(policy, day).free:.2f}", "why_text": "合同终止后银行仍扣款", "heir_proof": "notary", "heir_paper": "（2026）样公证字第 108 号",
        "heirs": rows,
    }  # fmt: skip
