"""Advisory locks of the database, all in one place so that no two share a number. Each is held to the end of the
transaction."""

from __future__ import annotations

from enum import IntEnum, unique

from django.db import connection


@unique
class Lock(IntEnum):
    """What only one may do at a time."""

    FOLDING = 7_301_955
    RULES = 7_301_956
    ORDERS = 7_301_957
    EVENT = 7_301_958
    DOCUMENT = 7_301_959
    PRODUCTS = 7_306_113


def hold(lock: Lock) -> None:
    """Wait for the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock.value])


def hold_one(lock: Lock, what: str) -> None:
    """Wait for the lock on one thing of a kind. Two numbers are a room of their own: they never meet those of `hold`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [lock.value, what])


def take(lock: Lock) -> bool:
    """The lock if it is free; False where another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock.value])
        return bool(cursor.fetchone()[0])
