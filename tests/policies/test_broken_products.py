"""Damaged product files: each is refused with file, row and reason, and nothing is loaded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from lifeops.policies.loading.faults import Faulty
from lifeops.policies.loading.files import from_uploads
from lifeops.policies.models import Product, ProductVersion, Rate
from tests.policies.small_product import FACTORS, Change, write, write_factors

pytestmark = pytest.mark.django_db


def put(part: str, value: Any) -> Change:
    """A change of product.json at a dotted place."""

    def change(given, rates, cash):
        at: Any = given
        *way, last = part.split(".")
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        at[int(last) if last.isdigit() else last] = value

    return change


def rate(row: int, column: int, value: str) -> Change:
    """A change of rates.csv; `row` as the file counts, the heading being 1."""
    return lambda given, rates, cash: rates[row - 2].__setitem__(column, value)


def cash(row: int, column: int, value: str) -> Change:
    return lambda given, rates, values: values[row - 2].__setitem__(column, value)


def without(row: int, table: str = "rates") -> Change:
    return lambda given, rates, values: (rates if table == "rates" else values).pop(row - 2) and None


def doubled(row: int) -> Change:
    return lambda given, rates, values: rates.append(list(rates[row - 2]))


BROKEN = [
    ("text in a number", rate(3, 6, "八十"), "rates.csv", 3, "数值“八十”不是数值"),
    ("number in another notation", rate(3, 6, "7.9e1"), "rates.csv", 3, "不是数值"),
    ("negative rate", rate(4, 6, "-80.50"), "rates.csv", 4, "小于零"),
    ("rate of zero", rate(4, 6, "0"), "rates.csv", 4, "费率为零"),
    ("gap in the ages", without(4), "rates.csv", 4, "SINGLE 缺 20 至 20 岁"),
    ("same cell twice", doubled(5), "rates.csv", 22, "与第 5 行重复"),
    ("overlapping bands", rate(4, 3, "21"), "rates.csv", 5, "重叠"),
    ("band in wrong order", rate(4, 3, "19"), "rates.csv", 4, "次序颠倒"),
    ("age that is none", rate(2, 2, "十八"), "rates.csv", 2, "起始年龄“十八”不是整数"),
    ("age beyond all", rate(6, 3, "130"), "rates.csv", 6, "终止年龄 130 应在 0 至 120 之间"),
    ("wrong currency", rate(2, 10, "USD"), "rates.csv", 2, "单位“USD”应为 CNY"),
    ("unit nobody knows", rate(2, 9, "per policy"), "rates.csv", 2, "单位不明"),
    ("base changes within the table", rate(5, 8, "100"), "rates.csv", 5, "单位与前面各行不同"),
    ("direction against the unit", rate(2, 7, "basic_sum_insured"), "rates.csv", 2, "方向与单位不符"),
    ("premium falls with age", rate(5, 6, "70.00"), "rates.csv", 5, "低于上一岁"),
    ("a digit too many", rate(6, 6, "825.0"), "rates.csv", 6, "相差过大"),
    ("code of another product", rate(2, 0, "X999"), "rates.csv", 2, "与 product.json 的 X100 不同"),
    ("sex that is none", rate(2, 1, "X"), "rates.csv", 2, "性别“X”应为 M 或 F"),
    ("term not offered", rate(2, 5, "10Y"), "rates.csv", 2, "保险期间 10Y 不在 product.json 所列之中"),
    ("term that is none", rate(2, 4, "ten"), "rates.csv", 2, "没有“ten”这种交费期间"),
    ("one cell too few", lambda g, r, c: r[2].pop() and None, "rates.csv", 4, "有 10 格，表头有 11 列"),
    ("entry ages not covered", put("entry_age.max", 30), "rates.csv", 0, "费率只到 18–22 岁"),
    ("rate outside the entry ages", put("entry_age.max", 21), "rates.csv", 6, "不在投保年龄 18–21 周岁之内"),
    ("one sex only", lambda g, r, c: [r.remove(x) for x in r[15:]] and None, "rates.csv", 7, "F 5Y 5Y 缺 18 岁"),
    ("unknown word", put("benefits.0.cases.1.formula", "max(basic_sum_assurd, premiums_paid)"), "product.json", 0, "不认识的词 basic_sum_assurd"),
    ("unknown word in a wording", put("benefits.1", {"code": "TPD", "amount": "2*sum_at_risk"}), "product.json", 0, "不认识的词 sum_at_risk"),
    ("cyclic formula", put("benefits.0.cases.1.formula", "TPD"), "product.json", 0, "循环引用：DEATH → TPD → DEATH"),
    ("formula cut off", put("benefits.1.formula", "max(premiums_paid,"), "product.json", 0, "公式不完整"),
    ("code in a formula", put("benefits.1.formula", "__import__('os').system('x')"), "product.json", 0, "不能识别的字符"),
    ("function nobody knows", put("benefits.1.formula", "exec(premiums_paid)"), "product.json", 0, "没有函数“exec”"),
    ("benefit twice", put("benefits.1.code", "DEATH"), "product.json", 0, "代码重复"),
    ("benefit without an amount", put("benefits.1", {"code": "TPD"}), "product.json", 0, "没有给付金额"),
    ("no benefits", put("benefits", []), "product.json", 0, "benefits：应为非空列表"),
    ("kind nobody knows", put("type", "宠物保险"), "product.json", 0, "没有“宠物保险”这种类别"),
    ("ages turned round", put("entry_age.min", 40), "product.json", 0, "最低投保年龄高于最高投保年龄"),
    ("waiting period in words", put("waiting_period.days", "ninety"), "product.json", 0, "waiting_period.days"),
    ("loan above the law", put("policy_loan.max_ratio_of_net_cash_value", 0.9), "product.json", 0, "不超过现金价值的 80%"),
    ("factor above one", put("pay_terms.modal_factors.monthly", 1.2), "product.json", 0, "应为 0.01 至 1 的数值"),
    ("mode without a factor", put("pay_terms.modes", ["single", "annual", "quarterly"]), "product.json", 0, "quarterly 没有系数"),
    ("claim clock missing", put("claims.decide_days", None), "product.json", 0, "claims.decide_days：缺少"),
    ("exclusions as a sentence", put("exclusions", "war"), "product.json", 0, "exclusions：应为对象"),
    ("no exclusion at all", put("exclusions.labels", []), "product.json", 0, "exclusions.labels：应为非空列表"),
    ("exclusion that is no word", put("exclusions.labels", ["war", 3]), "product.json", 0, "exclusions.labels[2]：应为文字"),
    ("consequence that is no word", put("exclusions.consequence", {"others": 1}), "product.json", 0, "exclusions.consequence"),
    ("illness list in words", put("illness_list", "many"), "product.json", 0, "illness_list：应为对象"),
    ("provision that is a number", put("surrender", 5), "product.json", 0, "surrender：应为对象、列表或文字"),
    ("risk nobody knows", put("risk_weights", {"flood": 1}), "product.json", 0, "没有这种风险，应为 life、accident、ci、death"),
    ("risk weight in words", put("risk_weights", {"life": "one"}), "product.json", 0, "risk_weights.life：应为 0 至 100 的数值"),
    ("code with a space", put("code", "X 100"), "product.json", 0, "应为大写字母与数字"),
    ("day of sale that is none", put("sale_from", "2026-02-30"), "product.json", 0, "应为 YYYY-MM-DD 的日期"),
    ("cash value year missing", without(4, "cash"), "cash_values.csv", 4, "缺第 3 年末"),
    ("cash value year twice", cash(4, 5, "2"), "cash_values.csv", 4, "第 2 年末重复"),
    ("cash value negative", cash(3, 6, "-1"), "cash_values.csv", 3, "小于零"),
    ("cash value with a digit too many", cash(4, 6, "52.5"), "cash_values.csv", 4, "第 3 年末的 52.5 与前后各年 4.25、6.25 相差过大"),
    ("cash value with a digit too few", cash(4, 6, "0.52"), "cash_values.csv", 4, "第 3 年末的 0.52 与前后各年"),
    ("cash value left at the end", cash(6, 6, "3.00"), "cash_values.csv", 6, "期满的现金价值应为 0"),
    ("cash values of an age missing", lambda g, r, c: [c.pop(0) for _ in range(5)] and None, "cash_values.csv", 0, "缺 18 岁等 1 个投保年龄的现金价值"),
]  # fmt: skip


def told(path: Path) -> str:
    words = io.StringIO()
    before = (Product.objects.count(), ProductVersion.objects.count(), Rate.objects.count())
    with pytest.raises(CommandError, match="未装入任何险种"):
        call_command("load_products", path, stderr=words, stdout=io.StringIO())
    assert (Product.objects.count(), ProductVersion.objects.count(), Rate.objects.count()) == before
    return words.getvalue()


def test_the_product_itself_loads(tmp_path):
    call_command("load_products", write(tmp_path / "X100"), stdout=io.StringIO())
    call_command("load_products", write_factors(tmp_path / "X200"), stdout=io.StringIO())
    assert Rate.objects.filter(version__product__code="X100", kind="premium").count() == 20
    assert Rate.objects.filter(version__product__code="X100", kind="cash_value").count() == 20


@pytest.mark.parametrize(("change", "file", "row", "reason"), [pytest.param(*b[1:], id=b[0]) for b in BROKEN])
def test_a_damaged_file_is_refused_with_file_row_and_reason(tmp_path, change, file, row, reason):
    lines = told(write(tmp_path / "X100", change)).splitlines()
    place = f"X100/{file} 第 {row} 行：" if row else f"X100/{file}："
    assert any(line.startswith(place) and reason in line for line in lines), lines


@pytest.mark.parametrize(
    ("change", "row", "reason"),
    [
        (lambda t: t.replace("0,2000,17.52", "0,1500,17.52"), 4, "应自 1500 起"),
        (lambda t: t.replace("31,365", "30,365"), 6, "重叠"),
        (lambda t: t.replace("31,365", "40,365"), 6, "缺 30 与 40 之间的一段"),
        (lambda t: t.replace("CNY per 10000 sum insured per person-year", "per mille"), 2, "单位不明"),
        (lambda t: t.replace("X200,ACC,base", "X200,TPD,base"), 2, "没有责任 TPD"),
        (lambda t: t.replace("1.00,", "0,"), 6, "费率或系数为零"),
        (lambda t: t.replace("0,2000,17.52", "100,2000,17.52"), 3, "应自 0 起"),
    ],
)
def test_a_damaged_factor_table_is_refused(tmp_path, change, row, reason):
    assert change(FACTORS) != FACTORS
    lines = told(write_factors(tmp_path / "X200", change)).splitlines()
    assert any(line.startswith(f"X200/rates.csv 第 {row} 行：") and reason in line for line in lines), lines


def test_a_missing_and_an_unknown_column_are_named(tmp_path):
    folder = write(tmp_path / "X100")
    text = (folder / "rates.csv").read_text(encoding="utf-8")
    (folder / "rates.csv").write_text(text.replace(",unit\n", ",currency\n"), encoding="utf-8")
    words = told(folder)
    assert "X100/rates.csv 第 1 行：缺少列 unit" in words and "不认识的列 currency" in words


def test_a_hundred_megabytes_are_not_read(tmp_path):
    folder = write(tmp_path / "X100")
    with (folder / "rates.csv").open("r+b") as stream:
        stream.truncate(100 * 1024 * 1024)
    assert "X100/rates.csv：文件 100.0 MB，超过上限 8.0 MB，未读取" in told(folder)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("rates.csv", b"\xff\xfe\x00\x01", "不是 UTF-8"), ("rates.csv", b"", "缺少列"), ("rates.csv", b"a\0b", "空字符"),
        ("product.json", b"{\"code\": ", "不是完整的 JSON"), ("product.json", b"[1, 2]", "应为一个 JSON 对象"),
        ("product.json", b"[" * 100000, "不是完整的 JSON"), ("product.json", b"{\"entry_age\": NaN}", "不是完整的 JSON"),
        ("cash_values.csv", b"\"" + b"x" * 200_000, "不是正确的 CSV"),
    ],
)  # fmt: skip
def test_what_is_no_table_and_no_json_is_refused(tmp_path, name, content, reason):
    folder = write(tmp_path / "X100")
    (folder / name).write_bytes(content)
    assert reason in told(folder)


@pytest.mark.parametrize("name", ["product.json", "rates.csv"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    folder = write(tmp_path / "X100")
    (folder / name).unlink()
    assert f"X100/{name}：缺少此文件" in told(folder)


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("name", "样本新名定期寿险", "名称为“样本定期寿险”，文件写“样本新名定期寿险”"), ("type", "两全保险", "类别为定期寿险，文件写两全保险"),
        ("main_or_rider", "rider", "不是附加险，文件相反"), ("design", "participating", "不是分红型，文件相反"),
    ],
)  # fmt: skip
def test_what_a_product_is_does_not_change_with_a_version(tmp_path, part, value, reason):
    call_command("load_products", write(tmp_path / "X100"), stdout=io.StringIO())
    words = told(write(tmp_path / "X100", put(part, value)))
    assert f"X100：X100 已装入，{reason}；不同的险种请用新代码" in words


def test_an_exclusion_without_chinese_words_is_named(tmp_path):
    words = io.StringIO()
    call_command("load_products", write(tmp_path / "X100", put("exclusions.labels", ["war", "volcano", "火山爆发"])), "--hints", stdout=words)
    assert [line for line in words.getvalue().splitlines() if "没有中文说法" in line] == [
        "  提示 X100/product.json：exclusions.labels[2]：“volcano”没有中文说法，将照原样显示"
    ]


def test_one_faulty_product_keeps_the_others_out(tmp_path):
    write(tmp_path / "X100")
    write_factors(tmp_path / "X200", lambda t: t.replace("4.65", "x"))
    assert "X200/rates.csv 第 2 行" in told(tmp_path)
    assert not Product.objects.filter(code="X100").exists()


def test_all_faults_are_told_at_once(tmp_path):
    def change(given, rates, values):
        rates[0][6], rates[5][1], values[0][6] = "x", "Q", "y"
        given["claims"]["decide_days"] = 0

    assert len(told(write(tmp_path / "X100", change)).splitlines()) == 4


def test_a_zip_that_unpacks_too_large_or_holds_two_products_is_refused():
    import zipfile

    def packed(*names: str, size: int = 10) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            for name in names:
                target.writestr(name, b"0" * size)
        return stream.getvalue()

    for content, reason in (
        (packed("a/rates.csv", size=9 * 1024 * 1024), "超过上限"), (packed("a/rates.csv", "b/rates.csv"), "同名文件"), (b"PK", "zip"),
    ):  # fmt: skip
        with pytest.raises(Faulty, match=reason):
            from_uploads({"x.zip": content})
    with pytest.raises(Faulty, match="不认识的文件"):
        from_uploads({"../../etc/passwd": b""})
