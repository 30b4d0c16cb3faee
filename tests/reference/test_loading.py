"""Lists out of files: real ones beside the project, broken ones of our own."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from lifeops.reference.lists import SPECS
from lifeops.reference.loading import Unloadable, read_file
from lifeops.reference.models import Bank, Diagnosis, DisabilityGrade, DisabilityItem, Division, Illness, Occupation

pytestmark = pytest.mark.django_db


def load(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("load_reference", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.shared_data
def test_the_real_lists_load_whole_and_twice_changes_nothing(shared):
    _out, err = load(str(shared / "data"))
    assert err.splitlines() == ["银行：banks.csv 第 380 行：“name”为空"]  # the one faulty row of all these files
    numbers = {m: m.objects.filter(active=True).count() for m in (Diagnosis, Occupation, Bank, DisabilityItem, DisabilityGrade, Illness)}
    assert list(numbers.values()) == [40473, 756, 419, 279, 10, 31]
    divisions = Division.objects.filter(active=True)
    assert divisions.filter(current=True).count() == 3351 and divisions.filter(current=False).count() == 794
    assert Occupation.objects.filter(active=True, accident_class=0).count() == 58
    assert Division.objects.get(code="330106").full_name == "浙江省杭州市西湖区"
    again, _ = load(str(shared / "data"))
    for line in again.splitlines():
        assert "新增 0 条，更改 0 条" in line or line.startswith("工作日历：新增 0 天，更改 0 天"), line
    # the start list of the installation does not come back over the loaded one
    before = Diagnosis.objects.count()
    call_command("load_defaults", stdout=StringIO())
    assert Diagnosis.objects.count() == before


def test_a_bare_installation_has_a_small_list_of_its_own():
    assert Diagnosis.objects.filter(starter=True).count() == 21
    assert DisabilityGrade.objects.get(code="3").ratio == Decimal("0.80")


def write(folder, name: str, text: str, encoding: str = "utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


ICD = "code,name,kind\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("icd10_zh.csv", "code,name\nA00,霍乱\n", "缺少列 kind"),
        ("icd10_zh.csv", ICD + "A00,,category3\n", "第 2 行：“name”为空"),
        ("icd10_zh.csv", ICD + "A00,霍乱,category3\nA00,伤寒,category3\n", "第 3 行：代码 A00 与第 2 行重复"),
        ("icd10_zh.csv", ICD + "霍乱,A00,category3\n", "“code”应为疾病编码"),
        ("icd10_zh.csv", ICD + "A00,霍乱,disease\n", "“kind”应为"),
        ("icd10_zh.csv", ICD + "A00,霍乱\n", "列数少于表头"),
        ("icd10_zh.csv", ICD + "A00,霍乱,category3,多\n", "列数多于表头"),
        ("icd10_zh.csv", ICD + f"A00,{'霍' * 201},category3\n", "超过 200 个字"),
        ("icd10_zh.csv", ICD, "没有数据"),
        ("icd10_zh.csv", "", "缺少列"),
        ("occupations.csv", "code,name,accident_class\n000101,内勤,7\n", "1 至 6 或 拒保"),
        ("occupations.csv", "code,name,accident_class,declined\n000101,内勤,1,1\n", "不一致"),
        ("divisions.csv", "code,level,name\n330100,3,杭州市\n", "与级别 3 不符"),
        ("divisions.csv", "code,level,name\n33010,3,杭州市\n", "6 位数字"),
        ("banks.csv", "cnaps_code,name\n1021,银行\n", "12 位数字"),
        ("disability_grades.csv", "seq,item,grade,payout_ratio\n1,失明,1,0.9\n", "1 级的给付比例应为 1"),
        ("disability_payout_ratio.csv", "grade,payout_ratio\n1,NaN\n", "比例"),
        ("disability_payout_ratio.csv", "grade,payout_ratio\n1,-1\n", "比例"),
        ("critical_illness_2020.csv", "severity,code,name\n中度,S01,癌\n", "应为重度或轻度"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_row_and_reason_and_changes_nothing(tmp_path, name, text, words):
    models = {spec.model for spec in SPECS.values()}
    before = {m: list(m.objects.values_list("code", "name", "active")) for m in models}
    err = StringIO()
    with pytest.raises(CommandError, match="未装入"):
        call_command("load_reference", write(tmp_path, name, text), "--strict", stdout=StringIO(), stderr=err)
    assert words in err.getvalue()
    assert {m: list(m.objects.values_list("code", "name", "active")) for m in models} == before


def test_text_that_is_not_utf8_is_refused(tmp_path):
    with pytest.raises(Unloadable, match="UTF-8"):
        read_file(SPECS["icd10"], type(tmp_path)(write(tmp_path, "icd10_zh.csv", ICD + "A00,霍乱,category3\n", "gbk")))


def test_faulty_rows_are_skipped_and_reported(tmp_path):
    text = ICD + "Z98,手术后状态,category3\n坏,行,category3\n"
    out, err = load(write(tmp_path, "icd10_zh.csv", text))
    assert "新增 1 条" in out and "跳过 1 行" in out and "第 3 行" in err


def test_an_unknown_file_name_needs_the_list(tmp_path):
    path = write(tmp_path, "mine.csv", ICD + "Z98,手术后状态,category3\n")
    with pytest.raises(CommandError, match="--list"):
        load(path)
    assert "新增 1 条" in load(path, "--list", "icd10")[0]
