"""A policy on any product: quoted, issued with what was chosen, delivered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from lifeops.policies.models import Policy, ProductVersion
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.quoting import Ask, choices_of, offer
from tests.policies.conftest import EFFECTIVE


def sell(issue: Callable[..., Policy], version: ProductVersion, *, sum_assured: Decimal | int | None = None, insured: Any = None, on: date = EFFECTIVE, **asked: Any) -> Policy:
    """Issued as `issue` does, from 2026-03-03 on a man of 39 where nobody else is named."""
    given = {"sex": "M", "age": 39, "cover_term": "", "pay_term": "SINGLE", "pay_mode": "single"} | asked
    if insured is not None:
        given |= {"sex": insured.sex, "age": insured.age(on)}
    quoted = Decimal(sum_assured) if sum_assured is not None and version.definition["tables"].get("premium", {}).get("measure") != "flat" else None
    ask = Ask(version=version, **({"sum_assured": quoted} | given))
    found = offer(ask)
    cover = {
        "version": version, "sum_assured": found.sum_assured or Decimal(sum_assured or 0), "cover_term": ask.cover_term or "1Y",
        "pay_term": ask.pay_term, "premium": found.standard, "extra": found.extra, "choices": choices_of(ask),
    }  # fmt: skip
    who = {"insured": insured} if insured is not None else {}
    policy = issue(coverages=[cover], pay_mode=ask.pay_mode, **who)
    deliver_policy(policy=policy, signed_on=policy.effective_on + timedelta(days=1))
    return Policy.objects.get(pk=policy.pk)
