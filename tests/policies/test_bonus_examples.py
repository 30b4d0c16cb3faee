"""The insurer's printed bonuses of P123001, year by year, by the book itself: rates declared as the illustration assumes, a policy
sold, the day run let through the years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from lifeops.policies.models import LedgerLine, Policy, PolicyEvent, Product
from lifeops.policies.rules.dates import anniversary
from lifeops.policies.rules.lines import ZERO
from lifeops.policies.services.as_of import covers_on
from lifeops.policies.services.dividends import decide, declare
from lifeops.policies.services.issuing import deliver_policy
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.quoting import choices_of, offer
from lifeops.policies.services.terminal import terminal_lines
from tests.policies.conftest import NOW, person
from tests.policies.disclosures import examples, load
from tests.policies.test_examples import BONUS, TERMINAL, ask_of

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]
D = Decimal
START = date(2026, 3, 3)
EARLY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("example", "years"), [(1, 10), (2, 48), (3, 10), (4, 15), (5, 15), (6, 58)])
def test_bonuses_and_annuities_as_printed(issue, cast, approver, example, years):
    [version] = load("P123001")
    one = next(x for x in examples("P123001") if x["scenario"]["example"] == example)
    scenario = one["scenario"]
    rate, before_it = TERMINAL[example]
    for told in (
        {"kind": "bonus", "rate": D(BONUS[example]), "base": "effective"},
        {"kind": "terminal", "rate": D(rate), "base": "effective", "ending": "surrender", "year_from": before_it + 1, "by_years": True},
    ):
        row = declare(
            product=Product.objects.get(code="P123001"), first_on=START, last_on=date(2100, 1, 1), reason="演示", actor=cast.manager, now=EARLY, **told
        )
        decide(row=row, approve=True, remark="", actor=approver, now=EARLY)
    life = person("演示", sequence=971 if scenario["sex"] == "M" else 972, born=date(2026 - scenario["entry_age"], 1, 1))
    ask = ask_of(version, scenario, premium=D(scenario["annual_premium"]))
    bought = offer(ask)
    cover = {
        "version": version, "sum_assured": bought.sum_assured, "cover_term": ask.cover_term, "pay_term": ask.pay_term, "premium": bought.standard,
        "choices": choices_of(ask),
    }  # fmt: skip
    policy = deliver_policy(policy=issue(coverages=[cover], insured=life, policyholder=life), signed_on=START)
    paid = int(scenario["pay_term"][:-1])
    receive_premium(policy=policy, amount=bought.standard * (paid - 1), received_on=START, reference="B", actor=cast.clerk, now=NOW)
    run_policy_day(anniversary(START, years))
    policy = Policy.objects.get(pk=policy.pk)
    last, ends, checked = policy.main, 88 - scenario["entry_age"], 0
    for year, row in one["years"].items():
        if year > years:
            continue
        on = anniversary(START, year)
        held = next(iter(covers_on(policy, on, covers=[last])), last)  # at the end of the term, as it ended
        event = PolicyEvent.objects.get(policy=policy, key=f"bonus:{year}:{version.product_id}")
        # the last one is paid with the end
        entry = {"entry__text": "满期应付"} if year == ends else {"entry__key": f"survival:{year}"}
        annuity = LedgerLine.objects.filter(entry__policy=policy, account="benefit", **entry).first()
        terminal = terminal_lines(policy, held, on, "surrender")
        found = {
            "bonus_sum_year": D(event.data["bonus"][str(last.pk)]), "bonus_sum_cum": held.bonus_sum, "effective_sum_insured": held.sum_assured + held.bonus_sum,
            "annuity": annuity.amount if annuity else ZERO, "terminal_bonus": sum((line.value for line in terminal), ZERO),
        }  # fmt: skip
        assert found == {name: row[name] for name in found}, year
        # the day before, neither the bonus nor the year itself is over
        assert covers_on(policy, on - timedelta(days=1), covers=[last])[0].bonus_sum == held.bonus_sum - found["bonus_sum_year"]
        checked += 1
    assert checked >= 8
