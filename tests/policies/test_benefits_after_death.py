"""A death that is reported late: survival benefits that fell due after it are taken back; who collected them owes them, and what may be
taken off whose money."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, LedgerEntry, Party, Payment, Policy, PolicyNotice
from lifeops.policies.rules.lines import ZERO, Calculation, Line
from lifeops.policies.services.benefits_after import less_owed_back, owed_back, taken_off_benefit
from lifeops.policies.services.claiming import death_standing
from lifeops.policies.services.collecting import collect_benefits, due_after, waiting
from lifeops.policies.services.events import replay
from lifeops.policies.services.ledger import balances, statement
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.payments import (
    create_payment,
    reissue_payment,
    release_payment,
    return_payment,
    unpaid,
)
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.recovering import recoverable
from tests.policies.conftest import EFFECTIVE, NOW, person
from tests.policies.disclosures import load
from tests.policies.dying import ended_by_claim
from tests.policies.selling import sell
from tests.policies.test_dividend_options import now, on

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
D = Decimal
BENEFIT = D("150000.00")
#: The annuity falls due from the eleventh anniversary on; between the second and the third of it.
DIED = on(12) + timedelta(days=40)


@pytest.fixture
def annuity(cast, issue):
    """`annuity(heirs=…)`: as `annuity_of` sells it."""
    return partial(annuity_of, issue)


def annuity_of(issue, heirs: bool = True, holder: Party | None = None, n: int = 0) -> Policy:
    """P123001 on a man of 39 for 100,000 元 at once, paid from 50 on."""
    [version] = load("P123001")
    life = person(f"年{n}", sequence=701 + 2 * n)
    named = [{"name": "受益人甲", "relation": "子女", "order": 1}] if heirs else []
    other = {} if holder is None else {"policyholder": holder, "relation": "spouse"}

    def issued(**fields: Any) -> Policy:
        return issue(beneficiaries=named, **({"policyholder": life} | other | fields))

    return sell(issued, version, insured=life, cover_term="TO_88", premium=D(100000), annuity_start_age=50)


def collected(policy: Policy, cast, day: date, number: str = "PS-1") -> Decimal:
    return collect_benefits(policy=policy, case_number=number, ended=False, day=day, actor=cast.clerk, now=NOW).amount


def reckoned(policy: Policy, died: date = DIED, benefit: Decimal = BENEFIT) -> Calculation:
    due = less_owed_back(Calculation.of([Line(label="身故保险金", value=benefit)]), death_standing(now(policy), died).owed_back)
    assert due.amount == sum(line.value for line in due.lines if line.counts) >= 0
    return due


def claimed(policy: Policy, cast, day: date, died: date = DIED, benefit: Decimal = BENEFIT) -> Policy:
    before = reckoned(policy, died, benefit)
    found = ended_by_claim(policy, cast, day, died, off=taken_off_benefit(before))
    assert reckoned(found, died, benefit).lines == before.lines, "what was concluded can be read again"
    return found


def told(due: Calculation) -> list[tuple[str, Decimal, bool]]:
    return [(line.label, line.value, line.counts) for line in due.lines[1:]]


def test_what_nobody_collected_is_taken_back_and_what_was_due_before_stays(annuity, cast):
    policy = annuity()
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(14))
    assert waiting(policy, ended=False).amount == 4 * year == D("19040.00")
    due = reckoned(policy)
    assert told(due) == [("身故后应付的第 14 年生存金冲回", year, False), ("身故后应付的第 13 年生存金冲回", year, False)]
    found = claimed(policy, cast, on(14) + timedelta(days=9))
    rest = waiting(found, ended=False)
    assert [(line.label, line.value) for line in rest.lines] == [("第 11 年生存金应付", year), ("第 12 年生存金应付", year)]
    money = balances(found)
    assert (money[Account.PAYABLE], money[Account.BENEFIT], recoverable(found, on(15))) == (-2 * year, 2 * year, None)
    assert LedgerEntry.objects.get(policy=policy, key="undo:survival:14").on == on(14) + timedelta(days=9)
    assert list(PolicyNotice.objects.filter(policy=policy, kind="survival", dropped_on__isnull=False).order_by("about").values_list("about", flat=True)) == [on(13), on(14)]


def test_a_death_on_the_day_it_falls_due_has_it(annuity):
    policy = annuity()
    run_policy_day(on(13))
    assert owed_back(now(policy), on(13)).rows == ()
    assert [row.what for row in owed_back(now(policy), on(13) - timedelta(days=1)).rows] == ["第 13 年生存金"]


def test_what_was_collected_is_not_taken_from_the_beneficiaries_but_is_to_come_back(annuity, cast):
    """The insured is not the policyholder: nothing else is due to his estate."""
    policy = annuity(holder=person("投保人", sequence=771))
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(13))
    assert collected(policy, cast, on(13) + timedelta(days=3)) == 3 * year
    due = reckoned(policy)
    assert due.amount == BENEFIT and told(due)[-1] == ("身故后已领取的生存给付，待追回", year, False)
    assert "保险金归受益人，不从中扣除" in due.lines[-1].formula and "民法典第985条" in due.lines[-1].formula
    day = on(13) + timedelta(days=30)
    found = claimed(policy, cast, day)
    owed = recoverable(found, day)
    assert owed is not None and (owed.amount, owed.what, owed.whose) == (year, "身故后领取的第 13 年生存金", "被保险人的继承人，在所得遗产范围内")
    assert recoverable(found, day - timedelta(days=1)) is None
    assert balances(found)[Account.RECOVERABLE] == year


def test_in_part_collected_counts_as_the_oldest(annuity, cast):
    policy = annuity()
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(12))
    collected(policy, cast, on(12) + timedelta(days=1))
    run_policy_day(on(14))
    assert [(row.amount, row.taken) for row in owed_back(now(policy), DIED).rows] == [(year, 0), (year, 0)]
    collected(policy, cast, on(14) + timedelta(days=1), "PS-2")
    run_policy_day(on(15))
    assert [row.taken for row in owed_back(now(policy), DIED).rows] == [0, year, year]


def test_where_nobody_is_named_the_benefit_is_the_same_estates_and_it_is_taken_off(annuity, cast):
    policy = annuity(heirs=False)
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(14))
    collected(policy, cast, on(14) + timedelta(days=3))
    due = reckoned(policy)
    assert due.amount == BENEFIT - 2 * year and told(due)[-1] == ("减：身故后已领取的生存给付", -2 * year, True)
    assert "保险法第42条" in due.lines[-1].formula and "民法典第568条" in due.lines[-1].formula
    found = claimed(policy, cast, on(14) + timedelta(days=30))
    # two years were due; two more were a part of the benefit paid ahead
    assert balances(found)[Account.BENEFIT] == 4 * year and recoverable(found, on(15)) is None


def test_beyond_the_benefit_it_is_to_come_back(annuity, cast):
    policy = annuity(heirs=False)
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(14))
    collected(policy, cast, on(14) + timedelta(days=3))
    small = year + D("0.01")
    due = reckoned(policy, benefit=small)
    assert due.amount == 0 and told(due)[-1] == ("身故后已领取的生存给付，待追回", year - D("0.01"), False)
    found = claimed(policy, cast, on(14) + timedelta(days=30), benefit=small)
    assert balances(found)[Account.RECOVERABLE] == year - D("0.01")


def test_what_the_contract_leaves_to_the_same_person_is_set_off(annuity, cast):
    """Policyholder and insured are one: 500 元 that came too much are his estate's."""
    policy = annuity()
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(13))
    collected(policy, cast, on(13) + timedelta(days=3))
    receive_premium(policy=now(policy), amount=D(500), received_on=on(13) + timedelta(days=5), reference="X1", actor=cast.clerk, now=NOW)
    found = claimed(policy, cast, on(13) + timedelta(days=30))
    money = balances(found)
    # what the case has taken over is on its way to the account of the insured
    assert (money[Account.RECOVERABLE], money[Account.PAYABLE], found.suspense) == (year - 500, -3 * year, 0)


def instructed(policy: Policy, cast) -> tuple[Decimal, Payment]:
    """(a year's benefit, the instruction by which three of them are to be paid)."""
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(13))
    collected(policy, cast, on(13) + timedelta(days=3))
    return year, create_payment(
        case_number="PS-1", policy=policy, branch_id=policy.branch_id, purpose="生存金领取", payee=policy.insured.name, bank="虚构银行",
        account="9900001234567890", amount=3 * year, actor=cast.clerk, now=NOW, kind="benefit",
    )  # fmt: skip


@pytest.mark.parametrize("heirs", [True, False])
@pytest.mark.parametrize("late", [False, True])
def test_what_the_bank_gave_back_has_reached_nobody(annuity, cast, late, heirs):
    """The account was closed: nothing is to come back, what was due waits for the heirs, and that payment is not made again; `late`: the
    bank says so after the claim has been settled. What the estate was paid less by then waits for it as well."""
    policy = annuity(heirs, holder=person("投保人", sequence=775))
    year, payment = instructed(policy, cast)
    sent, came = release_payment(payment=payment, actor=cast.head, now=NOW), on(13) + timedelta(days=30)
    if not late:
        return_payment(payment=sent, reason="账户已销户", actor=cast.head, now=NOW)
    found = claimed(policy, cast, came)
    if late:
        assert (recoverable(found, came).amount if heirs else recoverable(found, came)) == (year if heirs else None)
        return_payment(payment=sent, reason="账户已销户", actor=cast.head, now=timezone.make_aware(datetime.combine(came, time(15))))
        found = now(policy)
        assert replay(found, came).money == balances(found, came) and statement(found, EFFECTIVE, came).balances
    rest = 3 * year if late and not heirs else 2 * year
    assert recoverable(found, on(14)) is None and unpaid(found, "PS-1") == 0 and waiting(found, ended=False).amount == rest
    assert due_after(found, DIED, ended=False) == 0  # the heirs may have it
    with pytest.raises(BookRefused, match="已没有这笔应付"):
        reissue_payment(
            payment=Payment.objects.get(pk=payment.pk), payee=policy.insured.name, bank="虚构银行", account="9900001234567899", actor=cast.clerk, now=NOW
        )


@pytest.mark.parametrize("settled", [False, True])
def test_what_the_bank_gives_back_of_the_living_or_of_the_heirs_is_paid_anew(annuity, cast, settled):
    """`settled`: the heirs were paid once the claim had taken back what was not due. It waits for nobody else."""
    policy = annuity()
    run_policy_day(on(13))
    if settled:
        policy = claimed(policy, cast, on(13) + timedelta(days=1))
    amount = collected(now(policy), cast, on(13) + timedelta(days=3))
    later = timezone.now() + timedelta(minutes=1)
    payment = create_payment(
        case_number="PS-1", policy=now(policy), branch_id=policy.branch_id, purpose="生存金领取", payee="领款人", bank="虚构银行",
        account="9900001234567890", amount=amount, actor=cast.clerk, now=later, kind="benefit",
    )  # fmt: skip
    release_payment(payment=payment, actor=cast.head, now=later)
    return_payment(payment=payment, reason="账号有误", actor=cast.head, now=later)
    assert waiting(now(policy), ended=False).amount == 0 and unpaid(now(policy), "PS-1") == amount
    given = {"payee": "领款人", "bank": "虚构银行", "account": "9900001234567899", "actor": cast.clerk, "now": later}
    assert reissue_payment(payment=payment, **given).amount == amount


@pytest.mark.parametrize("heirs", [True, False])
def test_what_no_second_person_has_let_go_by_then_does_not_go_out_to_the_dead(annuity, cast, heirs):
    """The instruction was made before the death was told: it is void, and what was due before waits for the heirs."""
    policy = annuity(heirs, holder=person("投保人", sequence=777))
    year, payment = instructed(policy, cast)
    assert reckoned(policy).amount == BENEFIT and [row.taken for row in owed_back(now(policy), DIED).rows] == [0]
    day = on(13) + timedelta(days=30)
    found = claimed(policy, cast, day)
    payment.refresh_from_db()
    assert (payment.state, payment.return_reason) == ("cancelled", "被保险人身故，未放行的款项转回待领")
    with pytest.raises(BookRefused, match="现为“已作废”，不能办理"):
        release_payment(payment=payment, actor=cast.head, now=NOW)
    assert recoverable(found, day) is None and unpaid(found, "PS-1") == 0 and waiting(found, ended=False).amount == 2 * year
    assert due_after(found, DIED, ended=False) == 0 and replay(found, day).money == balances(found, day)
    assert found.events.get(note__contains="案件 PS-1 的未放行的付款").case_number == "CL-1"


def test_what_is_another_persons_is_not(annuity, cast):
    policy = annuity(holder=person("投保人", sequence=773))
    year = policy.main.sum_assured * D("0.1")
    run_policy_day(on(13))
    collected(policy, cast, on(13) + timedelta(days=3))
    receive_premium(policy=now(policy), amount=D(500), received_on=on(13) + timedelta(days=5), reference="X1", actor=cast.clerk, now=NOW)
    money = balances(claimed(policy, cast, on(13) + timedelta(days=30)))
    assert (money[Account.RECOVERABLE], money[Account.PAYABLE]) == (year, -500 - 3 * year)


@given(died=st.integers(0, 1500), late=st.integers(1, 700), takes=st.lists(st.integers(0, 2000), max_size=3), heirs=st.booleans())
@settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nobody_gains_or_loses_by_a_late_report(annuity, cast, died, late, takes, heirs):
    """What the estate has, or has to give back, is what it had been had the death been reported on the day."""
    day = on(10) + timedelta(days=300 + died)
    told_on = day + timedelta(days=late)
    with transaction.atomic():
        policy = annuity(heirs=heirs, n=died % 30)
        had = ZERO
        for number, gone in enumerate(sorted(takes)):
            asked = on(11) + timedelta(days=gone)
            if asked < told_on:
                run_policy_day(asked)
                if waiting(now(policy), ended=False).amount:
                    had += collected(now(policy), cast, asked, f"PS-{number}")
        run_policy_day(told_on)
        due_by = sum(1 for n in range(11, 20) if on(n) <= day) * policy.main.sum_assured * D("0.1")
        off = taken_off_benefit(reckoned(policy, day))
        found = claimed(policy, cast, told_on + timedelta(days=1), died=day)
        money = balances(found)
        owed = money.get(Account.RECOVERABLE, ZERO)
        assert off + owed == max(ZERO, had - due_by) and not (off and owed)
        # what was taken over by the cases is on its way to the insured
        assert -money.get(Account.PAYABLE, ZERO) == had + max(ZERO, due_by - had)
        assert money.get(Account.BENEFIT, ZERO) == due_by + off
        transaction.set_rollback(True)
