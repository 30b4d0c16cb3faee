"""附加豁免 on the book: on the life of whoever pays, and ended with its main contract (docs/products.md)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Policy, Rate
from lifeops.policies.services.holder import change_policyholder, waiver_on_holder
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.overview import values_today
from lifeops.policies.services.quoting import quote
from lifeops.policies.services.servicing import surrender, surrender_value
from lifeops.policies.services.trial.book import book_on
from lifeops.policies.services.trial.misstated import misstated
from lifeops.policies.services.values import value_on
from lifeops.policies.services.worth import worth_on
from tests.policies.conftest import EFFECTIVE, NOW, cover, person, version

DAY = date(2028, 6, 1)


@pytest.fixture
def payer():
    """A woman of 35 who pays for the man of 39 that is insured."""
    return person("李交费", born=date(1990, 6, 1), sequence=122)


@pytest.fixture
def policy(issue, insured, payer) -> Policy:
    """终身 with 附加豁免, the first three premiums paid."""
    premium = quote(version("R10"), payer.sex, 35, "9Y", "9Y", "annual", Decimal(10000)).standard
    waiver = {"version": version("R10"), "is_rider": True, "sum_assured": Decimal(10000), "cover_term": "9Y", "pay_term": "9Y", "premium": premium}
    made = issue(coverages=[cover("W30", insured), waiver], policyholder=payer, relation="spouse")
    deliver_policy(policy=made, signed_on=date(2026, 3, 6))
    Policy.objects.filter(pk=made.pk).update(paid_to=date(2029, 3, 3))
    return Policy.objects.get(pk=made.pk)


def redefine(**parts) -> None:
    found = version("R10")
    found.definition = found.definition | parts
    found.save(update_fields=["definition"])


def rider(policy: Policy):
    return policy.coverages.select_related("version__product").get(is_rider=True)


def test_a_waiver_without_a_cash_value_ends_with_the_policy_and_gives_nothing(policy, cast):
    main = value_on(policy.main, "M", DAY)
    _, due = surrender(policy=policy, case_number="86-PS-1", day=DAY, actor=cast.ps_reviewer, now=NOW)
    assert due.amount == main > 0
    assert [(line.value, line.formula) for line in due.lines if "豁免" in line.label] == [(0, "条款没有现金价值，随主险终止")]
    assert not policy.coverages.filter(active=True).exists()


def test_its_value_is_known_on_every_page(policy):
    main = value_on(policy.main, "M", DAY)
    told = {w.label: w for w in worth_on(policy, DAY)}
    assert (told["现金价值"].amount, told["现金价值"].note, told["退保金"].amount) == (main, "", main)
    assert values_today([policy], DAY) == {policy.pk: main}


def test_a_waiver_gives_the_premium_not_yet_used_where_its_terms_say_so(policy):
    redefine(cash_value={"expense": "0.25"})
    day = date(2026, 9, 3)
    premium = rider(policy).premium
    # 184 days after the start: 365 − 184 − 1 = 180 days are left
    expected = (premium * Decimal("0.75") * 180 / 365).quantize(Decimal("0.01"))
    assert [line.value for line in surrender_value(policy, day).lines if "豁免" in line.label] == [expected]


def test_a_cash_value_that_the_terms_promise_is_not_taken_for_nothing(policy, cast):
    redefine(surrender={"pays": "cash value", "article": "5.1"})
    with pytest.raises(BookRefused, match="安岳附加豁免保险费定期寿险缺少现金价值表"):
        surrender(policy=policy, case_number="86-PS-1", day=DAY, actor=cast.ps_reviewer, now=NOW)
    assert values_today([policy], DAY) == {policy.pk: None}


def test_a_waiver_is_valued_by_the_sex_of_the_payer(policy):
    for sex, values in (("M", [2] * 9), ("F", [1] * 9)):
        Rate.objects.create(version=version("R10"), kind="cash_value", sex=sex, age=35, age_to=35, cover_term="9Y", pay_term="9Y", values=values)
    # 1 per 1,000 of the premium waived at the end of every year: 10 元 for the woman who pays, 20 for the man insured
    assert [line.value for line in surrender_value(policy, DAY).lines if "豁免" in line.label] == [10]
    assert values_today([policy], DAY) == {policy.pk: value_on(policy.main, "M", DAY) + 10}


def test_what_was_misstated_of_the_insured_leaves_the_payers_waiver_alone(policy):
    """The insured is 41, not 39: only 终身 costs more."""
    found = misstated(book_on(policy, date(2026, 6, 1), date(2026, 6, 1)), birth_date=date(1984, 5, 17))
    told = {line.label: line.value for line in found.calculation.lines}
    assert told["安岳附加豁免保险费定期寿险 每期应交"] == rider(policy).premium
    dearer = quote(version("W30"), "M", 41, "WHOLE_LIFE", "10Y", "annual", Decimal(300000)).standard
    assert found.amount == dearer - policy.main.premium > 0
    assert policy.effective_on == EFFECTIVE


def test_while_it_is_on_the_life_of_who_pays_nobody_takes_his_place(policy, payer, cast):
    """One whose terms name the insured goes on under anybody."""
    given = {"policy": policy, "case_number": "86-PS-1", "new": person("王接手", sequence=125), "relation": "spouse", "day": DAY, "actor": cast.ps_reviewer, "now": NOW}
    assert waiver_on_holder(policy) == rider(policy).version.product.name
    with pytest.raises(BookRefused, match="以现投保人为被保险人，须先办理豁免或取消"):
        change_policyholder(**given)
    assert Policy.objects.get(pk=policy.pk).policyholder == payer
    redefine(insured={"who": "the insured of the main contract"})
    assert waiver_on_holder(Policy.objects.get(pk=policy.pk)) == ""
    change_policyholder(**given)
    assert Policy.objects.get(pk=policy.pk).policyholder.name == "王接手"


def test_of_a_contract_that_is_over_nobody_becomes_policyholder(policy, payer, cast):
    surrender(policy=policy, case_number="86-PS-1", day=DAY, actor=cast.ps_reviewer, now=NOW)
    with pytest.raises(BookRefused, match="保单已于 2028-06-01 终止"):
        change_policyholder(policy=policy, case_number="86-PS-2", new=person("王接手", sequence=125), relation="spouse", day=DAY, actor=cast.ps_reviewer, now=NOW)
    assert Policy.objects.get(pk=policy.pk).policyholder == payer
