"""What waits for somebody who has died is had by his heirs: each gets his share on his own account, by two signatures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Invalid
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.cases.states import State
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Party, Payment, Policy
from lifeops.policies.services.claiming import claim_death_terminate
from lifeops.policies.services.collecting import due_after
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.particulars import add_document, end, record_death
from lifeops.policies.services.payments import reissue_payment, release_payment, return_payment, sealed_parts
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import cancel_in_cooling_off, surrender
from servicing.heirs import HeirClaim, heir_claim_findings, parts
from servicing.heirs_form import HeirsForm
from servicing.models import Heir
from servicing.services import findings, summary
from tests.factories import (
    accept,
    again,
    handed_over,
    make_party,
    make_policy,
    matured_policy,
    overrides_at_counter,
    surviving_policy,
)
from tests.servicing.test_contract_items import letter, straight
from tests.servicing.test_contract_rules import levels
from tests.servicing.test_journey import approve, book, conclude, to_the_shelf

pytestmark = pytest.mark.django_db
D = Decimal
OF_HEIRS = ("DEATH_CERT", "INHERIT_PROOF", "ID_HEIR", "BANK_CARD")


def account_of(party: Party) -> str:
    return f"9900{party.pk % 10**8:08d}7890"


def heir_row(party: Party, relation: str = "子女", share: str = "", **fields: str) -> dict[str, str]:
    return {
        "name": party.name, "relation": relation, "id_type": party.id_type, "id_number": party.id_number, "share_pct": share, "bank": "虚构银行",
        "account": account_of(party),
    } | fields  # fmt: skip


def dead(cast, party: Party, days: int = 1) -> Party:
    record_death(party=party, died_on=timezone.localdate() - timedelta(days=days), evidence="police", actor=cast.clerk, now=timezone.now())
    return Party.objects.get(pk=party.pk)


@pytest.fixture
def owed(cast) -> Policy:
    """Surrendered; 900.01 元 came afterwards; then the policyholder died."""
    policy = make_policy(cast.county, cast.clerk, product="W30")
    surrender(policy=policy, case_number="PSX1", day=timezone.localdate() - timedelta(days=9), actor=cast.ps_reviewer, now=timezone.now())
    receive_premium(
        policy=policy, amount=D("900.01"), received_on=timezone.localdate() - timedelta(days=5), reference="H1", actor=cast.clerk, now=timezone.now()
    )
    dead(cast, policy.policyholder)
    return book(policy)


@pytest.fixture
def family(cast) -> list[Party]:
    return [make_party(name="继承人甲"), make_party(name="继承人乙", sex="F"), make_party(name="继承人丙")]


def by_heirs(cast, policy: Policy, family, item: str = "PS28", papers=OF_HEIRS, **fields) -> Case:
    asked = {"payee": "", "payee_bank": "", "payee_account": "", "heir_proof": "notary", "heir_paper": "（2026）样公证字第 1 号", "heirs": [heir_row(p) for p in family]}
    return handed_over(cast, item=item, policy=policy, applicant=family[0], applicant_kind="heir", more_papers=papers, **(asked | fields))


def refused(cast, policy: Policy, family, **fields) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        by_heirs(cast, policy, family, **fields)
    return caught.value.errors


def test_what_heads_a_column_is_seen_whole_on_the_common_screen():
    """The table is 648 wide there; a character 12, and 8 around."""
    table = HeirsForm.base_fields["heirs"]
    assert [head for name, head in table.columns.items() if 12 * len(head) + 8 > 648 * table.widget.widths[name] / 100] == []


def test_three_heirs_share_an_overpayment_to_the_cent(cast, owed, family):
    case = by_heirs(cast, owed, family)
    told = dict(dict(summary(case, case.record))["继承与领款"])
    assert told["被继承人"].startswith(f"{owed.policyholder.name}（投保人）") and told["继承人 1"].startswith("继承人甲（子女）")
    assert "900.01 × 均分 1/3 = 300.00 元，虚构银行 **** **** 7890" in told["继承人 1"] and "= 300.01 元" in told["继承人 3"]
    conclude(cast)
    assert again(case).state == State.PENDING_APPROVAL and not Payment.objects.filter(case_number=case.number).exists()
    approve(cast)
    paid = list(Payment.objects.filter(case_number=case.number).order_by("pk"))
    assert [(p.payee, p.amount) for p in paid] == [("继承人甲", D("300.00")), ("继承人乙", D("300.00")), ("继承人丙", D("300.01"))]
    assert {p.approved_by for p in paid} == {cast.approver} and {p.created_by for p in paid} == {cast.ps_reviewer}
    assert paid[0].third_party_reason == "继承：继承权公证书 （2026）样公证字第 1 号；收款人是投保人的子女，份额均分"
    assert paid[0].third_party_reason in sealed_parts(paid[0])
    paper = letter(cast, case, "refund_notice")
    assert paper["addressee"] == "继承人甲" and "款项依继承权公证书" in paper["remark"] and "继承人丙（子女，均分）300.01 元" in paper["remark"]
    assert not any(account_of(p) in paper["remark"] for p in family)
    ended = to_the_shelf(cast, case, "refund_notice")
    assert ended.state == State.ARCHIVED and straight(book(owed)) and "suspense" not in balances(book(owed)) and balances(book(owed))["paid"] == D("-900.01")


def test_what_the_bank_returns_of_one_heir_is_paid_anew_to_him_alone(cast, owed, family):
    case = by_heirs(cast, owed, family)
    conclude(cast)
    approve(cast)
    one, two, _ = Payment.objects.filter(case_number=case.number).order_by("pk")
    release_payment(payment=one, actor=cast.head, now=timezone.now())
    return_payment(payment=one, reason="账号有误", actor=cast.head, now=timezone.now())
    with pytest.raises(BookRefused, match=f"账号与付给{two.payee}的相同"):
        reissue_payment(
            payment=one, payee=one.payee, bank="虚构银行", account=f" {two.account[:4]} {two.account[4:]}", actor=cast.ps_reviewer, now=timezone.now()
        )
    again_paid = reissue_payment(
        payment=one, payee=one.payee, bank="虚构银行", account="9900001234560000", actor=cast.ps_reviewer, now=timezone.now()
    )
    assert (again_paid.amount, again_paid.third_party_reason) == (D("300.00"), one.third_party_reason)
    with pytest.raises(BookRefused, match="更换收款人须重新审核"):
        reissue_payment(payment=one, payee=two.payee, bank="虚构银行", account="9900001234560000", actor=cast.ps_reviewer, now=timezone.now())


def test_shares_that_are_stated_are_paid_and_one_heir_may_have_all(cast, owed, family):
    rows = [heir_row(family[0], "配偶", "62.5"), heir_row(family[1], "子女", "37.5")]
    case = by_heirs(cast, owed, family, heirs=rows)
    assert [(row.name, str(part.amount)) for row, part in parts(D("900.01"), list(case.record.heirs.all()))] == [("继承人甲", "562.51"), ("继承人乙", "337.50")]
    perform(case, "withdraw", actor=cast.clerk, reason="换一份公证书")
    done = by_heirs(cast, book(owed), family, heirs=[heir_row(family[0], "配偶", "100")])
    conclude(cast)
    approve(cast)
    assert [(p.payee, p.amount) for p in Payment.objects.filter(case_number=done.number)] == [("继承人甲", D("900.01"))]


def test_from_ten_thousand_on_a_senior_approves(cast, owed, family):
    receive_premium(policy=owed, amount=D("20000.00"), received_on=timezone.localdate(), reference="H2", actor=cast.clerk, now=timezone.now())
    case = by_heirs(cast, book(owed), family)
    assert {f.code: f.message for f in findings(case, case.record, timezone.now())}["S126"].startswith("付给继承人，须由高级批准岗批准")
    conclude(cast)
    assert again(case).required_grade >= 3 and take_next(cast.approver, "approval") is None
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert {p.approved_by for p in Payment.objects.filter(case_number=case.number)} == {cast.approver_high}


def test_whoever_died_must_be_written_down_first_and_the_words_say_where(cast, family):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    surrender(policy=policy, case_number="PSX1", day=timezone.localdate() - timedelta(days=9), actor=cast.ps_reviewer, now=timezone.now())
    receive_premium(policy=policy, amount=D("88.00"), received_on=timezone.localdate(), reference="H3", actor=cast.clerk, now=timezone.now())
    words = refused(cast, book(policy), family)["applicant_kind"][0]
    assert words == f"投保人{policy.policyholder.name}未登记身故，不能由继承人申请；请先凭死亡证明在客户页登记身故"
    dead(cast, policy.policyholder)
    assert by_heirs(cast, book(policy), family).state == State.QUEUED


def test_an_item_that_pays_nothing_left_behind_is_no_heirs(cast, owed, family):
    for item in ("PS02", "PS13"):
        with pytest.raises(Invalid, match="此项目不能以继承人身份申请"):
            accept(cast, item=item, policy=owed, applicant=family[0], applicant_kind="heir")


def test_the_applicant_is_one_of_the_heirs(cast, owed, family):
    stranger = make_party(name="旁人")
    found = refused(cast, owed, family, heirs=[heir_row(p) for p in family[1:]])
    assert found == {"heirs": ["申请人 继承人甲 不在所列继承人之中：须由继承人本人申请"]}
    release(owed)
    found = refused(cast, owed, family, heirs=[heir_row(family[0]), heir_row(stranger, name="别名")])
    assert "证件号码已登记在“旁**”名下" in found["heirs"][0]


def release(policy: Policy) -> None:
    Policy.objects.filter(pk=policy.pk).update(hold_case="")
    policy.holds.filter(lifted_on__isnull=True).update(lifted_on=timezone.localdate())


@pytest.mark.parametrize(("change", "field", "words"), [
    ({"heirs": []}, "heirs", "请登记全体继承人"),
    ({"heir_proof": ""}, "heir_proof", "请选择继承依据"),
    ({"heir_paper": ""}, "heir_paper", "请填写公证书或法律文书的编号"),
    ({"shares": ("50", "40", "5")}, "heirs", "继承份额合计为 95%，应为 100%"),
    ({"shares": ("50", "50", "")}, "heirs", "继承份额须全部填写或全部留空"),
    ({"account": "12"}, "heirs", "第 1 行：账号应为 8 至 30 位数字"),
    ({"id_number": "990101198605170012"}, "heirs", "第 1 行：身份证号码校验位不符"),
])  # fmt: skip
def test_what_is_missing_is_said_at_its_field(cast, owed, family, change, field, words):
    change = dict(change)
    shares = change.pop("shares", ("", "", ""))
    cell = {k: change.pop(k) for k in ("account", "id_number") if k in change}
    rows = [heir_row(p, share=share, **(cell if p is family[0] else {})) for p, share in zip(family, shares, strict=True)]
    assert words in refused(cast, owed, family, **({"heirs": rows} | change))[field][0]


def test_the_dead_inherits_nothing_from_himself_nor_does_an_heir_who_has_died(cast, owed, family):
    found = refused(cast, owed, family, heirs=[heir_row(family[0]), heir_row(owed.policyholder)])
    assert found["heirs"] == ["第 2 行：继承人不能是被继承人本人"]
    release(owed)
    dead(cast, family[2])
    with pytest.raises(Invalid, match="所列继承人已登记身故"):
        by_heirs(cast, owed, family)


def test_nobody_is_an_heir_twice_by_another_document_nor_has_the_account_of_another(cast, owed, family):
    """By either document he is the same customer; the share of one is not paid to the account that another names as his own."""
    add_document(party=family[1], id_type="passport", number="E12345678", actor=cast.clerk, now=timezone.now())
    twice = heir_row(family[1], id_type="passport", id_number="E12345678", account="9900001234560001")
    assert refused(cast, owed, family, heirs=[*map(heir_row, family), twice])["heirs"] == ["第 4 行：同一人不能重复登记"]
    release(owed)
    shared = heir_row(family[2], account=account_of(family[0]))
    words = refused(cast, owed, family, heirs=[heir_row(family[0]), heir_row(family[1]), shared])["heirs"]
    assert words == ["第 3 行：收款账号与第 1 行相同，各继承人须付至本人账户"]


@pytest.mark.parametrize("gone", ["DEATH_CERT", "INHERIT_PROOF", "ID_HEIR"])
def test_without_the_papers_nothing_leaves_the_branch(cast, owed, family, gone):
    with pytest.raises(Invalid):
        by_heirs(cast, owed, family, papers=tuple(code for code in OF_HEIRS if code != gone))


def test_who_has_died_is_no_heir_of_himself(cast, owed, family):
    with pytest.raises(Invalid, match="已登记身故，请填写前来办理的继承人"):
        by_heirs(cast, owed, [owed.policyholder])
    assert by_heirs(cast, owed, family).applicant == family[0]


def test_an_agreement_of_the_heirs_needs_the_kinship_proved(cast, owed, family):
    with pytest.raises(Invalid, match="缺亲属关系证明"):
        by_heirs(cast, owed, family, heir_proof="agreement", heir_paper="")
    release(owed)
    case = by_heirs(cast, owed, family, heir_proof="agreement", heir_paper="", papers=(*OF_HEIRS, "RELATION_PROOF"))
    assert {f.code: f.level for f in findings(case, case.record, timezone.now())}["S121"] == "pass"


def test_named_beneficiaries_come_before_the_heirs(cast, family):
    """The insured has died and no claim has ended the contract: the benefit is theirs who are named (保险法 42)."""
    policy = surviving_policy(cast, beneficiaries=[{"name": "指定受益人", "relation": "配偶", "id_number": "", "share_pct": 100}])
    dead(cast, policy.insured)
    words = refused(cast, book(policy), family, item="PS24")["applicant_kind"][0]
    assert "先办身故理赔：身故保险金归指定的受益人" in words
    claim_death_terminate(
        policy=book(policy), case_number="CL-X", died_on=Party.objects.get(pk=policy.insured_id).died_on, actor=cast.cl_reviewer, now=timezone.now()
    )
    case = by_heirs(cast, book(policy), family, item="PS24")
    conclude(cast)
    approve(cast)
    paid = list(Payment.objects.filter(case_number=case.number).order_by("pk"))
    assert [(p.payee, p.amount, p.kind) for p in paid] == [(p.name, D("2000.00"), "benefit") for p in family]
    paper = letter(cast, case, "payout_notice")
    assert (paper["addressee"], paper["total"]) == ("继承人甲", "6000.00")
    assert "继承人乙（子女，均分）2,000.00 元" in paper["remark"] and straight(book(policy))


def test_what_fell_due_after_the_death_is_told_apart(cast):
    """Two years are over; the insured lived to see the first only."""
    policy = surviving_policy(cast)
    assert due_after(policy, policy.effective_on + timedelta(days=500), ended=False) == 3000
    assert due_after(policy, policy.effective_on, ended=False) == 6000 and due_after(policy, timezone.localdate(), ended=False) == 0


def test_of_a_matured_contract_the_heirs_of_the_insured_collect(cast, family):
    policy = matured_policy(cast)
    dead(cast, policy.insured)
    case = by_heirs(cast, book(policy), family[:1], item="PS26")
    conclude(cast)
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert [(p.payee, p.amount) for p in Payment.objects.filter(case_number=case.number)] == [("继承人甲", D("10000.00"))]
    assert "款项依继承权公证书" in letter(cast, case, "endorsement")["remark"]


def test_whoever_died_before_the_term_was_over_left_a_claim_and_no_maturity(cast, family):
    policy = matured_policy(cast)
    dead(cast, policy.insured, days=30)
    assert "身故之后，先办身故理赔，由它更正" in refused(cast, book(policy), family[:1], item="PS26")["applicant_kind"][0]


@pytest.mark.parametrize(
    ("by", "words"), [(surrender, "退保，在被保险人 {} 身故之后，先办身故理赔，由它更正"), (cancel_in_cooling_off, "犹豫期撤单，在被保险人 {} 身故之后，不能付款：请报总公司理赔审核岗")]
)  # fmt: skip
def test_of_an_end_after_the_death_the_claim_or_head_office_comes_first(cast, family, by, words):
    policy, left_on = make_policy(cast.county, cast.clerk, product="W30"), timezone.localdate() - timedelta(days=9)
    Policy.objects.filter(pk=policy.pk).update(cooling_off_end=left_on - timedelta(days=1) if by is surrender else left_on)
    by(policy=book(policy), case_number="PSX1", day=left_on, actor=cast.ps_reviewer, now=timezone.now())
    gone = dead(cast, policy.insured, days=30)
    assert words.format(gone.died_on) in refused(cast, book(policy), family[:1], item="PS28")["applicant_kind"][0]


def test_while_the_contract_lives_the_heirs_take_its_place_first(cast, family):
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(), relation="spouse")
    receive_premium(policy=policy, amount=D("50.00"), received_on=timezone.localdate(), reference="H4", actor=cast.clerk, now=timezone.now())
    dead(cast, policy.policyholder)
    assert "先由继承人申请投保人变更" in refused(cast, book(policy), family)["applicant_kind"][0]


def test_an_account_on_file_in_anothers_name_is_not_paid_to(cast, owed, family):
    from lifeops.policies.services.particulars import add_account

    add_account(party=make_party(name="旁人"), bank="虚构银行", number=account_of(family[0]), actor=cast.head, now=timezone.now())
    with pytest.raises(Invalid, match="收款账户登记在他人名下"):
        by_heirs(cast, owed, family)


BASE = HeirClaim(proof="继承权公证书（1）", heirs=["甲"], shares="甲 全部", due=D("10"))


@pytest.mark.parametrize(("fields", "expected"), [
    ({}, {"S126": "warn"}),
    ({"proof": ""}, {"S121": "block", "S126": "warn"}),
    ({"missing": ["死亡证明"]}, {"S121": "block", "S126": "warn"}),
    ({"heirs": []}, {"S122": "block", "S126": "warn"}),
    ({"far": ["乙"]}, {"S123": "warn", "S126": "warn"}),
    ({"before": "先办身故理赔"}, {"S124": "block", "S126": "warn"}),
    ({"owed": D("1")}, {"S126": "warn", "S127": "warn"}),
    ({"of_benefits": True, "after": D("1")}, {"S125": "block", "S126": "warn"}),
])  # fmt: skip
def test_what_stands_against_it(fields, expected):
    found = heir_claim_findings(HeirClaim(**(vars(BASE) | fields)))
    assert levels(found) == expected and all(row.value and row.limit and row.message for row in found)


def test_numbers_and_accounts_of_heirs_lie_encrypted_and_are_shown_masked(cast, owed, family, as_user):
    from django.db import connection

    case = by_heirs(cast, owed, family)
    # as the columns lie in the database: the fields would open them
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, account FROM servicing_heir WHERE request_id = %s", [case.pk])
        assert all(family[0].id_number not in text and account_of(family[0]) not in text for row in cursor.fetchall() for text in map(str, row))
    page = as_user(cast.ps_reviewer).get(case.get_absolute_url()).content.decode()
    assert "继承人甲" in page and family[0].id_number not in page and account_of(family[0]) not in page
    assert Heir.objects.filter(request=case.pk).count() == 3


# ── the death itself ──


def test_a_death_is_written_down_once_and_taken_back_by_another(cast, as_user):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    url = reverse("policies:customer_add", args=[policy.insured_id, "death"])
    client, day = as_user(cast.clerk), timezone.localdate() - timedelta(days=3)
    assert "不能晚于今天" in client.post(url, {"died_on": str(day + timedelta(days=9)), "evidence": "police"}).content.decode()
    assert "请选择依据" in client.post(url, {"died_on": str(day)}).content.decode()
    assert client.post(url, {"died_on": str(day), "evidence": "police", "source": "死亡证明原件"}).status_code == 302
    person = Party.objects.get(pk=policy.insured_id)
    assert person.died_on == day
    assert "已登记于" in client.post(url, {"died_on": str(day), "evidence": "court"}).content.decode()
    page = client.get(reverse("policies:customer", args=[person.pk])).content.decode()
    assert f"{day}（公安机关死亡证明、户籍注销证明）" in page and ">身故</a>" not in page
    row = person.deathrecord_rows.get()
    undo = reverse("policies:customer_end", args=[person.pk, "death", row.pk])
    client.post(undo)
    assert Party.objects.get(pk=person.pk).died_on == day  # by himself he does not
    as_user(cast.head).post(undo)
    assert Party.objects.get(pk=person.pk).died_on is None and person.deathrecord_rows.get().ended_by == cast.head


@pytest.mark.parametrize(("who", "status"), [("clerk", 302), ("ps_reviewer", 302), ("issue", 403), ("auditor", 403), ("other_clerk", 404), ("sysadmin", 403)])
def test_who_writes_a_death_down(cast, as_user, who, status):
    policy = make_policy(cast.county, cast.clerk, product="W30")
    url = reverse("policies:customer_add", args=[policy.insured_id, "death"])
    assert as_user(getattr(cast, who)).post(url, {"died_on": str(timezone.localdate()), "evidence": "hospital"}).status_code == status
    assert (Party.objects.get(pk=policy.insured_id).died_on is not None) == (status == 302)


def test_a_death_on_which_heirs_were_paid_stands(cast, owed, family):
    by_heirs(cast, owed, family)
    conclude(cast)
    approve(cast)
    with pytest.raises(BookRefused, match="登记不能撤销"):
        end(row=owed.policyholder.deathrecord_rows.get(), actor=cast.head, now=timezone.now())


def test_the_counter_says_who_comes_and_the_policy_how_it_is_had(cast, owed, as_user):
    answer = as_user(cast.clerk).post(
        reverse("intake:refresh"), {"item": "PS28", "policy_number": owed.number, "channel": "counter", "applicant_kind": "heir"}
    ).content.decode()
    assert "其应得的款项由继承人领取，申请人身份选“继承人”" in answer and all(words in answer for words in ("死亡证明", "继承权证明", "各继承人身份证件"))
    page = as_user(cast.clerk).get(reverse("policies:detail", args=[owed.number])).content.decode()
    assert "投保人的继承人" in page and "溢缴退费（申请人身份：继承人）" in page


def test_the_entry_asks_for_the_heirs_in_place_of_the_payee(cast, owed, family, as_user):
    case = accept(cast, item="PS28", policy=owed, applicant=family[0], applicant_kind="heir", more_papers=OF_HEIRS)
    perform(case, "pass_precheck", actor=cast.clerk, overrides=overrides_at_counter(case))
    page = as_user(cast.entry).get(reverse("intake:entry", args=[case.number])).content.decode()
    assert 'name="heirs-0-name" value="继承人甲"' in page and 'name="payee"' not in page
