"""退费领取通知书: money that came when the contract was over, or was left by its end, is told of once, to whom it belongs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.documents.models import Statement
from lifeops.documents.policy_notices import print_notice
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, PolicyNotice
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.notices import send_notice
from lifeops.policies.services.overpaid import refund_overpaid
from lifeops.policies.services.particulars import record_death
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender
from tests.api.calls import ROOT
from tests.documents.letter_reading import printed, squeezed
from tests.factories import make_party, make_policy, overpaid_policy

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def ended(cast) -> Policy:
    policy = make_policy(cast.county, cast.clerk, product="W30")
    surrender(policy=policy, case_number="PSX1", day=timezone.localdate() - timedelta(days=9), actor=cast.ps_reviewer, now=timezone.now())
    return Policy.objects.get(pk=policy.pk)


def came(cast, policy: Policy, amount: str, reference: str, days: int = 0) -> Policy:
    day = timezone.localdate() - timedelta(days=days)
    receive_premium(policy=policy, amount=D(amount), received_on=day, reference=reference, actor=cast.clerk, now=timezone.now())
    return Policy.objects.get(pk=policy.pk)


def due(policy: Policy) -> list[PolicyNotice]:
    people = ("policy__branch", "policy__policyholder", "policy__insured")
    return list(PolicyNotice.objects.filter(policy=policy, kind="refund").select_related(*people).order_by("pk"))


def paper(notice: PolicyNotice, cast) -> str:
    return printed(print_notice(notice=notice, actor=cast.issue, now=timezone.now()))


def test_one_letter_tells_of_all_that_waits(cast, ended):
    assert due(ended) == []
    came(cast, ended, "888.00", "N1", days=3)
    came(cast, ended, "888.00", "N1", days=3)  # the same once more
    came(cast, ended, "12.50", "N2")
    (notice,) = due(ended)
    assert notice.branch == cast.county and notice.due_on > timezone.localdate()
    text = paper(notice, cast)
    for words in ("退费领取通知书", ended.number, ended.policyholder.name, "900.50", "888.00元", "12.50元", "溢缴退费", "第九百八十五条", "终止日", "退保"):
        assert squeezed(words) in text, words


def test_what_of_a_receipt_has_gone_back_is_told_beside_it_and_what_was_before_is_not(cast, ended):
    came(cast, ended, "70.00", "N0", days=4)
    refund_overpaid(policy=Policy.objects.get(pk=ended.pk), case_number="PS-8", amount=D(70), day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    came(cast, ended, "500.00", "N1", days=3)
    refund_overpaid(policy=Policy.objects.get(pk=ended.pk), case_number="PS-9", amount=D(300), day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    text = paper(due(Policy.objects.get(pk=ended.pk))[-1], cast)
    assert all(squeezed(words) in text for words in ("500.00元", "其中已退还、抵还", "300.00元", "¥200.00")) and "70.00元" not in text


def test_of_a_contract_that_lives_nobody_is_told(cast):
    assert due(overpaid_policy(cast)) == []


def test_what_comes_after_the_print_is_told_in_its_place_and_after_the_sending_by_one_more(cast, ended):
    came(cast, ended, "10.00", "N1")
    first = due(ended)[0]
    paper(first, cast)
    came(cast, ended, "5.00", "N2")
    (second,) = due(ended)
    assert second.pk != first.pk and squeezed("15.00") in paper(second, cast) and Statement.objects.filter(policy=ended).count() == 2
    today = timezone.localdate()
    send_notice(notice=second, how="hand", day=today, today=today, actor=cast.issue)
    came(cast, ended, "1.00", "N3")
    third = due(ended)[1]
    assert third.sent_on is None and squeezed("16.00") in paper(third, cast)


def test_refunded_before_it_went_nobody_is_told(cast, ended):
    policy = came(cast, ended, "10.00", "N1")
    refund_overpaid(policy=policy, case_number="PS-9", amount=D("10.00"), day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())
    (notice,) = due(ended)
    assert notice.dropped_on == timezone.localdate()
    with pytest.raises(BookRefused, match="款项已经退还"):
        paper(notice, cast)
    came(cast, ended, "3.00", "N2")
    assert len(due(ended)) == 2 and due(ended)[1].dropped_on is None


def test_of_a_part_the_rest_is_told(cast, ended):
    policy = came(cast, ended, "10.00", "N1")
    refund_overpaid(policy=policy, case_number="PS-9", amount=D("4.00"), day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())
    assert squeezed("6.00") in paper(due(ended)[0], cast)


def test_where_the_policyholder_has_died_his_heirs_are_written_to(cast, ended):
    came(cast, ended, "10.00", "N1")
    record_death(party=ended.policyholder, died_on=timezone.localdate(), evidence="police", actor=cast.clerk, now=timezone.now())
    text = paper(due(ended)[0], cast)
    assert squeezed(f"{ended.policyholder.name}的继承人") in text and squeezed("以继承人身份办理") in text


def ended_by_claim(cast, policy: Policy, **given) -> Policy:
    died_on = timezone.localdate() - timedelta(days=20)
    claim_death_terminate(policy=policy, case_number="CL-9", died_on=died_on, actor=cast.cl_reviewer, now=timezone.now(), **given)
    return Policy.objects.get(pk=policy.pk)


def test_what_a_claim_leaves_to_a_policyholder_who_is_not_the_claimant_is_told(cast):
    policy = ended_by_claim(cast, overpaid_policy(cast, policyholder=make_party(), relation="spouse"))
    (notice,) = due(policy)
    text = paper(notice, cast)
    for words in (policy.policyholder.name, "终止时结清后有余款属于投保人", "合同终止余款", "500.00", "溢缴退费", "终止时结清的约定"):
        assert squeezed(words) in text, words
    # what came before the end is in it, and is not told as having come since
    assert squeezed("收到款项") not in text and squeezed("第九百八十五条") not in text
    both = paper(due(came(cast, policy, "7.00", "N1"))[0], cast)
    for words in ("507.00", "合同终止余款500.00元", "7.00元", "此后收到的款项", "第九百八十五条"):
        assert squeezed(words) in both, words
    assert both.count("收到款项") == 1


def test_a_cash_value_that_waits_is_told_until_the_last_of_it_is_had(cast):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    policy = ended_by_claim(cast, policy, value=D("800.00"), waits=True)
    (notice,) = due(policy)
    assert squeezed("800.00") in paper(notice, cast)

    def had(amount: str, case: str) -> None:
        refund_overpaid(policy=policy, case_number=case, amount=D(amount), day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())

    had("300.00", "PS-8")
    assert due(policy)[0].dropped_on is None
    had("500.00", "PS-9")
    assert due(policy)[0].dropped_on == timezone.localdate()


def test_an_end_that_leaves_nothing_asks_for_no_letter(cast):
    assert due(ended_by_claim(cast, make_policy(cast.county, cast.clerk, product="W30"))) == []


@pytest.mark.parametrize(("amount", "letters"), [("500.00", 1), ("0.00", 0)])
def test_of_a_rescission_what_was_overpaid_is_told_beside_its_own_letter(cast, amount, letters):
    policy = overpaid_policy(cast) if D(amount) else make_policy(cast.county, cast.clerk, product="W30")
    given = {"case_number": "PSX1", "day": timezone.localdate(), "actor": cast.ps_reviewer, "now": timezone.now()}
    rescind(policy=policy, payable=D("100.00"), waits=True, **given)
    assert len(due(Policy.objects.get(pk=policy.pk))) == letters


def test_it_stands_on_the_policys_page_and_in_the_list_of_those_who_send(cast, ended, as_user, api):
    came(cast, ended, "10.00", "N1")
    (notice,) = due(ended)
    assert "退费领取通知" in as_user(cast.cl_reviewer).get(reverse("policies:detail", args=[ended.number])).content.decode()
    assert notice.number in as_user(cast.issue).get(reverse("documents:notices")).content.decode()
    assert notice.number not in as_user(cast.other_issue).get(reverse("documents:notices")).content.decode()
    assert as_user(cast.clerk).get(reverse("documents:notices")).status_code == 403
    rows = api(cast.issue).get(f"{ROOT}/policy-notices/").json()
    assert "退费领取通知" in str(rows)
