"""名单 as data: read with every fault, entered by one and put in force by another, in versions."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lifeops.policies.errors import BookInvalid, BookRefused
from lifeops.policies.identity import compose_card
from lifeops.policies.loading.faults import Faulty
from lifeops.screening.models import WatchEntry, WatchList
from lifeops.screening.services.lists import decide, enter
from lifeops.screening.services.reading import read_list
from tests.plain import in_plain_text
from tests.screening.listing import HEAD, csv_of, given, in_force, serial, workbook

TODAY = date(2026, 6, 1)
CARD = compose_card(region="990101", birth_date=date(1986, 5, 17), sequence=121)


def read(content: bytes, name: str = "list.csv"):
    return read_list(name, content, today=TODAY)


def faults(*rows: str) -> list[str]:
    with pytest.raises(Faulty) as caught:
        read(csv_of(*rows))
    return [str(fault) for fault in caught.value.faults]


def test_a_row_tells_names_document_and_birth_date():
    found = read(csv_of(f"张测甲,张旧名；Zhang Ceshi,居民身份证,{CARD},,虚构", "李测乙,,,,1990年1月2日,", "虚构公司,,统一社会信用代码,91110000MA01ABCD1B,,"[:0] or "王测丙,,,,,"))
    assert [(f.row, f.name, f.also, f.id_number, f.birth_date) for f in found] == [
        (2, "张测甲", ("张旧名", "Zhang Ceshi"), CARD, date(1986, 5, 17)), (3, "李测乙", (), "", date(1990, 1, 2)), (4, "王测丙", (), "", None),
    ]


def test_a_workbook_and_other_encodings_are_read_the_same():
    head = HEAD.split(",")
    rows = [head, ["张测甲", "张旧名", "身份证", CARD, serial(date(1986, 5, 17)), None], ["李测乙", None, None, None, "1990-01-02", "虚构"]]
    [first, second] = read(workbook(*rows), "list.xlsx")
    assert (first.row, first.name, first.id_number, first.birth_date, second.birth_date) == (2, "张测甲", CARD, date(1986, 5, 17), date(1990, 1, 2))
    assert read("\n".join([HEAD, "李测乙,,,,1990/1/2,"]).encode("gb18030"))[0].birth_date == date(1990, 1, 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",,,,1990-01-02,", "姓名为空"), ("张" * 61 + ",,,,,", "姓名最多 60 个字"), ("李测乙,,,,1990-02-30,", "出生日期“1990-02-30”应为"),
        ("李测乙,,,,2999-01-01,", "出生日期“2999-01-01”应为"), ("李测乙,,驾驶证,123456,,", "没有证件类型“驾驶证”"), ("李测乙,,护照,,,", "证件号码为空"),
        (f"李测乙,,,{CARD[:-1]}{'0' if CARD[-1] != '0' else '1'},,", "校验位不符"), (f"李测乙,,,{CARD},1986-05-18,", "不一致"), ("李测乙,,,9.9010119860517E+17,,", "科学计数"),
        ("李测乙,,,,,,多一列", "列数多于表头"), (f"李测乙,,{CARD},,,", "没有证件类型“990"), (f"李测乙,,,,{CARD},", "出生日期“990"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(line, reason):
    [told] = faults("王测丙,,,,,", line)
    assert told.startswith("list.csv 第 3 行：") and reason in told
    assert CARD[6:16] not in told  # the number is not shown


def test_a_file_without_a_heading_shows_no_number():
    with pytest.raises(Faulty) as caught:
        read(f"张测甲,,,{CARD},,".encode())
    assert "不认识的列" in str(caught.value) and CARD[6:14] not in str(caught.value)


def test_all_faults_are_told_and_twins_among_them():
    found = faults(",,,,,x", "李测乙,,,,1990-01-02,", "李测乙,,,,1990-01-02,", "王测丙,,,,昨天,")
    assert len(found) == 3 and "第 4 行：与第 3 行重复" in found[1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "缺少列 姓名"), ("名字,证件号码\n张,1".encode(), "缺少列 姓名"), (csv_of(), "没有数据"), (b"PK\x03\x04nothing", "工作簿已损坏"),
        (b"\xff\xfe\x00\x01", "CSV"), (b"x" * (8 * 1024 * 1024 + 1), "文件超过 8 MB"), ("姓名,住址\n张,样本市".encode(), "不认识的列 住址"),
        (workbook(["姓名"], ["张测甲"]).replace(b"PK", b"PK"), ""),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(content, reason):
    if not reason:
        assert read(content)[0].name == "张测甲"
        return
    with pytest.raises(Faulty, match=reason):
        read(content)


def packed(sheet: str | bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", sheet)
    return made.getvalue()


def bent(content: bytes, *, at: int, to: int) -> bytes:
    """A byte of what stands about the part otherwise: in its own heading, and two bytes on in the index at the end."""
    own, index = content.index(b"PK\x03\x04") + at, content.index(b"PK\x01\x02") + at + 2
    return content[:own] + bytes([to]) + content[own + 1 : index] + bytes([to]) + content[index + 1 :]


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'
HEADED = f'<row r="1">{CELL.format("姓名")}</row>'
WHOLE = packed(SHEET.format(HEADED))
NAMED = WHOLE.index(b"sheet1.xml") + len(b"sheet1.xml")
ENTITY = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "姓名">]>' + SHEET.format(f'<row r="1">{CELL.format("&x;")}</row>')


@pytest.mark.parametrize(
    "content",
    [
        WHOLE[: NAMED + 5] + b"\xff" * 20 + WHOLE[NAMED + 25 :], bent(WHOLE, at=6, to=1), bent(WHOLE, at=8, to=99), bent(WHOLE, at=8, to=12),
        packed('<?xml version="1.0" encoding="no-such"?><a/>'), packed(ENTITY.encode("utf-16")),
    ],
    ids=["damaged", "password", "packed otherwise", "said to be packed otherwise", "encoding", "entity"],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_is_refused(content):
    with pytest.raises(Faulty, match="工作簿已损坏或有密码"):
        read(content, "list.xlsx")


@pytest.mark.parametrize("row", ["²", "9" * 5000, "99999999999", "x", ""])
def test_a_row_without_a_number_that_counts_is_told_by_its_place(row):
    [found] = read(packed(SHEET.format(f'{HEADED}<row r="{row}">{CELL.format("张测甲")}</row>')), "list.xlsx")
    assert (found.row, found.name) == (2, "张测甲")


@pytest.mark.parametrize("place", ["²", "9" * 5000, "-1", "7"])
def test_a_cell_that_points_at_no_text_is_empty(place):
    with pytest.raises(Faulty, match="姓名为空"):
        read(packed(SHEET.format(HEADED.replace("</row>", f'{CELL.format("说明")}</row>') + f'<row r="2"><c t="s"><v>{place}</v></c>{CELL.format("x")}</row>')))


def test_a_list_is_in_force_when_another_has_approved_it(cast):
    made = enter(**given(cast, f"张测甲,,,{CARD},,"))
    assert not WatchList.objects.in_force(timezone.localdate()).exists()
    for who, why in ((cast.manager, "录入人与批准人须为两人"), (cast.head, "由总公司运营主管或批准岗批准"), (cast.auditor, "由总公司运营主管或批准岗批准")):
        with pytest.raises(BookRefused, match=why):
            decide(row=made, approve=True, remark="", actor=who, now=timezone.now())
    with pytest.raises(BookInvalid, match="驳回须写明意见"):
        decide(row=made, approve=False, remark=" ", actor=cast.approver, now=timezone.now())
    assert decide(row=made, approve=True, remark="", actor=cast.approver, now=timezone.now()).state == "applied"
    assert WatchList.objects.in_force(timezone.localdate()).get() == made
    with pytest.raises(BookRefused, match="已生效，不能再批准"):
        decide(row=made, approve=False, remark="晚了", actor=cast.approver, now=timezone.now())


def test_who_may_not_bring_one_in_and_what_does_not_fit(cast):
    for who in (cast.approver, cast.clerk, cast.head):
        with pytest.raises(BookRefused, match="由总公司运营主管录入"):
            enter(**given(cast, "张测甲,,,,,", actor=who))
    today = timezone.localdate()
    wrong = {
        "kind": {"kind": "fun"}, "effective_from": {"effective_from": today - timedelta(days=1)}, "effective_to": {"effective_to": today - timedelta(days=1)},
    }  # fmt: skip
    for name, fields in wrong.items():
        with pytest.raises(BookInvalid) as caught:
            enter(**given(cast, "张测甲,,,,,", **fields))
        assert name in caught.value.errors
    in_force(cast, "张测甲,,,,,")
    with pytest.raises(BookInvalid, match="请用另一代码"):
        enter(**given(cast, "张测甲,,,,,", kind="pep", effective_from=today + timedelta(days=1)))
    with pytest.raises(BookInvalid, match="已有自"):
        enter(**given(cast, "张测甲,,,,,"))


def test_a_new_version_ends_the_one_before(cast):
    today = timezone.localdate()
    first = in_force(cast, "张测甲,,,,,")
    second = in_force(cast, "李测乙,,,,,", effective_from=today + timedelta(days=10))
    first.refresh_from_db()
    assert (first.effective_to, second.effective_to) == (today + timedelta(days=9), None)
    between = in_force(cast, "王测丙,,,,,", effective_from=today + timedelta(days=5))
    first.refresh_from_db()
    assert (first.effective_to, between.effective_to) == (today + timedelta(days=4), today + timedelta(days=9))
    assert [WatchList.objects.in_force(today + timedelta(days=n)).get() for n in (0, 5, 10)] == [first, between, second]


def test_numbers_are_encrypted_and_found_by_their_index(cast):
    in_force(cast, f"张测甲,,,{CARD},,")
    entry = WatchEntry.objects.get()
    assert entry.id_number == CARD and CARD not in entry.id_masked
    assert {column for where, column in in_plain_text() if "WatchEntry" in where} == set()


def test_the_command_checks_and_brings_in(cast, tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(csv_of("张测甲,,,,,", ",,,,,x"))
    said = io.StringIO()
    with pytest.raises(CommandError, match="共 1 处错误，没有录入"):
        call_command("load_watch_list", file, "--check", stderr=said)
    assert "第 3 行：姓名为空" in said.getvalue()
    file.write_bytes(csv_of("张测甲,,,,,"))
    with pytest.raises(CommandError, match="缺少 --code"):
        call_command("load_watch_list", file)
    told = ["--code", "T-9", "--source", "虚构来源", "--kind", "terror", "--reason", "测试", "--by"]
    with pytest.raises(CommandError, match="由总公司运营主管录入"):
        call_command("load_watch_list", file, *told, cast.clerk.staff_no)
    call_command("load_watch_list", file, *told, cast.manager.staff_no, stdout=said)
    assert "1 人，待另一人批准" in said.getvalue() and WatchList.objects.get().state == "open"
