"""Who asks for 保全 is alive, and money of the bank is counted once over all policies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.policies.models import Party
from servicing.services import findings
from tests.factories import again, handed_over, lent_on, make_party
from tests.servicing.test_contract_items import book, done, single
from tests.servicing.test_journey import conclude


@pytest.mark.parametrize("item", ["PS02", "PS09"])
def test_a_dead_policyholder_asks_for_nothing(cast, item):
    """The child is insured, the father who held the policy has died: his heirs have to become policyholder first."""
    policy = single(cast, policyholder=make_party(), relation="child")
    Party.objects.filter(pk=policy.policyholder_id).update(died_on=timezone.localdate() - timedelta(days=3))
    with pytest.raises(Invalid, match="投保人已身故"):
        handed_over(cast, item=item, policy=book(policy))


def test_a_policyholder_who_dies_while_it_waits_is_paid_nothing(cast):
    policy = single(cast, policyholder=make_party(), relation="child")
    handed_over(cast, item="PS02", policy=policy)
    Party.objects.filter(pk=policy.policyholder_id).update(died_on=timezone.localdate())
    with pytest.raises(Invalid, match="投保人已身故"):
        conclude(cast)


def test_one_reference_of_the_bank_for_two_policies_is_told(cast):
    one, two = lent_on(single(cast), cast), lent_on(single(cast), cast)
    done(cast, handed_over(cast, item="PS10", policy=one, reference="BANK1"))
    case = again(handed_over(cast, item="PS10", policy=two, reference=" BANK1"))
    told = next(f for f in findings(case, case.record, timezone.now()) if f.code == "S84")
    assert told.level == "warn" and one.number in told.value
