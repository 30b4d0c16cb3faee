"""The numbers of the board, for one unit and everything under it. Nothing here counts the case table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, Min, Q, Sum
from django.urls import reverse

from lifeops.cases import registry
from lifeops.cases.models import Case
from lifeops.cases.states import AFTER, BEFORE, DURING, OPEN, Holder, LineCode, Stage, State, stage_of
from lifeops.insight.models import Flow, FlowDelta, Tally, TallyDelta
from lifeops.org.models import Branch, User

CAP = 999
PEOPLE = 60
DAYS = 30
STAGES = ((Stage.BEFORE, BEFORE), (Stage.DURING, DURING), (Stage.AFTER, AFTER))


def link(path: str, **filters: str) -> str:
    """Address of the list of exactly the counted cases."""
    return f"{reverse('cases:list')}?{urlencode({'branch': path} | {k: v for k, v in filters.items() if v})}"


def stock(path: str, *by: str, **only: Any) -> dict[tuple[Any, ...], int]:
    """Open cases under `path`, summed by the given columns of the counters (branch__path among them)."""
    found: dict[tuple[Any, ...], int] = {}
    parts = [
        model.objects.filter(branch__path__startswith=path, **only)
        .exclude(state=State.ARCHIVED)
        .order_by()
        .values_list(*by)
        .annotate(n=Sum("number"))
        for model in (Tally, TallyDelta)
    ]
    # one statement: between two of them a worker could fold, and a case would be counted twice or not at all
    for *key, number in parts[0].union(parts[1], all=True):
        found[tuple(key)] = found.get(tuple(key), 0) + number
    return {key: number for key, number in found.items() if number}


@dataclass
class Cell:
    count: int = 0
    url: str = ""
    since: datetime | None = None
    late: bool = False


@dataclass
class Row:
    label: str
    cells: list[Cell]
    total: Cell
    drill: str = ""


@dataclass
class Matrix:
    """Rows of lines (or of one line's items), columns of states under their 节点."""

    groups: list[dict[str, Any]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    sums: Row | None = None


def matrix(path: str, line: str, now: datetime) -> Matrix:
    """节点 × 状态: how many wait where, and since when the oldest does. Two statements."""
    by = "item" if line else "line"
    counts = stock(path, by, "state", **({"line": line} if line else {}))
    oldest = oldest_since(path, line, list(counts))
    table = Matrix(
        groups=[{"label": stage.label, "width": len(states)} for stage, states in STAGES], states=list(OPEN)
    )
    for code, label in heads(line, {key[0] for key in counts}):
        chosen = {"line": line, "item": code} if line else {"line": code}
        cells = [
            Cell(counts.get((code, s), 0), link(path, state=s, **chosen), oldest.get((code, s))) for s in OPEN
        ]
        total = Cell(sum(c.count for c in cells), link(path, stage="open", **chosen))
        drill = "" if line else code
        table.rows.append(Row(label, cells, total, drill))
    chosen = {"line": line} if line else {}
    sums = [
        Cell(
            sum(row.cells[i].count for row in table.rows),
            link(path, state=s, **chosen),
            min((since for (_, state), since in oldest.items() if state == s), default=None),
        )
        for i, s in enumerate(OPEN)
    ]
    table.sums = Row("合计", sums, Cell(sum(c.count for c in sums), link(path, stage="open", **chosen)))
    return table


def heads(line: str, seen: set[str]) -> list[tuple[str, str]]:
    """Codes and names of the matrix' rows: every line, or the items of one of which there are cases."""
    if not line:
        return [(code.value, code.label) for code in LineCode]
    known = {spec.code: spec for spec in registry.lines()}
    names = {item.code: item.name for item in known[line].items} if line in known else {}
    return [(code, f"{code} {names.get(code, '')}".strip()) for code in sorted(seen)]


def oldest_since(path: str, line: str, pairs: list[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """Since when the case waits that has waited longest, per line (or item of one) and state: an index probe per pair.

    Only pairs that hold a case are asked for: looking for the first of none would read a state to its end.
    """
    lines = [line or code for code, _ in pairs]
    items = [code if line else "" for code, _ in pairs]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.line, p.item, p.state, first.state_since "
            "FROM unnest(%s::text[], %s::text[], %s::text[]) p(line, item, state) "
            "CROSS JOIN LATERAL (SELECT state_since FROM cases_case WHERE state = p.state AND line = p.line "
            "AND (p.item = '' OR item = p.item) AND NOT (state = 'archived') AND branch_path LIKE %s "
            "ORDER BY state_since LIMIT 1) first",
            [lines, items, [state for _, state in pairs], f"{path}%"],
        )
        return {(item or of, state): since for of, item, state, since in cursor.fetchall()}


def overdue(path: str, now: datetime) -> list[dict[str, Any]]:
    """超期 by who holds the case, each capped: reads the index of due times up to the cap, whatever the table's size."""
    parts = [
        Case.objects.filter(branch_path__startswith=path, holder_party=party, due_at__lt=now)
        .exclude(state=State.ARCHIVED)
        .order_by("due_at")
        .values_list("holder_party", "due_at")[: CAP + 1]
        for party in Holder.values
    ]
    rows: dict[Holder, dict[str, Any]] = {
        p: {"party": p, "label": p.label, "count": 0, "oldest": None, "url": link(path, holder=p, overdue="1")} for p in Holder
    }
    for party, due in parts[0].union(*parts[1:], all=True):
        row = rows[Holder(party)]
        row["count"] += 1
        row["oldest"] = min(row["oldest"], due) if row["oldest"] else due
    return [row for party, row in rows.items() if row["count"] or party in (Holder.BRANCH, Holder.HQ, Holder.CUSTOMER)]


@dataclass(frozen=True)
class Day:
    day: date
    came_in: int
    decided: int
    went_out: int
    stock: int


def flow(path: str, today: date, stock_now: int, line: str = "", days: int = DAYS) -> list[Day]:
    """进、出、存 of the last days: the stock of a day is that of the next less what came plus what went."""
    first = today - timedelta(days=days - 1)
    only = {"line": line} if line else {}
    parts = [
        model.objects.filter(branch__path__startswith=path, day__gte=first, **only)
        .order_by()
        .values_list("day")
        .annotate(i=Sum("came_in"), d=Sum("decided"), o=Sum("went_out"))
        for model in (Flow, FlowDelta)
    ]
    found: dict[date, list[int]] = {}
    for day, *values in parts[0].union(parts[1], all=True):
        found[day] = [a + b for a, b in zip(found.get(day, [0, 0, 0]), values, strict=True)]
    rows, left = [], stock_now - sum(i - o for day, (i, _, o) in found.items() if day > today)
    for back in range(days):
        day = today - timedelta(days=back)
        came, decided, went = found.get(day, [0, 0, 0])
        rows.append(Day(day, came, decided, went, left))
        left += went - came
    return rows[::-1]


def people(path: str, now: datetime) -> list[dict[str, Any]]:
    """在手 per person: cases in review or at signature, late ones, oldest due. Reads what is in hand, not the table."""
    held = (
        Case.objects.filter(branch_path__startswith=path, state__in=(State.IN_REVIEW, State.PENDING_APPROVAL))
        .filter(assignee__isnull=False)
        .order_by()
        .values("assignee_id", "assignee__name", "assignee__username", "assignee__branch__short_name")
        .annotate(
            count=Count("pk"),
            review=Count("pk", filter=Q(state=State.IN_REVIEW)),
            late=Count("pk", filter=Q(due_at__lt=now)),
            suspended=Count("pk", filter=Q(suspended_until__gt=now)),
            next_due=Min("due_at"),
        )
        .order_by("-late", "-count", "assignee_id")[:PEOPLE]
    )
    rows = list(held)
    away = set(
        User.objects.filter(
            pk__in=[r["assignee_id"] for r in rows], absences__starts_at__lte=now, absences__ends_at__gt=now
        ).values_list("pk", flat=True)
    )
    most = max((row["count"] for row in rows), default=1)
    return [
        {
            "name": row["assignee__name"],
            "username": row["assignee__username"],
            "unit": row["assignee__branch__short_name"] or "",
            "count": row["count"],
            "review": row["review"],
            "approval": row["count"] - row["review"],
            "late": row["late"],
            "suspended": row["suspended"],
            "next_due": row["next_due"],
            "away": row["assignee_id"] in away,
            "share": round(row["count"] * 100 / most),
            "url": link(path, assignee=row["assignee__username"], stage="held"),
        }
        for row in rows
    ]


def units(unit: Branch, line: str) -> list[dict[str, Any]]:
    """机构 × 节点: the units one level below (with everything under each), the unit's own cases first."""
    children = list(Branch.objects.filter(parent=unit).order_by("path"))
    if not children:
        return []
    counts = stock(unit.path, "branch__path", "state", **({"line": line} if line else {}))
    rows: list[dict[str, Any]] = []
    for child in [unit, *children]:
        own = child is unit
        cells = dict.fromkeys(Stage, 0)
        for (path, state), number in counts.items():
            if path == child.path if own else path.startswith(child.path):
                cells[stage_of(state)] += number
        if own and not any(cells.values()):
            continue
        rows.append(
            {
                "label": f"{child.short_name}（本级）" if own else child.short_name,
                "path": "" if own else child.path,
                "cells": [
                    {"count": cells[s], "url": link(child.path, stage=s.value, line=line, own="1" if own else "")}
                    for s in (Stage.BEFORE, Stage.DURING, Stage.AFTER)
                ],
                "total": sum(cells.values()),
                "url": link(child.path, stage="open", line=line, own="1" if own else ""),
            }
        )
    most = [max(r["cells"][i]["count"] for r in rows) or 1 for i in range(3)] if rows else []
    for row in rows:
        for i, cell in enumerate(row["cells"]):
            cell["heat"] = -(-cell["count"] * 4 // most[i])
    return rows

