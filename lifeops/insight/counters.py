"""Fold the differences of the counters, and prove the counters against the cases."""

# ruff: noqa: S608 - tables and columns are the constants below, nothing comes from outside
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from lifeops.cases.states import UNDECIDED, State

#: Key of the advisory lock under which one worker folds; a second one leaves at once.
FOLDING = 7_301_955
BATCH = 20_000
ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Counter:
    """A pair of tables: `table` holds sums by `keys`, `table`delta what came since; `truth` counts the cases."""

    table: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    truth: str

    @property
    def held(self) -> str:
        """SQL of what the counters say at this moment, folded and not: one statement, so one moment."""
        columns = ", ".join((*self.keys, *self.values))
        return (
            f"SELECT {', '.join(self.keys)}, {', '.join(f'sum({v}) AS {v}' for v in self.values)} "
            f"FROM (SELECT {columns} FROM {self.table} UNION ALL SELECT {columns} FROM {self.table}delta) every "
            f"GROUP BY {', '.join(self.keys)}"
        )


TALLY = Counter(
    "insight_tally",
    ("branch_id", "state", "line", "item", "holder_party"),
    ("number",),
    "SELECT branch_id, state, line, item, holder_party, count(*) AS number FROM cases_case "
    "GROUP BY branch_id, state, line, item, holder_party",
)
_undecided = ", ".join(f"'{State(s).value}'" for s in UNDECIDED)
_days = {c: f"({c} AT TIME ZONE '{ZONE}')::date" for c in ("accepted_at", "decided_at", "archived_at")}
FLOW = Counter(
    "insight_flow",
    ("day", "branch_id", "line"),
    ("came_in", "decided", "went_out"),
    f"SELECT day, branch_id, line, sum(i) AS came_in, sum(d) AS decided, sum(o) AS went_out FROM ("
    f"SELECT {_days['accepted_at']} AS day, branch_id, line, 1 AS i, 0 AS d, 0 AS o FROM cases_case UNION ALL "
    f"SELECT {_days['decided_at']}, branch_id, line, 0, 1, 0 FROM cases_case "
    f"WHERE decided_at IS NOT NULL AND state NOT IN ({_undecided}) UNION ALL "
    f"SELECT {_days['archived_at']}, branch_id, line, 0, 0, 1 FROM cases_case "
    f"WHERE archived_at IS NOT NULL AND state = 'archived') every GROUP BY day, branch_id, line",
)
COUNTERS = (TALLY, FLOW)


def fold(*, batch: int = BATCH) -> int:
    """Move differences into the sums; returns how many. Safe at any number of workers, invisible to readers."""
    done = 0
    for counter in COUNTERS:
        while True:
            moved = _fold_batch(counter, batch)
            done += moved
            if moved < batch:
                break
    return done


def _fold_batch(counter: Counter, batch: int) -> int:
    """One batch in one transaction: a reader sees the differences or their sum, never both and never neither."""
    keys, values = ", ".join(counter.keys), ", ".join(counter.values)
    sums = ", ".join(f"sum({v}) AS {v}" for v in counter.values)
    added = ", ".join(f"{v} = {counter.table}.{v} + EXCLUDED.{v}" for v in counter.values)
    empty = " AND ".join(f"{v} = 0" for v in counter.values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLDING])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            f"WITH taken AS (DELETE FROM {counter.table}delta WHERE id IN ("
            f"SELECT id FROM {counter.table}delta ORDER BY id LIMIT %s) RETURNING {keys}, {values}), "
            f"put AS (INSERT INTO {counter.table} ({keys}, {values}) SELECT {keys}, {sums} FROM taken "
            f"GROUP BY {keys} ORDER BY {keys} ON CONFLICT ({keys}) DO UPDATE SET {added}) SELECT count(*) FROM taken",
            [batch],
        )
        moved = cursor.fetchone()[0]
        if moved:
            # places where nothing stands any more are not read by every board for ever
            cursor.execute(f"DELETE FROM {counter.table} WHERE {empty}")
    return moved


def differences(counter: Counter) -> list[dict[str, Any]]:
    """Where the counter and a count of the cases disagree, both taken at one moment. Reads every case: not for pages."""
    with connection.cursor() as cursor:
        cursor.execute(_compare(counter))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def mend(counter: Counter) -> int:
    """Append what is missing; steps at the same moment add their own, so nothing is counted twice."""
    keys = ", ".join(counter.keys)
    values = ", ".join(counter.values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {counter.table}delta ({keys}, {values}) "
            f"SELECT {keys}, {', '.join(f'true_{v} - held_{v}' for v in counter.values)} FROM ({_compare(counter)}) wrong"
        )
        return cursor.rowcount


def _compare(counter: Counter) -> str:
    keys = ", ".join(counter.keys)
    columns = ", ".join(f"coalesce(t.{v}, 0) AS true_{v}, coalesce(h.{v}, 0) AS held_{v}" for v in counter.values)
    differ = " OR ".join(f"coalesce(t.{v}, 0) <> coalesce(h.{v}, 0)" for v in counter.values)
    return (
        f"SELECT {keys}, {columns} FROM ({counter.truth}) t FULL JOIN ({counter.held}) h USING ({keys}) WHERE {differ} "
        f"ORDER BY {keys}"
    )


def prove(*, repair: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Differences per counter, empty when all agree; with `repair` they are made good."""
    found = {counter.table: differences(counter) for counter in COUNTERS}
    if repair:
        for counter in COUNTERS:
            if found[counter.table]:
                mend(counter)
    return found
