"""保费到账文件: what the bank collected is booked row by row, once; what cannot be booked is named and stands in nobody's way."""

from __future__ import annotations

import io
import threading
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.utils import timezone

from lifeops.policies.models import Policy, PolicyEvent
from lifeops.policies.rules.dates import add_years
from lifeops.policies.services.changing import rescind
from lifeops.policies.services.ledger import balances
from lifeops.policies.services.life import run_policy_day
from lifeops.policies.services.premiums import receive_premium
from lifeops.policies.services.receipts import book
from tests.factories import make_policy
from tests.waiting import until, waits_for_a_lock

pytestmark = pytest.mark.django_db
HEAD = "policy_number,amount,received_on,reference"


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def owing(issue, today):
    """Two policies whose second premium fell due ten days ago: they are in their days of grace."""
    since = add_years(today - timedelta(days=10), -1)
    found = [issue(code, applied_on=since, effective_on=since) for code in ("T20", "W30")]
    run_policy_day(today)
    return [Policy.objects.get(pk=p.pk) for p in found]


def sent(folder: Path, *rows: str, head: str = HEAD) -> tuple[str, str, bool]:
    """(what was told, what was wrong, whether it went through)."""
    (folder / "bank.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    told, wrong = io.StringIO(), io.StringIO()
    try:
        call_command("receive_premiums", folder / "bank.csv", stdout=told, stderr=wrong)
    except CommandError as error:
        return told.getvalue().strip(), f"{wrong.getvalue()}{error}", False
    return told.getvalue().strip(), wrong.getvalue(), True


def premium(policy: Policy) -> Decimal:
    return sum((c.premium for c in policy.coverages.all()), Decimal(0))


def test_the_file_takes_the_policies_out_of_grace_and_sent_again_changes_nothing(owing, today, tmp_path):
    rows = [f"{p.number},{premium(p)},{today - timedelta(days=1)},B{n}" for n, p in enumerate(owing)]
    assert {p.status for p in owing} == {"grace"}
    told, wrong, fine = sent(tmp_path, *rows)
    total = sum(premium(p) for p in owing)
    assert (told, wrong, fine) == (f"入账 2 笔 {total:,.2f} 元，以前已入账 0 笔，未能入账 0 笔", "", True)
    for policy in Policy.objects.all():
        assert (policy.status, policy.paid_to, policy.suspense) == ("in_force", add_years(policy.effective_on, 2), 0)
        assert balances(policy)["received"] == 2 * premium(policy)
        event = PolicyEvent.objects.get(policy=policy, kind="money_in")
        assert (event.source, event.actor) == ("job", None)
    assert sent(tmp_path, *rows) == ("入账 0 笔 0.00 元，以前已入账 2 笔，未能入账 0 笔", "", True)
    assert PolicyEvent.objects.filter(kind="money_in").count() == 2


def test_a_row_that_cannot_be_booked_is_named_and_the_others_are_booked(owing, today, cast, tmp_path):
    ended, policy = owing
    rescind(policy=ended, case_number="PS-1", day=today, payable=Decimal(0), actor=cast.clerk, now=timezone.now())
    good, day = f"{policy.number},{premium(policy)},{today}", today.isoformat()
    told, wrong, fine = sent(
        tmp_path, f"{policy.number},八百,{day},B1", f"{policy.number},10.005,{day},B2", f"{policy.number},-5,{day},B3",
        f"{policy.number},5,{today + timedelta(days=1)},B4", f"{policy.number},5,2026/3/3,B5", f"P000,5,{day},B6", f"{policy.number},5,{day},",
        f"{good},B7", f"{good},B7", f"{ended.number},5,{day},B8", f",5,{day},B9", f"{policy.number},5,{day},{'x' * 58}",
        f"P\0,5,{day},B10", f"{policy.number},5,{day},B\0", f"{policy.number},999999999999.99,{day},B12", f"{policy.number},5,0001-01-01,B13",
        f"{policy.number},5,{day},B14,1", f"{policy.number},1,000.00,{day},B15",
    )
    lines = [line.removeprefix("bank.csv ") for line in wrong.splitlines()]
    for row, words in (
        (2, "金额“八百”应为大于零"), (3, "金额“10.005”"), (4, "金额“-5”"), (5, "晚于今天"), (6, "不是日期"), (7, "没有保单 P000"),
        (8, "流水号应为 1 至 57 个字符"), (10, "流水号 B7 与第 9 行重复"), (12, "没有保单号"), (13, "流水号应为"),
        (14, "控制字符"), (15, "控制字符"), (16, "金额“999999999999.99”"), (17, f"早于投保日 {policy.applied_on}"), (18, "多于表头的列"), (19, "多于表头的列"),
    ):  # fmt: skip
        assert any(line.startswith(f"第 {row} 行：") and words in line for line in lines), (row, lines)
    assert told.startswith("入账 2 笔") and not fine and lines[-1] == "16 笔未能入账，请核对后重新提交"
    assert Policy.objects.get(pk=policy.pk).status == "in_force" and "received" in balances(policy)
    # money for a contract that is over has come in all the same: it waits to be refunded
    assert (Policy.objects.get(pk=ended.pk).suspense, Policy.objects.get(pk=ended.pk).status) == (5, "terminated")
    assert "合同已终止，待退" in PolicyEvent.objects.get(policy=ended, kind="money_in").note


def test_the_same_reference_with_another_amount_is_no_second_receipt(owing, today, tmp_path):
    policy = owing[0]
    assert sent(tmp_path, f"{policy.number},{premium(policy)},{today},B1")[2]
    told, wrong, fine = sent(tmp_path, f"{policy.number},{premium(policy) + 1},{today},B1")
    assert "流水号 B1 已入账" in wrong and not fine and told.endswith("未能入账 1 笔")
    assert balances(policy)["received"] == 2 * premium(policy)


@pytest.mark.parametrize(
    ("content", "words"), [
        (b"\xff\xfe", "不是 UTF-8"), (b"a,b\n", "缺少列 policy_number"), (f"{HEAD}\n\"P1,5".encode(), "表格格式错误"), (b'"policy_number', "表格格式错误"),
        (b"x" * 200_000, "表格格式错误"), (f"{HEAD},amount\nP1,5,2026-01-01,B1,7\n".encode(), "列 amount 重复"), (b"", "缺少列"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(tmp_path, content, words):
    (tmp_path / "bank.csv").write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("receive_premiums", tmp_path / "bank.csv")
    with pytest.raises(CommandError, match="无法打开"):
        call_command("receive_premiums", tmp_path / "none.csv")


def test_of_a_file_that_breaks_off_nothing_is_booked_and_a_byte_order_mark_is_none(owing, today, tmp_path):
    policy = owing[0]
    good = f"{policy.number},{premium(policy)},{today},B1"
    _, wrong, fine = sent(tmp_path, good, f'{policy.number},5,{today},"B2')
    assert not fine and "表格格式错误" in wrong and balances(policy)["received"] == premium(policy)
    assert sent(tmp_path, good, head=f"\ufeff{HEAD}")[2] and balances(policy)["received"] == 2 * premium(policy)


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_file_tell_one_receipt(transactional_cast, tmp_path):
    """The second finds the policy in the hands of the first; what it waited for it counts as booked before."""
    today, now, run = timezone.localdate(), timezone.now(), []
    policy = make_policy(transactional_cast.county, transactional_cast.clerk)
    (tmp_path / "bank.csv").write_text(f"{HEAD}\n{policy.number},100.00,{today},B1\n", encoding="utf-8")

    def second() -> None:
        run.append(book(tmp_path / "bank.csv", today=today, now=now))
        connections.close_all()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        receive_premium(policy=policy, amount=Decimal(100), received_on=today, reference="B1", actor=None, now=now)
        thread.start()
        waited = until(lambda: run or waits_for_a_lock())
    thread.join(60)
    assert waited
    assert (run[0].rows, run[0].amount, run[0].before, run[0].faults) == (0, 0, 1, [])
    assert PolicyEvent.objects.filter(kind="money_in").count() == 1
