"""The insurer's own worked examples, year by year, to the printed digit.

No cash value table is disclosed for P411008, P415011 and P123001: their printed cash values go in as the table would, and
all that follows from them comes out. Rates of bonus and account of P123001 are those that give its printed numbers.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from lifeops.policies.rules.alterations import accumulate, reversionary_bonus, terminal_bonus
from lifeops.policies.rules.formula import evaluate
from lifeops.policies.rules.lines import ZERO, money
from lifeops.policies.rules.values import NotReckoned, amounts, benefit, effective_sum, tree
from lifeops.policies.services.quoting import Ask, offer, pay_years
from tests.policies.disclosures import examples, load

pytestmark = [pytest.mark.shared_data, pytest.mark.django_db]


YUAN = Decimal(1)


def yuan(value: Decimal) -> Decimal:
    return value.quantize(YUAN, rounding=ROUND_HALF_UP)


def ask_of(version, scenario, **fields) -> Ask:
    given = {
        "version": version, "sex": scenario["sex"], "age": scenario["entry_age"], "pay_term": scenario["pay_term"], "pay_mode": "annual",
        "cover_term": version.terms["cover_terms"][0], "plan": scenario.get("plan", ""),
        "annuity_start_age": scenario.get("annuity_start_age"),
    }  # fmt: skip
    return Ask(**(given | fields))


def test_increasing_whole_life_as_printed():
    [version] = load("P411008")
    checked = 0
    for one in examples("P411008"):
        scenario = one["scenario"]
        bought = offer(ask_of(version, scenario, premium=Decimal(scenario["annual_premium"])))
        assert bought.sum_assured == scenario["basic_sum_insured"]
        years = pay_years(bought.ask)
        for year, row in one["years"].items():
            premium = bought.total if year <= years else ZERO
            paid = bought.total * min(year, years)
            values = amounts(
                version.definition, basic=bought.sum_assured, entry_age=scenario["entry_age"], policy_year=year, pay_years=years,
                premiums_paid=paid, cash_value=row["cash_value"],
            )  # fmt: skip
            found = {
                "age_end": scenario["entry_age"] + year, "premium": premium, "premium_cum": paid, "basic_sum_insured": bought.sum_assured,
                "effective_sum_insured": yuan(values["effective_sum_insured"]),
                "death_benefit": benefit(version.definition, "DEATH", values, unit=YUAN).amount,
                "public_place_accident_benefit": benefit(version.definition, "PUBLIC_PLACE_ACCIDENT_DEATH", values, unit=YUAN).amount,
            }  # fmt: skip
            assert found == {k: v for k, v in row.items() if k != "cash_value"}, (scenario, year)
            checked += len(row)
    assert checked == 464


def test_critical_illness_as_printed():
    [version] = load("P415011")
    checked = 0
    for one in examples("P415011"):
        scenario = one["scenario"]
        sum_assured = Decimal(scenario["basic_sum_insured"])
        bought = offer(ask_of(version, scenario, sum_assured=sum_assured))
        assert bought.total == scenario["annual_premium"]
        # and the other way round
        assert offer(ask_of(version, scenario, premium=bought.total)).sum_assured == sum_assured
        years, plan = pay_years(bought.ask), scenario["plan"]
        for year, row in one["years"].items():
            paid = bought.total * min(year, years)
            values = amounts(
                version.definition, basic=sum_assured, entry_age=scenario["entry_age"], policy_year=year, pay_years=years,
                premiums_paid=paid, cash_value=row["cash_value"], waived_premiums=bought.total * max(0, years - year),
            )  # fmt: skip

            def pays(code: str, values=values, plan=plan) -> Decimal:
                return benefit(version.definition, code, values, plan=plan).amount

            minor = values["anniversary_age"] < 18
            if not minor:
                with pytest.raises(NotReckoned, match="少儿"):
                    pays("CHILD_CI")
            found = {
                "age_end": scenario["entry_age"] + year, "premium": bought.total if year <= years else ZERO, "premium_cum": paid,
                "ci_benefit": pays("CI_1"), "mid_benefit": pays("MID"), "mild_benefit": pays("MILD"),
                "child_ci_benefit": pays("CHILD_CI") if minor else ZERO, "premiums_waived_after_this_year": pays("WAIVER"),
                "death_tpd_terminal_benefit": yuan(pays("DEATH_TPD")), "cash_value": row["cash_value"],
            }  # fmt: skip
            assert pays("TERMINAL") == pays("DEATH_TPD")
            if "cancer_ext_1_2" in row:
                found |= {"cancer_ext_1_2": pays("CANCER_1"), "cancer_ext_3_4": pays("CANCER_4")}
                assert pays("CANCER_2") == pays("CANCER_1") and pays("CANCER_3") == pays("CANCER_4")
            assert found == row, (scenario, year)
            checked += len(row)
    assert checked == 432


#: Yearly rates of the three levels, found from the first years; 10,000ths of the effective sum. The account bears 3 %.
BONUS = {1: "0.0027", 2: "0.0105", 3: "0.019", 4: "0.002", 5: "0.009", 6: "0.016"}
ACCOUNT = Decimal("0.03")
#: Yearly rates of the terminal bonus, and the year before it begins.
TERMINAL = {1: ("0.0041", 3), 2: ("0.0203", 3), 3: ("0.0376", 3), 4: ("0.0066", 5), 5: ("0.0274", 5), 6: ("0.0563", 5)}


def run(version, scenario, start_year: int):
    """Effective sum, bonus and account of each policy year, rounded as they are credited."""
    rate, basic = Decimal(BONUS[scenario["example"]]), Decimal(scenario["basic_sum_insured"])
    bonus = account = ZERO
    for year in range(1, 60):
        added = reversionary_bonus(effective=effective_sum(basic=basic, bonus=bonus).amount, rate=rate).amount
        bonus += added
        annuity = ZERO
        if year >= start_year:
            values = amounts(version.definition, basic=basic, entry_age=scenario["entry_age"], bonus=bonus)
            annuity = benefit(version.definition, "ANNUITY", values).amount
            account = accumulate(account=account, rate=ACCOUNT, added=annuity).amount
        yield year, added, bonus, annuity, account


def test_participating_annuity_as_printed():
    """Every column but the cash values, which go in (none are disclosed)."""
    [version] = load("P123001")
    checked = 0
    for one in examples("P123001"):
        scenario, basic = one["scenario"], Decimal(one["scenario"]["basic_sum_insured"])
        bought = offer(ask_of(version, scenario, premium=Decimal(scenario["annual_premium"])))
        assert bought.sum_assured == basic
        terminal, before_it = TERMINAL[scenario["example"]]
        years, start = pay_years(bought.ask), scenario["annuity_start_age"] - scenario["entry_age"]
        for year, added, bonus, annuity, account in run(version, scenario, start):
            row = one["years"].get(year)
            if row is None:
                continue
            due = evaluate(tree("10% of basic_sum_insured"), {"basic_sum_insured": basic}) if year >= start else ZERO
            before = due * max(0, year - start)
            # at the anniversary the annuity of the day is still in both: what is paid out goes out of the value
            values = amounts(
                version.definition, basic=basic, entry_age=scenario["entry_age"], policy_year=year, pay_years=years, bonus=bonus,
                premiums_paid=bought.total * min(year, years), cash_value_basic=row["basic_cash_value"] + due,
                cash_value_bonus=row["cash_value"] - row["basic_cash_value"] + annuity - due, annuity_started=Decimal(year >= start),
                annuity_paid_basic=before,
            )  # fmt: skip
            alone = values | {"cash_value_bonus": ZERO}
            found = {
                "age_start": scenario["entry_age"] + year - 1, "premium": bought.total if year <= years else ZERO,
                "premium_cum": values["premiums_paid"], "basic_sum_insured": basic, "basic_annuity": due,
                "basic_death": benefit(version.definition, "DEATH", alone).amount, "bonus_sum_year": added, "bonus_sum_cum": bonus,
                "effective_sum_insured": values["effective_sum_insured"], "annuity": annuity,
                "death": benefit(version.definition, "DEATH", values).amount, "annuity_account": account,
                "terminal_bonus": terminal_bonus(
                    base=values["effective_sum_insured"] - added, rate=Decimal(terminal), years=year - before_it
                ).amount,
            }  # fmt: skip
            told = {k: v for k, v in row.items() if k not in ("basic_cash_value", "cash_value")}
            assert found == told, (scenario, year)
            checked += len(told)
    assert checked == 1530 - 2 * 102


def test_cash_values_of_the_annuity_come_from_one_table_for_all_bonus_levels():
    """Values per 1,000 with two places: of the premium for the basic part, of the sum for the bonus part."""
    tables: dict[tuple, set[Decimal]] = {}
    for one in examples("P123001"):
        scenario = one["scenario"]
        person = (scenario["sex"], scenario["entry_age"])
        for year, row in one["years"].items():
            per_premium = money(row["basic_cash_value"] / scenario["annual_premium"] * 1000)
            assert money(per_premium * scenario["annual_premium"] / 1000) == row["basic_cash_value"]
            part, bonus = row["cash_value"] - row["basic_cash_value"], row["bonus_sum_cum"]
            middle = money(part / bonus * 1000)
            fits = {middle + Decimal(n) / 100 for n in (-1, 0, 1) if money((middle + Decimal(n) / 100) * bonus / 1000) == part}
            tables.setdefault((person, year), fits)
            tables[person, year] &= fits
    assert len(tables) == 38 and all(tables.values())
