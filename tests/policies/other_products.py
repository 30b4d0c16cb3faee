"""Products that are none of the eight: altered copies of them, and made by hand. Each a folder's content: names, bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.policies.disclosures import PRODUCTS
from tests.policies.small_product import terms as small_terms

Rows = list[dict[str, str]]
Folder = dict[str, bytes]


@dataclass
class Sheet:
    """How a table is written: column order, line ends, a byte order mark, quotes."""

    rows: Rows
    columns: list[str] = field(default_factory=list)
    newline: str = "\n"
    bom: bool = False
    quoted: bool = False

    def content(self) -> bytes:
        stream = io.StringIO()
        columns = self.columns or list(self.rows[0])
        quoting = csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL
        writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator=self.newline, quoting=quoting)
        writer.writeheader()
        writer.writerows(self.rows)
        return (b"\xef\xbb\xbf" if self.bom else b"") + stream.getvalue().encode()


def read(code: str, name: str) -> Rows:
    with (PRODUCTS / code / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def folder(given: dict[str, Any], rates: Sheet, cash: Sheet | None = None, illnesses: Sheet | None = None) -> Folder:
    found = {"product.json": json.dumps(given, ensure_ascii=False).encode(), "rates.csv": rates.content()}
    if cash:
        found["cash_values.csv"] = cash.content()
    if illnesses:
        found["illnesses.csv"] = illnesses.content()
    return found


def altered(base: str, code: str, change: Callable[[dict[str, Any]], None], name: str = "rates.csv") -> tuple[dict[str, Any], Rows]:
    """The terms and a table of one of the eight under another code."""
    given = json.loads((PRODUCTS / base / "product.json").read_text(encoding="utf-8")) | {"code": code, "name": f"样本产品{code}"}
    change(given)
    return given, coded(read(base, name), code)


def coded(rows: Rows, code: str) -> Rows:
    return [row | {"product_code": code} for row in rows]


def kept(rows: Rows, test: Callable[[dict[str, str]], bool]) -> Rows:
    return [row for row in rows if test(row)]


def scaled(rows: Iterable[dict[str, str]], factor: str, *, base: str, column: str = "value") -> Rows:
    return [row | {column: f"{Decimal(row[column]) * Decimal(factor):f}", "base_amount": base} for row in rows]


def turned(rows: Iterable[dict[str, str]], *, measure: str, base_of: str) -> Rows:
    """The same table in the other direction, per 1,000: four places."""
    return [
        row | {"value": f"{Decimal(row['base_amount']) * 1000 / Decimal(row['value']):.4f}", "measure": measure, "base_amount": "1000", "base_of": base_of}
        for row in rows
    ]  # fmt: skip


MODES = {
    "modes": ["single", "annual", "semiannual", "quarterly", "monthly"],
    "modal_factors": {"semiannual": 0.51, "quarterly": 0.26, "monthly": 0.088},
}  # fmt: skip


def term_per_thousand() -> Folder:
    """Ten years only, per 1,000, four ways of paying; columns the other way round, CRLF, byte order mark."""
    def change(given: dict[str, Any]) -> None:
        given["coverage_term"] = {"options": ["10Y"], "article": "2.2"}
        given["pay_terms"] = MODES | {"options": ["SINGLE", "5Y", "10Y"], "article": "4.1"}
        given["waiting_period"] = {"days": 180, "from": "inception", "exempt": "accident", "article": "2.3"}

    given, rows = altered("P611005", "P611906", change)
    rows = scaled(kept(rows, lambda r: r["coverage_term"] == "10Y"), "0.1", base="1000")
    values = scaled(kept(coded(read("P611005", "cash_values.csv"), "P611906"), lambda r: r["coverage_term"] == "10Y"), "0.1", base="1000", column="cash_value_year_end")
    dressed = {"newline": "\r\n", "bom": True}
    return folder(given, Sheet(rows, list(rows[0])[::-1], **dressed), Sheet(values, sorted(values[0]), **dressed))


def term_by_premium() -> Folder:
    """Sum bought by 1,000 of premium: the other direction, no cash values."""
    given, rows = altered("P611005", "P611907", lambda g: g.update(cash_values=None))
    return folder(given, Sheet(turned(rows, measure="basic_sum_insured", base_of="annual premium")))


def growing_life() -> Folder:
    """3.5 % a year, two payment terms, up to 60; every field in quotes."""
    def change(given: dict[str, Any]) -> None:
        given["sum_insured"]["growth_rate"] = 0.035
        given["entry_age"] = {"min": "30 days after birth", "max": 60, "article": "1.3"}
        given["pay_terms"] = {"options": ["SINGLE", "5Y"], "modes": ["single", "yearly"], "article": "4.1"}
        given["benefits"][0]["age_pct_table"] = [{"age_to": 17, "pct": 100}, {"age_to": 40, "pct": 150}, {"pct": 110}]

    given, rows = altered("P411008", "P411920", change)
    rows = kept(rows, lambda r: r["pay_term"] in ("SINGLE", "5Y") and int(r["age_from"]) <= 60)
    return folder(given, Sheet(rows, quoted=True))


def life_by_sum() -> Folder:
    """The premium of 1,000 of sum, rising with age."""
    given, rows = altered("P411008", "P411921", lambda g: g["sum_insured"].pop("growth_rate"))
    steps = kept(rows, lambda r: r["pay_term"] == "10Y")
    return folder(given | {"pay_terms": {"options": ["10Y"], "modes": ["annual"]}, "entry_age": {"min": "28 days after birth", "max": max(int(r["age_to"]) for r in steps)}},
                  Sheet(turned(steps, measure="premium", base_of="basic sum insured")))  # fmt: skip


def endowment_by_sex() -> Folder:
    """Bands by sex, up to 60, in units of 10,000; values per 10,000 of premium."""
    def change(given: dict[str, Any]) -> None:
        given["entry_age"] = {"min": 0, "max": 60, "article": "1.3"}
        given["pay_terms"]["unit_premium"] = 10000
        given["benefits"][0]["amount"] = "the higher of basic_sum_insured and 110% of premiums paid"

    given, _ = altered("P212014", "P212914", change)
    rows = [
        {"product_code": "P212914", "sex": sex, "age_from": low, "age_to": high, "pay_term": "SINGLE", "coverage_term": "5Y", "value": value,
         "measure": "basic_sum_insured", "base_amount": "10000", "base_of": "single premium", "unit": "CNY"}
        for sex, more in (("F", 10), ("M", 0)) for low, high, value in (("0", "17", f"{11840 + more}"), ("18", "45", f"{11820 + more}"), ("46", "60", f"{11700 + more}"))
    ]  # fmt: skip
    values = kept(coded(read("P212014", "cash_values.csv"), "P212914"), lambda r: int(r["entry_age"]) <= 60)
    return folder(given, Sheet(rows), Sheet(scaled(values, "10", base="10000", column="cash_value_year_end")))


def annuity_by_sum() -> Folder:
    """Two start ages, to 85, premium per 1,000 of sum, half-yearly paying."""
    def change(given: dict[str, Any]) -> None:
        given["coverage_term"] = {"options": ["TO_85"], "article": "2.2"}
        given["annuity_start_ages"] = {"options": [55, 60], "article": "2.3"}
        given["entry_age"] = {"min": 18, "max": 54, "article": "1.3"}
        given["pay_terms"] = {"options": ["SINGLE", "10Y", "TO_ANNUITY_START"], "modes": ["single", "annual", "half-yearly"], "modal_factors": {"half-yearly": 0.515}}
        given["benefits"][0]["amount"] = "20% of annual premium"

    given, rows = altered("P123001", "P123909", change)
    rows = kept(rows, lambda r: r["annuity_start_age"] in ("55", "60") and r["pay_term"] in ("SINGLE", "10Y", "TO_ANNUITY_START") and int(r["age_to"]) <= 54)
    return folder(given, Sheet([r | {"coverage_term": "TO_85"} for r in turned(rows, measure="premium", base_of="basic sum insured")]))


def illness_two_plans() -> Folder:
    """Plans A and B, per 1,000, other counts of illnesses, monthly and quarterly paying."""
    def change(given: dict[str, Any]) -> None:
        given["plans"] = {"A": "base cover", "B": "base + optional 1"}
        given["pay_terms"] |= {"modes": ["annual", "quarterly", "monthly"], "modal_factors": {"quarterly": 0.265, "monthly": 0.0895}}
        given["illness_list"] |= {"critical": 100, "medium": 15, "mild": 30}

    given, rows = altered("P415011", "P415920", change)
    rows = [r | {"plan": {"1": "A", "2": "B"}[r["plan"]]} for r in rows if r["plan"] in ("1", "2")]
    most = {"critical": 100, "medium": 15, "mild": 30}
    illnesses = kept(coded(read("P415011", "illnesses.csv"), "P415920"), lambda r: int(r["seq"]) <= most[r["grade"]])
    return folder(given, Sheet(scaled(rows, "0.1", base="1000")), None, Sheet(illnesses, ["seq", "name", "grade", "product_code"]))


def medical_without_renewal() -> Folder:
    """No purchase, no social insurance in the table; plans by name; two bands; ages by ten years, both sexes apart."""
    def change(given: dict[str, Any]) -> None:
        given["plans"] = {"基础版": "general", "升级版": "general and critical illness"}
        given["entry_age"] = {"min": 0, "max": 59, "article": "1.3"}
        given["benefits"][0]["bands"] = [{"from": 0, "to": 10000, "pct": 0}, {"from": 10000, "to": None, "pct": 80}]
        given["benefits"][1]["plans"] = ["升级版"]
        given["cash_value"] = {"formula": "premium*(1-m/n)*(1-25%)", "article": "5.1"}

    given, _ = altered("P315061", "P315999", change)
    rows = [
        {"product_code": "P315999", "plan": plan, "sex": sex, "age_from": f"{age}", "age_to": f"{age + 9}", "coverage_term": "1Y", "pay_term": "SINGLE",
         "base_of": "person-year", "base_amount": "1", "measure": "premium", "value": f"{200 + age * 3 + more}", "unit": "CNY"}
        for plan, more in (("基础版", 0), ("升级版", 90)) for sex in "FM" for age in range(0, 60, 10)
    ]  # fmt: skip
    return folder(given, Sheet(rows))


def travel_by_destination() -> Folder:
    """Base by occupation class, factors by destination and age; no social insurance, no payout ratio; a flat benefit."""
    def change(given: dict[str, Any]) -> None:
        given["benefits"] = [
            {"code": "ACC_DEATH", "name": "意外身故保险金", "article": "2.5", "amount": "sum insured"},
            {"code": "ACC_MEDICAL", "name": "意外医疗保险金", "article": "2.5", "amount": "80% of (covered cost - other compensation - deductible per accident)"},
            {"code": "RESCUE", "name": "紧急救援", "article": "2.6", "amount": "as the assistance contract provides"},
        ]  # fmt: skip
        given["factor_names"] = {"destination": "旅行目的地"}

    given, _ = altered("P214001", "P214950", change)
    head = "product_code,benefit,kind,key,key_from,key_to,value,note"
    lines = [
        *(f'ACC_DEATH,base,occupation_class,{n},,{rate},CNY per 10000 basic sum insured per person-year' for n, rate in ((1, "4.00"), (2, "5.00"), (3, "7.50"))),
        'ACC_MEDICAL,base,amount_band,0,5000,12.00,"CNY per 1000 sum insured per person-year, marginal band"',
        'ACC_MEDICAL,base,amount_band,5000,,6.00,"CNY per 1000 sum insured per person-year, marginal band"',
        "RESCUE,base,,,,8.00,CNY per person-trip",
        "ACC_MEDICAL,factor,deductible,0,,1.00,", "ACC_MEDICAL,factor,deductible,200,,0.80,",
        "ALL,factor,destination,DOMESTIC,,1.00,", "ALL,factor,destination,ASIA,,1.50,", "ALL,factor,destination,WORLD,,2.00,",
        "ALL,factor,age,0,17,0.80,", "ALL,factor,age,18,65,1.00,", "ALL,factor,age,66,80,1.60,",
    ]  # fmt: skip
    rates = "\r\n".join([head, *(f"P214950,{line}" for line in lines)]).encode()
    return {"product.json": json.dumps(given, ensure_ascii=False).encode(), "rates.csv": rates}


def short_waiver() -> Folder:
    """Ten terms, 20 to 45, 90 days, monthly with the main contract; per 100."""
    def change(given: dict[str, Any]) -> None:
        given["entry_age"] = {"min": 20, "max": 45, "article": "1.3"}
        given["waiting_period"] = {"days": 90, "from": "inception", "exempt": "accident", "article": "2.2"}
        given["pay_terms"] |= {"modes": ["annual", "monthly"], "modal_factors": {"monthly": 0.09}}
        given["sum_insured"] = "the premiums of the main contract"

    given, rows = altered("P111002", "P111920", change)
    rows = kept(rows, lambda r: 20 <= int(r["age_from"]) <= 45 and int(r["coverage_term"].removesuffix("Y")) <= 10)
    return folder(given, Sheet(scaled(rows, "0.1", base="100")))


def handmade(code: str, **fields: Any) -> dict[str, Any]:
    return small_terms() | {"code": code, "name": f"样本产品{code}"} | fields


def grid(code: str, **columns: Any) -> dict[str, str]:
    return {"product_code": code, "pay_term": "5Y", "coverage_term": "5Y", "measure": "premium", "base_amount": "1000", "base_of": "basic sum insured", "unit": "CNY"} | {
        k: str(v) for k, v in columns.items()
    }  # fmt: skip


def women_only() -> Folder:
    """女性 alone, a formula with powers and a share by age, until 60: premiums fall near the end of the cover."""
    given = handmade(
        "X301", name="样本女性特定疾病保险", type="疾病保险", entry_age={"min": 50, "max": 57, "article": "1.3"},
        coverage_term={"options": ["TO_60"]}, pay_terms={"options": ["SINGLE"], "modes": ["single"]},
        benefits=[
            {"code": "ILL", "name": "女性疾病保险金", "article": "2.3", "formula": "basic_sum_insured * (1 + 2%)^(policy_year - 1)"},
            {"code": "DEATH", "name": "身故保险金", "article": "2.4", "amount": "greater of premiums paid and 60% of basic_sum_insured"},
        ],
    )  # fmt: skip
    return folder(given, Sheet([grid("X301", sex="F", age_from=a, age_to=a, pay_term="SINGLE", coverage_term="TO_60", value=f"{90 - a}.5") for a in range(50, 58)]))


def money_back() -> Folder:
    """两全 with a benefit every third year and premiums back at the end; rates by plan and occupation class, values by plan."""
    given = handmade(
        "X302", type="两全保险", coverage_term={"options": ["9Y"]}, pay_terms=MODES | {"options": ["5Y"], "modes": MODES["modes"][1:]},
        entry_age={"min": 18, "max": 22}, waiting_period=None, grace=None, plans=["1", "2"],
        benefits=[
            {"code": "SURVIVAL", "name": "生存保险金", "article": "2.3", "when": "alive at the end of every 3 policy years, from the end of policy year 3", "amount": "8% of basic_sum_insured"},
            {"code": "MATURITY", "name": "满期保险金", "article": "2.4", "when": "alive at the end of the term", "amount": "premiums paid"},
            {"code": "DEATH", "name": "身故保险金", "article": "2.5", "cases": [
                {"condition": "policy_year <= 2", "formula": "premiums_paid"}, {"condition": "1", "formula": "max(basic_sum_insured, 1.05*premiums_paid, cash_value)"}]},
        ],
    )  # fmt: skip
    rates = [
        grid("X302", sex=sex, plan=plan, occupation_class=level, coverage_term="9Y", age_from=age, age_to=age, value=f"{100 + age + plan + level / 10:.1f}")
        for sex in "MF" for plan in (1, 2) for level in (1, 2, 3) for age in range(18, 23)
    ]  # fmt: skip
    values = [
        {"unit": "CNY", "product_code": "X302", "sex": sex, "plan": f"{plan}", "entry_age": f"{age}", "pay_term": "5Y", "coverage_term": "9Y",
         "policy_year": f"{year}", "cash_value_year_end": "0" if year == 9 else f"{year * 40 + plan}", "base_amount": "1000", "base_of": "basic sum insured"}
        for sex in "MF" for plan in (1, 2) for age in range(18, 23) for year in range(1, 10)
    ]  # fmt: skip
    return folder(given, Sheet(rates), Sheet(values))


def whole_to_a_hundred() -> Folder:
    """终身 whose values end at 100, by both sexes together."""
    given = handmade("X303", type="终身寿险", coverage_term={"options": ["WHOLE_LIFE"]}, pay_terms={"options": ["5Y"], "modes": ["annual"]}, entry_age={"min": 60, "max": 62})
    rates = [grid("X303", coverage_term="WHOLE_LIFE", age_from=a, age_to=a, value=a * 2) for a in range(60, 63)]
    values = [
        {"product_code": "X303", "entry_age": f"{age}", "pay_term": "5Y", "coverage_term": "WHOLE_LIFE", "policy_year": f"{year}",
         "cash_value_year_end": f"{year * 20}", "base_amount": "1000", "base_of": "basic sum insured", "unit": "CNY"}
        for age in range(60, 63) for year in range(1, 100 - age + 1)
    ]  # fmt: skip
    return folder(given, Sheet(rates), Sheet(values))


def accident_by_class() -> Folder:
    """意外 by occupation class alone, one band of ages, no sex."""
    given = handmade("X304", type="意外伤害保险", coverage_term={"options": ["1Y"]}, pay_terms={"options": ["SINGLE"], "modes": ["single"]}, entry_age={"min": 18, "max": 65},
                     benefits=[{"code": "ACC_DEATH", "name": "意外身故保险金", "article": "2.3", "formula": "basic_sum_insured"}], waiting_period=None, grace=None, policy_loan=None)  # fmt: skip
    return folder(given, Sheet([grid("X304", occupation_class=n, age_from=18, age_to=65, pay_term="SINGLE", coverage_term="1Y", value=f"0.{n}5") for n in range(1, 5)]))


#: code → (how it is made, cells of the rate table, year-end values)
OTHERS: dict[str, tuple[Callable[[], Folder], int, int]] = {
    "P611906": (term_per_thousand, 198, 1980), "P611907": (term_by_premium, 330, 0), "P411920": (growing_life, 244, 0),
    "P411921": (life_by_sum, 0, 0), "P212914": (endowment_by_sex, 6, 610), "P123909": (annuity_by_sum, 0, 0), "P415920": (illness_two_plans, 756, 0),
    "P315999": (medical_without_renewal, 24, 0), "P111920": (short_waiver, 520, 0), "X301": (women_only, 8, 0), "X302": (money_back, 60, 180),
    "X303": (whole_to_a_hundred, 3, 117), "X304": (accident_by_class, 4, 0),
}  # fmt: skip
