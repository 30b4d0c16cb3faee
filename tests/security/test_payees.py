"""收款人与反洗钱核验 on real cases (facts 3.8, 5.6): who is paid, what was seen, what was written down, who signs."""

from __future__ import annotations

import pytest
from django.utils import timezone

from claims.services import findings as claim_findings
from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.documents.models import ChecklistRow
from lifeops.policies.models import Beneficiary, Party, Payment
from lifeops.policies.services.particulars import add_account, end
from servicing.services import findings as servicing_findings
from tests.factories import (
    again,
    beneficiary_row,
    handed_over,
    make_party,
    make_policy,
    overrides_for,
    proposal_handed_over,
)
from underwriting.services import findings as proposal_findings


def levels(of, case):
    fresh = again(case)
    return {f.code: f.level for f in of(fresh, fresh.record, timezone.now()) if f.code.startswith("A")}


def taken(case, who):
    perform(case, "take", actor=who)
    return again(case)


def conclude(case, who, **inputs):
    return perform(case, "conclude", actor=who, opinion="事实清楚", **({"outcome": "PAY"} | inputs))


def unseen(case, *codes):
    ChecklistRow.objects.filter(case_id=case.pk, doc_type__in=codes).update(received="none")


# 理赔 ----------------------------------------------------------------------------------------------------------------


def test_the_insureds_own_account_passes_every_check_and_is_signed_alone(cast):
    case = handed_over(cast)
    assert levels(claim_findings, case) == {"A02": "pass", "A03": "pass", "A04": "pass"}
    conclude(taken(case, cast.cl_reviewer), cast.cl_reviewer)
    payment = Payment.objects.get(case_number=case.number)
    assert again(case).state == State.APPROVED and (payment.third_party_reason, payment.approved_by) == ("", None)


@pytest.mark.parametrize("relation", ["本人", "", " 本人 "])
def test_somebody_else_who_is_said_to_be_the_insured_does_not_leave_the_branch(cast, relation):
    with pytest.raises(Invalid, match="付给他人，须确认关系"):
        handed_over(cast, payee="冒名者", payee_relation=relation)


def on_file(cast, party, number="9900001234567890"):
    return add_account(party=party, bank="虚构银行", number=number, actor=cast.head, now=timezone.now())


@pytest.mark.parametrize(("item", "of"), [("CL05", claim_findings), ("PS02", servicing_findings)])
def test_an_account_on_file_under_another_name_is_not_paid_to(cast, item, of):
    stranger = make_party(name="陌生人")
    row = on_file(cast, stranger)
    with pytest.raises(Invalid, match="账户登记在他人名下，与收款人不一致"):
        handed_over(cast, item=item)
    end(row=row, actor=cast.head, now=timezone.now())
    case = handed_over(cast, item=item)
    assert "A01" not in levels(of, case)
    on_file(cast, stranger)
    told = {f.code: f for f in of(again(case), again(case).record, timezone.now())}["A01"]
    assert (told.level, told.value) == ("block", "陌**")
    on_file(cast, case.policy.insured)  # his as well: a joint account
    assert levels(of, case)["A01"] == "pass"


def test_somebody_else_needs_a_reason_and_a_second_signature_and_both_are_kept(cast):
    case = handed_over(cast, payee="领款配偶", payee_relation="配偶")
    row = case.findings.get(stage="entry", code="A02")
    assert (row.level, row.override_reason, row.overridden_by) == ("warn", "已核对", cast.clerk)
    event = conclude(taken(case, cast.cl_reviewer), cast.cl_reviewer)
    assert again(case).state == State.PENDING_APPROVAL and "付给他人须由另一人批准" in event.data["route"]
    perform(taken(again(case), cast.approver), "approve", actor=cast.approver)
    payment = Payment.objects.get(case_number=case.number)
    assert (payment.payee, payment.third_party_reason, payment.approved_by) == ("领款配偶", "已核对", cast.approver)


def test_without_a_reason_somebody_else_is_a_warning_that_must_be_answered(cast):
    from tests.factories import accept, claim_inputs, overrides_at_counter

    case = accept(cast)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    perform(case, "save_record", actor=cast.entry, **claim_inputs(payee="领款配偶", payee_relation="配偶"))
    perform(case, "complete_entry", actor=cast.entry)
    perform(case, "complete_scan", actor=cast.scan, reason="测试件无影像")
    assert overrides_for(case) == {"A02": "已核对"}
    with pytest.raises(Invalid) as caught:
        perform(case, "hand_over", actor=cast.clerk, overrides={})
    assert "override_A02" in caught.value.errors


def test_a_death_benefit_asks_for_the_identity_of_who_receives_it(cast):
    policy = make_policy(cast.county, cast.clerk, product="T20")
    Beneficiary.objects.create(policy=policy, name="受益人甲", relation="子女", order=1, share_pct=100, effective_from=policy.effective_on)
    with pytest.raises(Invalid, match="须核验被保险人、受益人身份并留存证件"):
        handed_over(cast, item="CL01", policy=policy, payee="受益人甲", payee_relation="子女")
    case = type(policy).objects.get(pk=policy.pk)
    assert case is not None
    # with the document of the beneficiary on file the same claim goes on
    row = beneficiary_row("受益人甲", "子女")
    kept = policy.beneficiaries.get()
    kept.id_number = row["id_number"]
    kept.save()
    from lifeops.cases.models import Case

    held = Case.objects.get(policy=policy)
    assert levels(claim_findings, held) == {"A02": "pass", "A03": "pass", "A04": "pass"}


def test_a_beneficiary_named_after_the_death_is_not_entitled(cast):
    policy = make_policy(cast.county, cast.clerk, product="T20")
    Beneficiary.objects.create(
        policy=policy, name="后来人", relation="子女", order=1, share_pct=100, effective_from=timezone.localdate()
    )
    with pytest.raises(Invalid, match="付给他人"):
        handed_over(cast, item="CL01", policy=policy, payee="后来人", payee_relation="")


def test_an_unidentified_claimant_is_not_paid_at_the_desk_either(cast):
    case = taken(handed_over(cast, item="CL01"), cast.cl_reviewer)
    unseen(case, "ID_APPLICANT")
    with pytest.raises(Invalid, match="须核验被保险人、受益人身份"):
        conclude(case, cast.cl_reviewer)
    conclude(case, cast.cl_reviewer, outcome="REFUSE", reason_code="C08")
    assert again(case).state == State.PENDING_APPROVAL


def test_health_cover_below_the_threshold_asks_no_more(cast):
    case = taken(handed_over(cast), cast.cl_reviewer)
    unseen(case, "ID_APPLICANT")
    conclude(case, cast.cl_reviewer)
    assert again(case).state == State.APPROVED


def test_a_proxy_without_power_of_attorney_takes_nothing_out(cast):
    case = taken(handed_over(cast), cast.cl_reviewer)
    type(case).objects.filter(pk=case.pk).update(applicant_kind="proxy")
    with pytest.raises(Invalid, match="须核验代理关系"):
        conclude(again(case), cast.cl_reviewer)


# 保全 ----------------------------------------------------------------------------------------------------------------


def surrender(cast, sum_assured):
    policy = make_policy(cast.county, cast.clerk, product="W30", sum_assured=sum_assured)
    return handed_over(cast, item="PS02", policy=policy)


def test_a_refund_from_ten_thousand_on_needs_an_identified_applicant(cast):
    case = surrender(cast, 1000000)
    assert levels(servicing_findings, case)["A03"] == "pass"
    unseen(case, "ID_APPLICANT")
    assert levels(servicing_findings, case)["A03"] == "block"
    with pytest.raises(Invalid, match="须核验申请人身份"):
        conclude(taken(case, cast.ps_reviewer), cast.ps_reviewer, outcome="APPROVE")


def test_an_applicant_without_a_number_on_file_is_not_identified(cast):
    case = surrender(cast, 1000000)
    Party.objects.filter(pk=case.applicant_id).update(id_number="", id_index="")
    assert levels(servicing_findings, case)["A03"] == "block"


# 承保 ----------------------------------------------------------------------------------------------------------------


def test_a_life_contract_is_accepted_from_identified_people_only(cast):
    case = proposal_handed_over(cast)
    assert levels(proposal_findings, case) == {"A11": "pass", "A12": "pass"}
    case = taken(case, cast.underwriter)
    unseen(case, "ID_APPLICANT")
    assert levels(proposal_findings, case)["A11"] == "block"
    with pytest.raises(Invalid, match="须核验投保人、被保险人身份"):
        perform(case, "conclude", actor=cast.underwriter, outcome="STANDARD", opinion="标准体")
    perform(case, "conclude", actor=cast.underwriter, outcome="DECLINE", reason_code="U01", opinion="资料不足")


def test_a_returned_payment_does_not_go_to_an_account_on_file_in_anothers_name(cast, as_user):
    """重新制单 corrects bank and account: what was refused at the decision is refused here."""
    from tests.archive.test_payments import act

    case = handed_over(cast)
    conclude(taken(case, cast.cl_reviewer), cast.cl_reviewer)
    payment, client = Payment.objects.get(case_number=case.number), as_user(cast.head)
    act(client, payment, "release")
    act(client, payment, "return", reason="户名不符")
    for owner, number in ((make_party(name="旁人"), "9900009999000001"), (again(case).policy.insured, "9900009999000002")):
        add_account(party=owner, bank="虚构银行", number=number, actor=cast.entry, now=timezone.now())
    refused = act(client, payment, "reissue", payee=payment.payee, bank="乙银行", account="9900 0099 9900 0001")
    assert refused.status_code == 403 and "账户登记在旁**名下" in refused.content.decode()
    assert not Payment.objects.filter(replaces=payment).exists()
    assert act(client, payment, "reissue", payee=payment.payee, bank="乙银行", account="9900009999000002").status_code == 302
