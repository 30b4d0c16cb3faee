"""What comes to light after a death was paid, or was paid out before it was told: 补付 of a benefit, survival benefits to be given back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from archive.services import move_money
from lifeops.cases.errors import Invalid
from lifeops.cases.perform import perform
from lifeops.cases.queues import take_next
from lifeops.demo.customers import Book
from lifeops.demo.dividends import YEARS, sell
from lifeops.notices.models import Notice
from lifeops.org.models import Role
from lifeops.policies.identity import compose_card
from lifeops.policies.models import Payment, Policy, Product
from lifeops.policies.rules.dates import add_years, anniversary
from lifeops.policies.rules.lines import money
from lifeops.policies.services.collecting import collect_benefits
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.ledger import balances, waiting_by_kind
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.payments import unpaid
from lifeops.policies.services.premiums import receive_premium
from tests.api.calls import ROOT
from tests.cast import hire
from tests.claims.test_journey import conclude
from tests.factories import again, handed_over, make_party, make_policy, matured_policy, surviving_policy

pytestmark = pytest.mark.django_db
HEIRS = [{
    "name": "测试客户", "relation": "子女", "order": 1, "sex": "M", "birth_date": date(2001, 5, 17), "id_type": "resident",
    "id_number": compose_card(region="990101", birth_date=date(2001, 5, 17), sequence=811),
}]  # fmt: skip


def book(policy: Policy) -> Policy:
    return Policy.objects.get(pk=policy.pk)


@pytest.fixture
def say(cast):
    """A yearly bonus of the effective sum, approved on a day."""
    approver = hire("head.approver", Role.APPROVER, cast.units["hq"], 3)

    def _say(first: Any, last: Any, at: datetime, **told: Any) -> None:
        given = {"kind": "bonus", "base": "effective", "rate": Decimal("0.02"), "product": Product.objects.get(code="A60")} | told
        row = declare(**given, first_on=first, last_on=last, reason="决议", actor=cast.manager, now=at)
        decide(row=row, approve=True, remark="", actor=approver, now=at)

    return _say


def paid(cast, policy: Policy, died, **fields: Any):
    """A death claim to its last signature; (case, decision)."""
    case = handed_over(cast, item="CL01", policy=book(policy), event_on=died.isoformat(), **fields)
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    found = again(case)
    if found.state == "pending_approval":
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    return again(case), again(case).current_decision()


@pytest.fixture
def annuity(cast, say):
    """Its bonuses but that of the last year before the death were approved in time; (policy, day of death)."""
    policy, today = sell(Book(cast.clerk), cast.county, "A60"), timezone.localdate()
    begun = policy.effective_on
    say(begun, anniversary(begun, YEARS) - timedelta(days=1), datetime(begun.year, begun.month, begun.day, 3, tzinfo=UTC))
    run_policy_day(today)
    return book(policy), today - timedelta(days=20)


def test_a_rate_approved_before_the_decision_is_in_it(cast, say, annuity, as_user):
    policy, died = annuity
    case = handed_over(cast, item="CL01", policy=policy, event_on=died.isoformat())
    taken, last = take_next(cast.cl_reviewer, "claims"), anniversary(policy.effective_on, YEARS)
    preview = reverse("cases:preview", args=[case.number])
    before = as_user(cast.cl_reviewer).post(preview, {"outcome": "PAY"}).content.decode()
    say(last, last, timezone.now())
    after = as_user(cast.cl_reviewer).post(preview, {"outcome": "PAY"}).content.decode()
    words = f"身故前第 {YEARS} 年度红利保额，计入有效保险金额"
    assert words in after and words not in before
    # the day run leaves a policy that a case holds
    run_policy_day(timezone.localdate())
    assert not policy.events.filter(key__startswith=f"bonus:{YEARS}:").exists()
    conclude(taken, cast.cl_reviewer)
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    event = policy.events.get(key__startswith=f"bonus:{YEARS}:")
    assert (event.case_number, event.source) == (case.number, "case") and unpaid(book(policy), case.number) == 0
    run_policy_day(timezone.localdate())
    assert "supplement" not in waiting_by_kind(book(policy))


def test_one_approved_between_conclusion_and_signature_sends_it_back(cast, say, annuity):
    from lifeops.cases.errors import Refused

    policy, died = annuity
    case = handed_over(cast, item="CL01", policy=policy, event_on=died.isoformat())
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    last = anniversary(policy.effective_on, YEARS)
    say(last, last, timezone.now())
    with pytest.raises(Refused, match="审核后应付金额有变化"):
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert book(policy).status == "in_force" and not Payment.objects.filter(case_number=case.number).exists()


def test_one_approved_after_the_payment_is_found_told_and_paid_by_a_second_claim(cast, say, annuity, as_user, api):
    policy, died = annuity
    first, decision = paid(cast, policy, died)
    last, today = anniversary(policy.effective_on, YEARS), timezone.localdate()
    say(last, last, timezone.now())
    for _ in range(2):
        run_policy_day(today)
    waits = waiting_by_kind(book(policy))["supplement"]
    bonus = policy.events.get(key__startswith=f"bonus:{YEARS}:")
    assert waits > 0 and bonus.source == "job" and policy.events.filter(note__contains="待补付").count() == 1
    # seen by who has to do with it
    assert {n.recipient for n in Notice.objects.filter(key__startswith="supplement:")} >= {cast.head, cast.cl_reviewer}
    assert Notice.objects.filter(key__startswith="supplement:", recipient=cast.head).count() == 1
    page = as_user(cast.cl_reviewer).get(reverse("policies:detail", args=[policy.number])).content.decode()
    box = page.partition('id="uncollected"')[2].partition("</section>")[0]
    assert all(words in box for words in ("待补付身故保险金", f"{waits:,.2f}", "身故受益人", "身故理赔（补付）"))
    told = api(cast.cl_reviewer).get(f"{ROOT}/policies/{policy.number}/").json()["uncollected"]
    assert [(row["kind"], row["amount"]) for row in told if row["kind"] == "supplement"] == [("supplement", f"{waits:.2f}")]
    # had by a second claim
    second, more = paid(cast, policy, died)
    assert more.amount == waits and {"label": "减：前案已理算的身故给付", "formula": first.number, "value": f"{-decision.amount:.2f}", "counts": True} in more.lines
    payment = Payment.objects.get(case_number=second.number)
    found = book(policy)
    assert (payment.amount, unpaid(found, second.number), found.hold_case) == (waits, 0, "") and "supplement" not in waiting_by_kind(found)
    for act, given in (("release", {}), ("settle", {"reference": "B1"})):
        move_money(case=second, payment=payment, act=act, actor=cast.head, now=timezone.now(), **given)
    assert balances(book(policy))["benefit"] == decision.amount + waits and sum(balances(book(policy)).values()) == 0
    run_policy_day(today)
    assert "supplement" not in waiting_by_kind(book(policy))
    # a third finds nothing
    case = handed_over(cast, item="CL01", policy=book(policy), event_on=died.isoformat())
    with pytest.raises(Invalid, match="应付金额为零"):
        conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    assert not Payment.objects.filter(case_number=case.number).exists()


def test_what_a_second_claim_does_not_grant_waits_no_longer(cast, say, annuity):
    policy, died = annuity
    _, decision = paid(cast, policy, died)
    last, today = anniversary(policy.effective_on, YEARS), timezone.localdate()
    say(last, last, timezone.now())
    run_policy_day(today)
    waits = waiting_by_kind(book(policy))["supplement"]
    second, granted = handed_over(cast, item="CL01", policy=book(policy), event_on=died.isoformat()), waits - Decimal("0.01")
    conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer, outcome="PART", amount=f"{granted:.2f}", reason_code="C08")
    if again(second).state == "pending_approval":
        perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    for _ in range(2):
        found = book(policy)
        assert "supplement" not in waiting_by_kind(found) and unpaid(found, second.number) == 0
        assert balances(found)["benefit"] == decision.amount + granted and sum(balances(found).values()) == 0
        run_policy_day(today)
    assert policy.events.filter(case_number=second.number, note__endswith="其余 0.01 元不予给付").count() == 1


def test_the_claimant_need_not_wait_for_the_day_run(cast, say, annuity):
    policy, died = annuity
    paid(cast, policy, died)
    last = anniversary(policy.effective_on, YEARS)
    say(last, last, timezone.now())
    second, more = paid(cast, policy, died)
    assert more.amount > 0 and unpaid(book(policy), second.number) == 0
    run_policy_day(timezone.localdate())
    assert "supplement" not in waiting_by_kind(book(policy))
    assert policy.events.get(key__startswith=f"bonus:{YEARS}:").case_number == second.number


def test_what_waits_already_is_not_found_once_more_with_the_next_rate(cast, say, annuity):
    policy, died = annuity
    _, decision = paid(cast, policy, died)
    last, today = anniversary(policy.effective_on, YEARS), timezone.localdate()
    say(last, last, timezone.now())
    run_policy_day(today)
    first = waiting_by_kind(book(policy))["supplement"]
    say(policy.effective_on, today, timezone.now(), kind="terminal", base="basic", rate=Decimal("0.01"), ending="death")
    run_policy_day(today)
    waits = waiting_by_kind(book(policy))["supplement"]
    assert waits - first == money(policy.main.sum_assured * Decimal("0.01")) and first > 0
    _, more = paid(cast, policy, died)
    assert (more.amount, balances(book(policy))["benefit"]) == (waits, decision.amount + waits)


def test_a_terminal_bonus_approved_after_the_payment_likewise(cast, say, annuity):
    policy, died = annuity
    paid(cast, policy, died)
    say(policy.effective_on, timezone.localdate(), timezone.now(), kind="terminal", base="basic", rate=Decimal("0.01"), ending="death")
    run_policy_day(timezone.localdate())
    assert waiting_by_kind(book(policy))["supplement"] == money(policy.main.sum_assured * Decimal("0.01"))


# ── a term that was over when the death was told ──


@pytest.mark.parametrize("collected", [False, True])
def test_a_death_before_the_end_of_a_term_is_paid_though_the_end_has_come(cast, as_user, collected):
    """两全保险 over 10,000 元: what it paid at the end is taken back, or to come back from the estate."""
    policy = matured_policy(cast, beneficiaries=HEIRS)
    waits = waiting_by_kind(policy)["maturity"]
    if collected:
        collect_benefits(policy=policy, case_number="PS-1", ended=True, day=timezone.localdate() - timedelta(days=2), actor=cast.clerk, now=timezone.now())
    died = policy.terminated_on - timedelta(days=5)
    case, decision = paid(cast, policy, died)
    assert "身故后应付的满期金冲回" in {row["label"] for row in decision.lines}
    found = book(policy)
    assert (found.termination, found.terminated_on, found.insured.died_on) == ("身故给付", died, died)
    assert "maturity" not in waiting_by_kind(found) and balances(found).get("recoverable", 0) == (waits if collected else 0)
    assert Payment.objects.get(case_number=case.number).amount == decision.amount > 0 and unpaid(found, case.number) == 0
    page = as_user(cast.cl_reviewer).get(reverse("policies:detail", args=[policy.number])).content.decode()
    assert f"{died} 身故，更正终止" in page and ('id="recoverable"' in page) == collected
    assert sum(balances(found).values()) == 0


def test_a_death_after_the_end_is_not(cast):
    policy = matured_policy(cast, beneficiaries=HEIRS)
    case = handed_over(cast, item="CL01", policy=policy, event_on=policy.terminated_on.isoformat())
    with pytest.raises(Invalid, match="责任核定未通过"):
        conclude(take_next(cast.cl_reviewer, "claims"), cast.cl_reviewer)
    assert book(policy).termination == "满期" and not Payment.objects.filter(case_number=case.number).exists()


# ── survival benefits collected after the death ──


@pytest.fixture
def late(cast):
    """Two years' survival benefits were collected; the death was before the second; (policy, day of death)."""
    policy = surviving_policy(cast, beneficiaries=HEIRS)
    collect_benefits(policy=policy, case_number="PS-1", ended=False, day=timezone.localdate() - timedelta(days=5), actor=cast.clerk, now=timezone.now())
    return book(policy), add_years(policy.effective_on, 2) - timedelta(days=10)


def test_the_beneficiary_has_the_whole_benefit_and_the_reviewer_is_shown_what_is_to_come_back(cast, late, as_user):
    policy, died = late
    case = handed_over(cast, item="CL01", policy=policy, event_on=died.isoformat())
    taken = take_next(cast.cl_reviewer, "claims")
    text = as_user(cast.cl_reviewer).post(reverse("cases:preview", args=[case.number]), {"outcome": "PAY"}).content.decode()
    assert "身故后已领取的生存给付，待追回" in text and "民法典第985条" in text
    conclude(taken, cast.cl_reviewer)
    perform(take_next(cast.approver_high, "approval"), "approve", actor=cast.approver_high, opinion="同意")
    assert Payment.objects.get(case_number=case.number).amount == 300000
    found = book(policy)
    assert balances(found)["recoverable"] == 3000 and unpaid(found, case.number) == 0
    event = found.events.get(kind="benefit_undone")
    assert (event.case_number, event.actor) == (case.number, cast.approver_high) and "3,000.00 元待追回" in event.note


def test_without_a_beneficiary_it_is_taken_off(cast):
    policy = surviving_policy(cast)
    collect_benefits(policy=policy, case_number="PS-1", ended=False, day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    case, decision = paid(cast, policy, add_years(policy.effective_on, 2) - timedelta(days=10))
    assert decision.amount == 297000 and "recoverable" not in balances(book(policy))
    assert balances(book(policy))["benefit"] == 303000 and unpaid(book(policy), case.number) == 0


@pytest.fixture
def owing(cast, late):
    """3,000 元 are to come back, 2,000 of them have come by the bank's file."""
    policy, died = late
    paid(cast, policy, died)
    receive_premium(policy=book(policy), amount=Decimal(2000), received_on=timezone.localdate(), reference="R1", actor=None, now=timezone.now())
    return book(policy)


GIVEN = {"reference": "R1", "amount": "2000", "reason": "继承人返还"}


def test_it_is_settled_on_the_policys_page(cast, owing, as_user):
    url, detail = reverse("policies:recover", args=[owing.number]), reverse("policies:detail", args=[owing.number])
    client = as_user(cast.cl_reviewer)
    box = client.get(detail).content.decode().partition('id="recoverable"')[2].partition("</section>")[0]
    assert all(words in box for words in ("待追回款", "身故后领取的第 2 年生存金", "3,000.00", "被保险人的继承人", url))
    wrong = client.post(url, GIVEN | {"amount": "2000.01"})
    assert wrong.status_code == 400 and "至多 2,000.00 元" in wrong.content.decode() and 'value="继承人返还"' in wrong.content.decode()
    assert client.post(url, GIVEN).status_code == 302
    row = owing.recoveries.get()
    told = Notice.objects.filter(key=f"recovery:{row.pk}")
    assert cast.head.pk in (who := set(told.values_list("recipient", flat=True))) and not {cast.cl_reviewer.pk, cast.clerk.pk, cast.other_head.pk} & who
    assert owing.number in told[0].body and "R1" not in told[0].body
    yes, no = (reverse("policies:recover_act", args=[owing.number, row.pk, act]) for act in ("approve", "refuse"))
    box = client.get(detail).content.decode().partition('id="recoverable"')[2].partition("</section>")[0]
    assert "追回待批准：R1，继承人返还" in box and yes not in box and url not in box and "3,000.00" in box
    own = client.post(yes, {"remark": ""})
    assert own.status_code == 400 and "由另一人批准：保单所属机构的机构主管" in own.content.decode() and balances(book(owing))["recoverable"] == 3000
    other = as_user(cast.head)
    box = other.get(detail).content.decode().partition('id="recoverable"')[2].partition("</section>")[0]
    assert yes in box and no in box and "2,000.00" in other.get(yes).content.decode()
    bare = other.post(no, {"remark": ""})
    assert bare.status_code == 400 and "驳回须写明意见" in bare.content.decode()
    assert other.post(yes, {"remark": ""}).status_code == 302
    assert (balances(book(owing))["recoverable"], book(owing).suspense) == (1000, 0)
    box = other.get(detail).content.decode().partition('id="recoverable"')[2].partition("</section>")[0]
    assert "1,000.00" in box and "待批准" not in box


def test_whoever_asked_for_it_learns_what_has_become_of_it(cast, owing, as_user):
    detail = reverse("policies:detail", args=[owing.number])
    as_user(cast.cl_reviewer).post(reverse("policies:recover", args=[owing.number]), GIVEN)
    row = owing.recoveries.get()
    assert as_user(cast.head).post(reverse("policies:recover_act", args=[owing.number, row.pk, "refuse"]), {"remark": "流水与返还人不符"}).status_code == 302
    [told] = Notice.objects.filter(recipient=cast.cl_reviewer, key__startswith=f"recovery:{row.pk}")
    assert (told.title, told.url) == ("款项追回已驳回", detail) and "流水" not in told.body  # goes out by mail as well
    box = as_user(cast.cl_reviewer).get(detail).content.decode().partition('id="recoverable"')[2].partition("</section>")[0]
    assert "追回已驳回：R1，流水与返还人不符" in box and "登记追回" in box
    as_user(cast.cl_reviewer).post(reverse("policies:recover", args=[owing.number]), GIVEN)
    again = owing.recoveries.first()
    as_user(cast.head).post(reverse("policies:recover_act", args=[owing.number, again.pk, "approve"]), {})
    assert Notice.objects.filter(recipient=cast.cl_reviewer, title="款项追回已生效").count() == 1
    assert "追回已驳回" not in as_user(cast.cl_reviewer).get(detail).content.decode()


@pytest.mark.parametrize(("who", "status"), [("clerk", 403), ("cl_reviewer", 201), ("head", 201), ("manager", 201), ("auditor", 403), ("other_head", 404)])
def test_who_may_ask_for_it_by_interface(cast, owing, api, who, status):
    answer = api(getattr(cast, who)).post(f"{ROOT}/policies/{owing.number}/recover/", GIVEN, format="json")
    assert answer.status_code == status, answer.content
    assert balances(book(owing))["recoverable"] == 3000 and owing.recoveries.exists() == (status == 201)
    if status == 201:
        told = answer.json()
        assert (told["reference"], told["amount"], told["state"], told["decided_by"]) == ("R1", "2000.00", "open", None)


@pytest.mark.parametrize(("who", "status"), [("clerk", 403), ("cl_reviewer", 403), ("head", 200), ("manager", 200), ("auditor", 403), ("other_head", 404)])
def test_who_may_decide_on_it_by_interface(cast, owing, api, who, status):
    """Asked for by the reviewer of claims."""
    url = f"{ROOT}/policies/{owing.number}/recover/"
    row = api(cast.cl_reviewer).post(url, GIVEN, format="json").json()
    answer = api(getattr(cast, who)).post(f"{url}{row['id']}/decide/", {"approve": True}, format="json")
    assert answer.status_code == status, answer.content
    assert balances(book(owing))["recoverable"] == (1000 if status == 200 else 3000)
    if status == 200:
        assert answer.json()["state"] == "applied" and api(cast.cl_reviewer).get(url).json()["results"] == [answer.json()]


def test_it_is_decided_on_at_its_own_policy(cast, owing, api):
    other = make_policy(owing.branch, cast.clerk)
    row = api(cast.cl_reviewer).post(f"{ROOT}/policies/{owing.number}/recover/", GIVEN, format="json").json()
    answer = api(cast.head).post(f"{ROOT}/policies/{other.number}/recover/{row['id']}/decide/", {"approve": True}, format="json")
    assert answer.status_code == 404 and owing.recoveries.get().state == "open"


def test_the_page_of_others_has_no_way_to_it(cast, owing, as_user):
    client = as_user(cast.clerk)
    assert "登记追回" not in client.get(reverse("policies:detail", args=[owing.number])).content.decode()
    assert client.post(reverse("policies:recover", args=[owing.number]), GIVEN).status_code == 403


def test_whoever_refunds_what_came_in_is_told_of_it(cast):
    """The policyholder is another; what came by the bank's file waits as 暂收 and could be the heirs' money."""
    policy = surviving_policy(cast, beneficiaries=HEIRS, policyholder=make_party(), relation="spouse")
    collect_benefits(policy=policy, case_number="PS-1", ended=False, day=timezone.localdate(), actor=cast.clerk, now=timezone.now())
    paid(cast, policy, add_years(policy.effective_on, 2) - timedelta(days=10))
    receive_premium(policy=book(policy), amount=Decimal(2000), received_on=timezone.localdate(), reference="R1", actor=None, now=timezone.now())
    case = handed_over(cast, item="PS28", policy=book(policy))
    row = case.findings.get(stage="entry", code="S102")
    assert row.level == "warn" and "待追回的款项 3,000.00 元，到账如为返还，请先登记追回" in row.value


def test_the_statement_tells_it(cast, owing):
    from lifeops.documents.statements import content

    assert "另有身故后领取的第 2 年生存金 3,000.00 元待返还" in content(owing, timezone.now())["value_note"]
