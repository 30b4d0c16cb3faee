"""Case numbers: 机构-业务-年-序号-校验, e.g. 861101-CL-2026-000123-7.

The check digit is ISO 7064 MOD 11,10 over the digits, so one wrong digit or two swapped neighbours are found before a
look-up is made.
"""

from __future__ import annotations

import re

from django.db import connection
from stdnum.iso7064 import mod_11_10

PATTERN = re.compile(r"^(\d{2,12})-([A-Z]{2})-(\d{4})-(\d{6,})-(\d)$")


def check_digit(branch: str, prefix: str, year: int, serial: int) -> str:
    """Check digit of a number's parts; letters count as their position (A=10 … Z=35)."""
    letters = "".join(str(ord(c) - 55) for c in prefix)
    return str(mod_11_10.calc_check_digit(f"{branch}{letters}{year}{serial:06d}"))


def compose(branch: str, prefix: str, year: int, serial: int) -> str:
    return f"{branch}-{prefix}-{year}-{serial:06d}-{check_digit(branch, prefix, year, serial)}"


def is_valid(number: str) -> bool:
    """True when the number has the right shape and its check digit agrees."""
    return bool(PATTERN.match(number.strip().upper())) and not is_mistyped(number)


def is_mistyped(number: str) -> bool:
    """True for a whole number whose check digit does not agree: no case can bear it."""
    found = PATTERN.match(number.strip().upper())
    if not found:
        return False
    branch, prefix, year, serial, digit = found.groups()
    return check_digit(branch, prefix, int(year), int(serial)) != digit


def next_serial(scope: str) -> int:
    """Next number within `scope`; gap-free within a transaction, one row lock per scope and not per table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_serial (scope, last) VALUES (%s, 1) "
            "ON CONFLICT (scope) DO UPDATE SET last = cases_serial.last + 1 RETURNING last",
            [scope],
        )
        return int(cursor.fetchone()[0])
