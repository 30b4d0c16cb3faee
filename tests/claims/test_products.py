"""理赔 on products as loaded: the plan, the sums agreed and the formulas of the product decide what is paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from claims.calculation import particulars_of
from claims.models import ClaimDecision
from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.policies.models import MedicalUsage, Payment, Policy
from tests.factories import accept, again, claim_inputs, handed_over

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]


def concluded(case, cast, **inputs):
    perform(case, "take", actor=cast.cl_reviewer2)
    return perform(case, "conclude", actor=cast.cl_reviewer2, opinion="事实清楚", **({"outcome": "PAY"} | inputs))


def decided(case) -> ClaimDecision:
    return ClaimDecision.objects.get(case=case, superseded=False)


def bill(amount: str, **fields):
    return {
        "expenses": [{"category": "药品", "invoiced": amount, "non_covered": "0", "over_limit": "0"}], "social_insurance": "0",
    } | fields


def test_medical_claim_by_the_bands_of_the_plan_over_the_year(cast, sold):
    """Plan 1: nothing to 3,000, 40 % to 20,000, 60 % to 50,000, all above; 30,000 → 6,800 + 6,000."""
    policy = sold("P315061", cover_term="1Y", plan="1", social_insurance="Y", purchase="FIRST", sum_assured=1000000)
    first = handed_over(cast, policy=policy, **bill("30000.00", ss_used=True))
    concluded(first, cast)
    assert decided(first).amount == Decimal("12800.00")
    assert Payment.objects.get(case_number=first.number).amount == Decimal("12800.00")
    usage = MedicalUsage.objects.get(case_number=first.number)
    assert (usage.benefit, usage.cost, usage.paid) == ("GENERAL_MEDICAL", Decimal("30000.00"), Decimal("12800.00"))
    # the second of the year goes on where the first ended: 20,000 at 60 %, 10,000 in full, less 5,000 paid by others
    second = handed_over(cast, policy=Policy.objects.get(pk=policy.pk), **bill("30000.00", social_insurance="5000.00", ss_used=True))
    concluded(second, cast)
    assert decided(second).amount == Decimal("17000.00")


def test_who_had_social_insurance_and_did_not_use_it_receives_sixty_per_cent(cast, sold):
    policy = sold("P315061", cover_term="1Y", plan="1", social_insurance="Y", purchase="FIRST", sum_assured=1000000)
    case = handed_over(cast, policy=policy, **bill("10000.00", ss_used=False))
    concluded(case, cast)
    assert decided(case).amount == Decimal("1680.00")  # 7,000 × 40 % × 60 %


def test_the_second_plan_answers_for_critical_illness_in_full_above_the_deductible(cast, sold):
    policy = sold("P315061", cover_term="1Y", plan="2", social_insurance="N", purchase="FIRST", sum_assured=1000000)
    case = handed_over(cast, policy=policy, **bill("30000.00", ss_used=True, benefit="CI_MEDICAL"))
    concluded(case, cast)
    assert decided(case).amount == Decimal("27000.00")
    assert dict(particulars_of(again(case)))["CI_MEDICAL"] == "重大疾病医疗保险金"


def test_the_first_plan_has_no_such_benefit_to_choose(cast, sold):
    policy = sold("P315061", cover_term="1Y", plan="1", social_insurance="Y", purchase="FIRST", sum_assured=1000000)
    case = handed_over(cast, policy=policy, **bill("30000.00", ss_used=True, benefit="CI_MEDICAL"))
    assert particulars_of(case) == [] and again(case).record.benefit == ""


def test_illness_in_the_waiting_period_is_refused_and_not_after_a_renewal_in_time(cast, sold):
    asked = {"cover_term": "1Y", "plan": "1", "social_insurance": "Y", "sum_assured": 1000000}
    new = handed_over(cast, policy=sold("P315061", days_ago=40, purchase="FIRST", **asked), **bill("30000.00", ss_used=True))
    perform(new, "take", actor=cast.cl_reviewer2)
    with pytest.raises(Invalid, match="在等待期内"):
        perform(new, "conclude", actor=cast.cl_reviewer2, opinion="x", outcome="PAY")
    renewed = handed_over(cast, policy=sold("P315061", days_ago=40, purchase="RENEW_WITHIN_15D", **asked), **bill("30000.00", ss_used=True))
    concluded(renewed, cast)
    assert decided(renewed).amount == Decimal("12800.00")


TRAVEL = {
    "items": {"ACC_DEATH": Decimal(100000), "ACC_MEDICAL": Decimal(12000), "ACC_HOSP_ALLOWANCE": Decimal(50)}, "days": 365,
    "deductible": Decimal(100), "payout_ratio": Decimal("0.9"), "social_insurance": "Y",
}  # fmt: skip


def test_accident_medical_and_allowance_by_the_sums_agreed(cast, sold):
    """(5,000 − 2,000 − 100) × 90 % = 2,610 and 7 days × 50 = 350."""
    start = timezone.localdate() - timedelta(days=20)
    stay = {"admitted_on": start.isoformat(), "discharged_on": (start + timedelta(days=7)).isoformat(), "cause": "accident"}
    case = handed_over(cast, policy=sold("P214001", **TRAVEL), **bill("5000.00", social_insurance="2000.00", **stay))
    concluded(case, cast)
    assert decided(case).amount == Decimal("2960.00")
    assert [(line["label"], line["value"]) for line in decided(case).lines] == [
        ("示例人寿e元相伴旅游意外伤害保险 意外伤害医疗保险金", "2610.00"), ("示例人寿e元相伴旅游意外伤害保险 意外伤害住院补贴保险金", "350.00"),
    ]  # fmt: skip


def test_an_illness_is_not_what_an_accident_product_answers_for(cast, sold):
    case = accept(cast, policy=sold("P214001", **TRAVEL))
    perform(case, "pass_precheck", actor=cast.clerk, overrides={})
    perform(case, "save_record", actor=cast.entry, **claim_inputs("CL05", cause="illness"))
    from lifeops.cases.findings import evaluate_rules

    found = {f.code: f for f in evaluate_rules(again(case), timezone.now())}
    assert (found["L02"].level, found["L02"].message) == ("block", "保单没有对应责任")


def test_death_on_a_flight_pays_three_times_the_sum_when_chosen_at_entry(cast, sold):
    """50,000 → 59,100 of sum; × 3. Without the choice 1.2 × 50,000."""
    policy = sold("P212014", cover_term="5Y", premium=Decimal(50000))
    case = handed_over(cast, item="CL01", policy=policy, cause="accident", benefit="AVIATION_DEATH")
    perform(case, "take", actor=cast.cl_reviewer2)
    with pytest.raises(Invalid, match=r"177,300\.00"):
        perform(case, "conclude", actor=cast.cl_reviewer2, opinion="x", outcome="PAY", amount="60000.00")
    perform(case, "conclude", actor=cast.cl_reviewer2, opinion="航空事故证明已核", outcome="PAY")
    assert decided(case).amount == Decimal("177300.00")


def test_death_on_a_product_without_its_value_table_is_for_the_examiner_to_state(cast, sold):
    policy = sold("P411008", cover_term="WHOLE_LIFE", pay_term="10Y", pay_mode="annual", premium=Decimal(10000))
    case = handed_over(cast, item="CL01", policy=policy)
    perform(case, "take", actor=cast.cl_reviewer2)
    with pytest.raises(Invalid, match="缺少“现金价值”"):
        perform(case, "conclude", actor=cast.cl_reviewer2, opinion="x", outcome="PAY")
    # 160 % of the premium paid is above the value the head office told
    perform(case, "conclude", actor=cast.cl_reviewer2, opinion="总公司核定", outcome="PAY", amount="16000.00")
    lines = decided(case).lines
    assert decided(case).amount == Decimal("16000.00") and lines[-1]["label"] == "按条款文字核定部分"


def test_a_medical_product_does_not_answer_for_death(cast, sold):
    policy = sold("P315061", cover_term="1Y", plan="1", social_insurance="Y", purchase="FIRST", sum_assured=1000000)
    case = accept(cast, item="CL01", policy=policy)
    from claims.calculation import covers_of

    assert covers_of(case) == []
