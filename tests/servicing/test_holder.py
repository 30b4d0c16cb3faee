"""PS12 投保人变更: by the policyholder with the insured's consent; where he has died, by the heir who takes his place."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from lifeops.cases.errors import Invalid, Refused
from lifeops.cases.findings import evaluate_rules
from lifeops.cases.models import Case
from lifeops.cases.perform import perform
from lifeops.cases.states import State
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Endorsement, Party, Payment, Policy
from lifeops.policies.services import merging
from lifeops.policies.services.events import replay
from lifeops.policies.services.holder import change_policyholder, holder_on
from lifeops.policies.services.lending import open_loans
from lifeops.policies.services.particulars import end, record_death
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.servicing import surrender
from servicing.holder import HolderFacts, holder_findings
from servicing.rules import ConsentFacts
from servicing.services import summary
from tests.api.calls import ROOT
from tests.factories import accept, again, handed_over, lent_on, make_party, make_policy
from tests.servicing.test_contract_items import letter
from tests.servicing.test_contract_rules import levels
from tests.servicing.test_heirs import dead, release
from tests.servicing.test_journey import approve, book, conclude, to_the_shelf

pytestmark = pytest.mark.django_db
OF_HEIR = ("DEATH_CERT", "INHERIT_PROOF", "ID_HEIR")


def new_holder(party: Party, relation: str = "parent", **fields: str) -> dict[str, str]:
    """What is keyed of a person on file; the insured agrees."""
    return {
        "holder_name": party.name, "holder_id_type": party.id_type, "holder_id_number": party.id_number, "holder_id_valid_to": "2040-01-01",
        "holder_birth_date": "", "holder_phone": party.phone, "holder_address": "", "new_relation": relation, "consent_by": "insured",
        "consent_on": str(timezone.localdate()),
    } | fields  # fmt: skip


@pytest.fixture
def couple(cast) -> Policy:
    """Held by one, on the life of the other, with a loan."""
    policy = make_policy(cast.county, cast.clerk, product="W30", policyholder=make_party(name="原投保人"), relation="spouse")
    return lent_on(policy, cast)


def test_the_contract_goes_over_as_it_stands(cast, couple):
    new, today = make_party(name="新投保人"), timezone.localdate()
    case = handed_over(cast, item="PS12", policy=couple, **new_holder(new))
    told = dict(dict(summary(case, case.record))["申请"])
    assert told["新投保人"] == f"新投保人（{new.id_masked}）" and told["被保险人同意"].startswith("被保险人本人")
    assert book(couple).hold_case == case.number
    conclude(cast)
    assert book(couple).policyholder.name == "原投保人"
    approve(cast)
    found = book(couple)
    assert (found.policyholder, found.relation, found.hold_case, found.status) == (new, "parent", "", "in_force")
    assert open_loans(found) and not Payment.objects.filter(case_number=case.number).exists()
    event = found.events.get(kind="holder")
    assert event.data == {"policyholder": new.pk, "policyholder_before": couple.policyholder_id} and event.case_number == case.number
    assert holder_on(found, today - timedelta(days=1)).name == "原投保人" and holder_on(found, today).name == "新投保人"
    assert replay(found, today).status == "in_force"
    paper = letter(cast, case, "endorsement")
    assert [(c["entry"], c["before"], c["after"]) for c in paper["changes"]][1] == ("被保险人是投保人的", "配偶", "父母")
    assert new.id_number not in str(paper) and "由新投保人交纳保险费" in paper["remark"] and paper["addressee"] == "新投保人"
    assert to_the_shelf(cast, case, "endorsement").state == State.ARCHIVED
    assert Endorsement.objects.get(case_number=case.number).title == "投保人变更"


def test_of_a_day_before_the_page_and_the_interface_name_who_held_it_then(cast, couple, as_user, api):
    case = handed_over(cast, item="PS12", policy=couple, **new_holder(make_party(name="新投保人")))
    conclude(cast)
    approve(cast)
    assert again(case).state == State.APPROVED
    day = timezone.localdate() - timedelta(days=2)
    page = as_user(cast.ps_reviewer).get(f"{reverse('policies:detail', args=[couple.number])}?as_of={day}").content.decode()
    assert "原投保人" in page
    told = api(cast.ps_reviewer).get(f"{ROOT}/policies/{couple.number}/?as_of={day}").json()
    assert told["policyholder"]["name"].startswith("原")
    assert api(cast.ps_reviewer).get(f"{ROOT}/policies/{couple.number}/").json()["policyholder"]["name"].startswith("新")


def heir_case(cast, policy: Policy, heir: Party, papers=OF_HEIR, **fields) -> Case:
    asked = new_holder(heir) | {"heir_proof": "notary", "heir_paper": "（2026）样公证字第 2 号"}
    return handed_over(cast, item="PS12", policy=policy, applicant=heir, applicant_kind="heir", more_papers=papers, **(asked | fields))


def test_an_heir_takes_the_place_of_a_policyholder_who_has_died(cast, couple):
    """Afterwards what waits for the policyholder is had by him."""
    receive_premium(policy=couple, amount=Decimal("50.00"), received_on=timezone.localdate(), reference="P1", actor=cast.clerk, now=timezone.now())
    heir = make_party(name="继承人甲")
    with pytest.raises(Invalid, match="投保人原投保人未登记身故"):
        accept(cast, item="PS12", policy=couple, applicant=heir, applicant_kind="heir")
    dead(cast, couple.policyholder)
    case = heir_case(cast, book(couple), heir)
    conclude(cast)
    approve(cast)
    assert book(couple).policyholder == heir
    paper = letter(cast, case, "endorsement")
    assert "原投保人已身故，由继承人依继承权公证书 （2026）样公证字第 2 号承继" in paper["remark"]
    done = handed_over(cast, item="PS28", policy=book(couple))
    conclude(cast)
    approve(cast)
    assert Payment.objects.get(case_number=done.number).payee == "继承人甲"


def test_a_death_on_which_an_heir_took_the_place_stands(cast, couple):
    """Also where he had asked before it was written down."""
    person = couple.policyholder
    dead(cast, person, days=5)
    heir_case(cast, book(couple), make_party(name="继承人甲"), submitted_on=timezone.localdate() - timedelta(days=1), consent_on=str(timezone.localdate() - timedelta(days=2)))
    conclude(cast)
    approve(cast)
    with pytest.raises(BookRefused, match="登记不能撤销"):
        end(row=person.deathrecord_rows.get(), actor=cast.head, now=timezone.now())
    assert Party.objects.get(pk=person.pk).died_on is not None


def test_it_stands_when_the_dead_customer_was_on_file_twice(cast, couple):
    person, now = couple.policyholder, timezone.now()
    dead(cast, person)
    heir_case(cast, book(couple), make_party(name="继承人甲"))
    conclude(cast)
    approve(cast)
    twin = make_party(name=person.name, sex=person.sex, birth_date=person.birth_date)
    record_death(party=twin, died_on=Party.objects.get(pk=person.pk).died_on, evidence="hospital", actor=cast.clerk, now=now)
    row = merging.propose(one=Party.objects.get(pk=person.pk), two=twin, actor=cast.clerk, now=now)
    merging.merge(duplicate=row, survivor=twin, actor=cast.head, now=now, reason="同一人")
    with pytest.raises(BookRefused, match="登记不能撤销"):
        end(row=twin.deathrecord_rows.get(), actor=cast.head, now=now)
    assert Party.objects.get(pk=twin.pk).died_on is not None


def test_a_contract_given_away_before_the_death_is_no_hindrance_to_taking_it_back(cast, couple):
    person, yesterday = couple.policyholder, timezone.now() - timedelta(days=1)
    change_policyholder(
        policy=couple, case_number="PS-1", new=make_party(name="新投保人"), relation="spouse", day=yesterday.date(), actor=cast.clerk, now=yesterday
    )
    dead(cast, person)
    end(row=person.deathrecord_rows.get(), actor=cast.head, now=timezone.now())
    assert Party.objects.get(pk=person.pk).died_on is None


def test_a_change_does_not_hold_from_before_the_last_one(cast, couple):
    """Who asks has been policyholder since then only."""
    today, second = timezone.localdate(), make_party(name="第二人")
    change_policyholder(policy=couple, case_number="PS-1", new=second, relation="spouse", day=today, actor=cast.clerk, now=timezone.now())
    early = today - timedelta(days=3)
    with pytest.raises(Invalid) as caught:
        handed_over(cast, item="PS12", policy=book(couple), submitted_on=early, **new_holder(make_party(name="第三人"), consent_on=str(early)))
    assert caught.value.errors["holder_name"] == [f"现投保人自 {today} 起为投保人，变更不能自更早的 {early} 起"]
    release(couple)
    with pytest.raises(BookRefused, match="变更不能自更早的"):
        change_policyholder(policy=couple, case_number="PS-2", new=make_party(), relation="spouse", day=early, actor=cast.clerk, now=timezone.now())
    handed_over(cast, item="PS12", policy=book(couple), **new_holder(make_party(name="第三人")))
    conclude(cast)
    approve(cast)
    found = book(couple)
    assert [holder_on(found, day).name for day in (early, today)] == ["原投保人", "第三人"]


def test_money_asked_for_soon_after_is_looked_at(cast, couple):
    handed_over(cast, item="PS12", policy=couple, **new_holder(make_party(name="新投保人")))
    conclude(cast)
    approve(cast)
    case = handed_over(cast, item="PS02", policy=book(couple))
    [found] = [f for f in evaluate_rules(again(case), timezone.now()) if f.code == "S17"]
    assert found.level == "warn" and "联系方式或投保人" in found.message and found.value == str(timezone.localdate())


def test_nobody_acts_for_a_policyholder_who_has_died(cast, couple):
    dead(cast, couple.policyholder)
    with pytest.raises(Invalid, match="投保人已身故，不能办理"):
        handed_over(cast, item="PS12", policy=book(couple), **new_holder(make_party()))


def test_the_heir_is_the_new_policyholder_himself(cast, couple):
    dead(cast, couple.policyholder)
    with pytest.raises(Invalid, match="新投保人应为申请人 继承人甲 本人"):
        heir_case(cast, book(couple), make_party(name="继承人甲"), **new_holder(make_party(name="旁人")))


@pytest.mark.parametrize(("papers", "fields", "words"), [
    (("DEATH_CERT", "ID_HEIR"), {}, "必备资料不全"),
    (OF_HEIR, {"heir_paper": ""}, "请填写公证书或法律文书的编号"),
    (OF_HEIR, {"heir_proof": ""}, "请选择继承依据"),
])  # fmt: skip
def test_an_heir_proves_that_he_is_one(cast, couple, papers, fields, words):
    dead(cast, couple.policyholder)
    with pytest.raises(Invalid, match=words):
        heir_case(cast, book(couple), make_party(name="继承人甲"), papers=papers, **fields)


def test_where_the_insured_has_died_too_the_claim_is_first(cast, couple):
    dead(cast, couple.policyholder)
    dead(cast, couple.insured)
    with pytest.raises(Invalid, match="被保险人已身故，先办身故理赔"):
        accept(cast, item="PS12", policy=book(couple), applicant=make_party(), applicant_kind="heir")


def test_of_a_contract_that_is_over_there_is_nothing_to_take_over(cast, couple):
    surrender(policy=couple, case_number="PSX1", day=timezone.localdate(), actor=cast.ps_reviewer, now=timezone.now())
    dead(cast, couple.policyholder)
    with pytest.raises(Invalid, match="合同已终止，不能再变更投保人"):
        accept(cast, item="PS12", policy=book(couple), applicant=make_party(), applicant_kind="heir")


def test_without_the_insureds_consent_it_does_not_leave_the_branch(cast, couple):
    with pytest.raises(Invalid, match="须有被保险人书面同意"):
        handed_over(cast, item="PS12", policy=couple, **new_holder(make_party(), consent_by="", consent_on=""))
    release(couple)
    own = handed_over(cast, item="PS12", policy=book(couple), **new_holder(couple.insured, "self", consent_by="", consent_on=""))
    conclude(cast)
    approve(cast)
    assert again(own).state == State.APPROVED and book(couple).policyholder == couple.insured


@pytest.mark.parametrize(("who", "relation", "fields", "field", "words"), [
    ("holder", "spouse", {}, "holder_name", "已是本保单的投保人"),
    ("child", "parent", {}, "holder_name", "未满 18 周岁"),
    ("other", "self", {}, "new_relation", "新投保人不是被保险人"),
    ("insured", "spouse", {}, "new_relation", "请选择“本人”"),
    ("other", "spouse", {"holder_name": "别名"}, "holder_name", "证件号码已登记在"),
    ("other", "spouse", {"holder_id_number": "990101198605170012"}, "holder_id_number", "校验位不符"),
    ("other", "spouse", {"holder_phone": "12"}, "holder_phone", "电话应为"),
    ("other", "", {}, "new_relation", "请选择被保险人与新投保人的关系"),
    ("dead", "spouse", {}, "holder_name", "身故"),
])  # fmt: skip
def test_who_cannot_be_policyholder_is_told_at_the_field(cast, couple, who, relation, fields, field, words):
    person = {
        "holder": lambda: couple.policyholder, "insured": lambda: couple.insured, "child": lambda: make_party(birth_date=date(2015, 3, 1)),
        "other": make_party, "dead": lambda: dead(cast, make_party()),
    }[who]()
    with pytest.raises(Invalid) as caught:
        handed_over(cast, item="PS12", policy=couple, **(new_holder(person, relation) | fields))
    assert words in caught.value.errors[field][0]


def test_only_the_policyholder_gives_it_away_and_two_persons_sign(cast, couple):
    with pytest.raises(Invalid, match="申请人无权申请此项目"):
        handed_over(cast, item="PS12", policy=couple, applicant=couple.insured, applicant_kind="insured", **new_holder(make_party()))
    release(couple)
    case = handed_over(cast, item="PS12", policy=book(couple), **new_holder(make_party()))
    conclude(cast)
    with pytest.raises(Refused):
        perform(again(case), "approve", actor=cast.ps_reviewer, opinion="同意")
    assert book(couple).policyholder.name == "原投保人"


def test_refused_the_contract_stays_where_it_is(cast, couple):
    case = handed_over(cast, item="PS12", policy=couple, **new_holder(make_party()))
    conclude(cast, outcome="REFUSE", reason_code="P15")
    approve(cast)
    assert (again(case).state, book(couple).policyholder.name, book(couple).hold_case) == (State.DECLINED, "原投保人", "")


CONSENT = ConsentFacts(asked_on=date(2026, 11, 1), by_insured=True, insured_age=40)
FACTS = HolderFacts(new="新", relation="spouse", relation_label="配偶", consent=CONSENT)
MINOR = ConsentFacts(asked_on=date(2026, 11, 1), by_insured=False, insured_age=9, consent_by="guardian", consent_on=date(2026, 11, 1))


@pytest.mark.parametrize(("fields", "expected"), [
    ({}, {}),
    ({"refused": "未满"}, {"S131": "block"}),
    ({"relation": "other"}, {"S132": "warn"}),
    ({"consent": ConsentFacts(asked_on=date(2026, 11, 1), by_insured=False, insured_age=40)}, {"S133": "block"}),
    ({"consent": MINOR, "relation": "child"}, {}),
    ({"consent": MINOR, "relation": "sibling"}, {"S132": "warn", "S134": "warn"}),
    ({"waiver": "投保人豁免"}, {"S135": "block"}),
    ({"heir": "继承权公证书 1"}, {"S136": "warn"}),
    ({"heir": ""}, {"S136": "block"}),
    ({"heir": "协议", "missing": ["亲属关系证明"]}, {"S136": "block"}),
])  # fmt: skip
def test_what_stands_against_it(fields, expected):
    found = holder_findings(HolderFacts(**(vars(FACTS) | fields)))
    assert levels(found) == expected and all(row.value and row.limit and row.message for row in found)
