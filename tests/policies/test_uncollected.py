"""待领款项 on the policy's page and by the interface: whose it is and how it is had, also of a contract that has ended."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.policies.models import Policy
from lifeops.policies.services.collecting import collect_benefits
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender
from lifeops.policies.services.uncollected import uncollected
from tests.api.calls import ROOT
from tests.factories import lapsed_policy, make_party, overpaid_policy, paid_in, surviving_policy, yearly_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(cast) -> Policy:
    """Surrendered ten days ago with two survival benefits not collected; a premium came five days later."""
    policy, today = surviving_policy(cast, policyholder=make_party(), relation="spouse"), timezone.localdate()
    surrender(policy=policy, case_number="PSX1", day=today - timedelta(days=10), actor=cast.ps_reviewer, now=timezone.now())
    receive_premium(
        policy=policy, amount=Decimal("888.00"), received_on=today - timedelta(days=5), reference="U1", actor=cast.clerk, now=timezone.now()
    )
    return Policy.objects.get(pk=policy.pk)


def told(policy: Policy, days: int = 0) -> list[tuple[str, Decimal, str, str]]:
    return [(row.label, row.amount, row.whose, row.item) for row in uncollected(policy, timezone.localdate() - timedelta(days=days))]


def test_what_waits_is_told_with_whose_it_is_and_how_it_is_had(cast, ended):
    waits = ("生存金", Decimal(6000), "被保险人", "生存金领取")
    assert told(ended) == [waits, ("暂收款项", Decimal(888), "投保人", "溢缴退费")]
    assert told(ended, 6) == [waits]
    collect_benefits(policy=ended, case_number="PS-1", ended=False, day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    assert [row[0] for row in told(ended)] == ["暂收款项"]


def test_money_that_is_for_something_is_told_with_what_it_is_for(cast):
    ahead = yearly_policy(cast)
    receive_premium(policy=ahead, amount=Decimal("9.00"), received_on=timezone.localdate(), reference="U2", actor=cast.clerk, now=timezone.now())
    for policy, use in ((ahead, "抵交到期保费"), (paid_in(lapsed_policy(cast), cast), "用于复效"), (overpaid_policy(cast), "溢缴退费")):
        ((label, _, _, item),) = told(Policy.objects.get(pk=policy.pk))
        assert label == "暂收款项" and item.startswith(use)


def test_the_page_shows_it(cast, as_user, ended):
    page = as_user(cast.ps_reviewer).get(reverse("policies:detail", args=[ended.number])).content.decode()
    box = page.partition('id="uncollected"')[2].partition("</section>")[0]
    assert all(words in box for words in ("待领款项", "6,000.00", "被保险人", "生存金领取", "888.00", "溢缴退费"))


def test_the_interface_tells_it_of_a_day(cast, api, ended):
    found = api(cast.ps_reviewer).get(f"{ROOT}/policies/{ended.number}/").json()["uncollected"]
    assert [(row["kind"], row["amount"]) for row in found] == [("survival", "6000.00"), ("suspense", "888.00")]
    day = timezone.localdate() - timedelta(days=6)
    assert [row["kind"] for row in api(cast.ps_reviewer).get(f"{ROOT}/policies/{ended.number}/?as_of={day}").json()["uncollected"]] == ["survival"]
