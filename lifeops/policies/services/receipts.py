"""保费到账文件: what the bank has collected, booked row by row. A row that cannot be booked is named and stands in nobody's
way; a row that was booked before changes nothing, so a file may be sent again whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.db.models import Sum

from lifeops.org.text import visible
from lifeops.policies.errors import BookRefused
from lifeops.policies.models import Account, LedgerLine, Policy
from lifeops.policies.rules.lines import ZERO, yuan
from lifeops.policies.services.premiums import receipt_key, receive_premium, repayment_key

COLUMNS = ("policy_number", "amount", "received_on", "reference")
LARGEST = 50 * 1024 * 1024
#: Ten digits before the point, as wherever an amount is typed: the ledger holds sums of many.
AMOUNT = re.compile(r"\d{1,10}(\.\d{1,2})?")
LONGEST_REFERENCE = 57


class Unreadable(Exception):
    """The file as a whole cannot be read; str() is Chinese text."""


@dataclass(frozen=True)
class Receipt:
    """A row, counted as the file counts, the heading being 1; the amount in 元."""

    row: int
    policy_number: str
    amount: Decimal
    received_on: date
    reference: str


@dataclass
class Booked:
    """Rows booked now and what they come to; rows that had been booked; what could not be booked and why."""

    rows: int = 0
    amount: Decimal = ZERO
    before: int = 0
    faults: list[str] = field(default_factory=list)


def read_receipts(path: Path, today: date, faults: list[str]) -> Iterator[Receipt]:
    """The rows that can be read; the others are added to `faults`."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(f"文件超过 {LARGEST // 1024 // 1024} MB")
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise Unreadable("无法打开文件") from None
    except UnicodeDecodeError:
        raise Unreadable("文件不是 UTF-8 编码") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    seen: dict[str, int] = {}
    try:
        heading = reader.fieldnames or ()
        if lacking := [c for c in COLUMNS if c not in heading]:
            raise Unreadable(f"缺少列 {'、'.join(lacking)}")
        if twice := [c for c in COLUMNS if list(heading).count(c) > 1]:
            raise Unreadable(f"列 {'、'.join(twice)} 重复")
        for number, raw in enumerate(reader, start=2):
            cells = {name: visible(raw.get(name) or "").strip() for name in COLUMNS}
            wrong, day = _wrong(cells, today)
            if None in raw:
                wrong = "单元格多于表头的列"
            if not wrong and cells["reference"] in seen:
                wrong = f"流水号 {cells['reference']} 与第 {seen[cells['reference']]} 行重复"
            if wrong or day is None:
                faults.append(f"第 {number} 行：{wrong}")
                continue
            seen[cells["reference"]] = number
            yield Receipt(number, cells["policy_number"].upper(), Decimal(cells["amount"]), day, cells["reference"])
    except csv.Error as error:
        raise Unreadable(f"第 {reader.line_num} 行：表格格式错误（{error}）") from None


def _wrong(cells: dict[str, str], today: date) -> tuple[str, date | None]:
    """(why the row cannot be read, its day)."""
    try:
        day = date.fromisoformat(cells["received_on"])
    except ValueError:
        return f"到账日“{cells['received_on'][:20]}”不是日期", None
    if day > today:
        return f"到账日 {day} 晚于今天", None
    if not AMOUNT.fullmatch(cells["amount"]) or Decimal(cells["amount"]) <= 0:
        return f"金额“{cells['amount'][:20]}”应为大于零、至多两位小数的数", None
    if "\x00" in "".join(cells.values()):
        return "含有无法识别的控制字符", None
    if not cells["reference"] or len(cells["reference"]) > LONGEST_REFERENCE:
        return f"流水号应为 1 至 {LONGEST_REFERENCE} 个字符", None
    return ("", day) if cells["policy_number"] else ("没有保单号", None)


def book(path: Path, *, today: date, now: datetime) -> Booked:
    """Book a file, every row by itself. It is read to its end first: of a file that breaks off in the middle nothing is booked."""
    done = Booked()
    for receipt in list(read_receipts(path, today, done.faults)):
        with transaction.atomic():
            _book(receipt, now, done)
    return done


def _book(receipt: Receipt, now: datetime, done: Booked) -> None:
    # locked before it is looked up: of two runs of one file the second counts as booked before what the first has booked
    policy = Policy.objects.select_for_update(no_key=True).filter(number=receipt.policy_number).first()
    if policy is None:
        done.faults.append(f"第 {receipt.row} 行：没有保单 {receipt.policy_number[:40]}")
        return
    if receipt.received_on < policy.applied_on:
        done.faults.append(f"第 {receipt.row} 行：到账日 {receipt.received_on} 早于投保日 {policy.applied_on}")
        return
    # what a repayment of a loan has booked by the same reference came in once
    keys = [receipt_key(receipt.reference), repayment_key(receipt.reference)]
    lines = LedgerLine.objects.filter(entry__policy=policy, entry__key__in=keys, account=Account.RECEIVED)
    booked = lines.aggregate(total=Sum("amount"))["total"]
    if booked is not None and booked != receipt.amount:
        done.faults.append(f"第 {receipt.row} 行：流水号 {receipt.reference} 已入账 {yuan(booked)} 元，文件为 {yuan(receipt.amount)} 元")
    elif booked is not None:
        done.before += 1
    else:
        _receive(policy, receipt, now, done)


def _receive(policy: Policy, receipt: Receipt, now: datetime, done: Booked) -> None:
    try:
        receive_premium(
            policy=policy, amount=receipt.amount, received_on=receipt.received_on, reference=receipt.reference, actor=None, now=now
        )
    except BookRefused as refused:
        done.faults.append(f"第 {receipt.row} 行：{policy.number} {refused}")
    else:
        done.rows += 1
        done.amount += receipt.amount
