"""Timing, and what PostgreSQL says about a statement."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

#: A table smaller than this may be read from end to end.
SMALL = 2000


def times(acts: Iterable[Callable[[], Any]]) -> list[float]:
    """Milliseconds of each act."""
    found = []
    for act in acts:
        start = time.perf_counter()
        act()
        found.append((time.perf_counter() - start) * 1000)
    return found


def at(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def statements(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        act()
    return [q["sql"] for q in caught.captured_queries]


def scans(sqls: list[str]) -> list[str]:
    """Sequential scans of large tables in the plans of these statements."""
    found = []
    for sql in sqls:
        if not sql.lstrip().upper().startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + sql)
            plan = cursor.fetchone()[0]
        for node in nodes((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]):
            if node["Node Type"] == "Seq Scan" and rows(node["Relation Name"]) > SMALL:
                found.append(f"{node['Relation Name']}: {sql[:160]}")
    return found


def reads(sqls: list[str], most: int, *, may_stop: bool = False) -> list[tuple[str, str]]:
    """Statements that scan a large table, or whose plan, carried out, looks at more than `most` rows of one: (statement,
    what it does). Those that write are planned only. `may_stop`: a scan that stops when it has enough goes by its rows."""
    found = []
    for sql in dict.fromkeys(sqls):
        kind = sql.lstrip().split(" ", 1)[0].upper()
        if kind not in ("SELECT", "UPDATE", "DELETE", "INSERT"):
            continue
        done = "ANALYZE, " if kind == "SELECT" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN ({done}FORMAT JSON) {sql}")
            plan = cursor.fetchone()[0]
        for node in nodes((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]):
            table = node.get("Relation Name", "")
            if not table or rows(table) <= SMALL:
                continue
            gone = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
            looked = (node.get("Actual Rows", 0) + gone) * node.get("Actual Loops", 1)
            if node["Node Type"] == "Seq Scan" and not (may_stop and done):
                found.append((sql[:400], f"scans {table}"))
            elif looked > most:
                found.append((sql[:400], f"{node['Node Type']} of {table} looks at {looked:,.0f} rows"))
    return found


def nodes(plan: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = %s", [table])
        return cursor.fetchone()[0]
