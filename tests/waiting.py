"""Waiting for what other processes, threads and browsers do."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection


def until(done: Callable[[], object], seconds: float = 10) -> bool:
    """Wait until something holds, looking ten times a second; False when it did not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.1)
    return bool(done())


def waits_for_a_lock() -> int:
    """How many connections to the database of the test wait for a lock. That of a row is a lock on the transaction that has it, which
    belongs to no database; those a connection has on tables do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN "
            "(SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database())"
        )
        return int(cursor.fetchone()[0])
