"""Fold the differences of the counters, and prove the counters against the cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from psycopg2.sql import SQL, Composable, Identifier, Literal

from lifeops.cases.states import UNDECIDED, State
from lifeops.org.locks import Lock, take

BATCH = 20_000
ZONE = "Asia/Shanghai"


def names(columns: Iterable[str]) -> Composable:
    """Columns as a list."""
    return SQL(", ").join(map(Identifier, columns))


def each(pattern: str, columns: Iterable[str], *, between: str = ", ") -> Composable:
    """A pattern once per column: {0} is its name, {true} and {held} the names it has in a comparison."""
    return SQL(between).join(
        SQL(pattern).format(Identifier(c), true=Identifier(f"true_{c}"), held=Identifier(f"held_{c}")) for c in columns
    )


@dataclass(frozen=True)
class Counter:
    """A pair of tables: `table` holds sums by `keys`, `table`delta what came since; `truth` counts the cases."""

    table: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    truth: Composable

    @property
    def parts(self) -> dict[str, Composable]:
        """What the statements about this counter are made of."""
        return {
            "table": Identifier(self.table), "delta": Identifier(f"{self.table}delta"), "keys": names(self.keys),
            "values": names(self.values), "sums": each("sum({0}) AS {0}", self.values), "truth": self.truth,
        }  # fmt: skip

    @property
    def held(self) -> Composable:
        """SQL of what the counters say at this moment, folded and not: one statement, so one moment."""
        return SQL(
            "SELECT {keys}, {sums} FROM (SELECT {keys}, {values} FROM {table} UNION ALL SELECT {keys}, {values} FROM {delta}) every "
            "GROUP BY {keys}"
        ).format(**self.parts)


TALLY = Counter(
    "insight_tally",
    ("branch_id", "state", "line", "item", "holder_party"),
    ("number",),
    SQL(
        "SELECT branch_id, state, line, item, holder_party, count(*) AS number FROM cases_case "
        "GROUP BY branch_id, state, line, item, holder_party"
    ),
)
_days = {
    c: SQL("({} AT TIME ZONE {})::date").format(Identifier(c), Literal(ZONE)) for c in ("accepted_at", "decided_at", "archived_at")
}
FLOW = Counter(
    "insight_flow",
    ("day", "branch_id", "line"),
    ("came_in", "decided", "went_out"),
    SQL(
        "SELECT day, branch_id, line, sum(i) AS came_in, sum(d) AS decided, sum(o) AS went_out FROM ("
        "SELECT {accepted_at} AS day, branch_id, line, 1 AS i, 0 AS d, 0 AS o FROM cases_case UNION ALL "
        "SELECT {decided_at}, branch_id, line, 0, 1, 0 FROM cases_case "
        "WHERE decided_at IS NOT NULL AND state NOT IN ({undecided}) UNION ALL "
        "SELECT {archived_at}, branch_id, line, 0, 0, 1 FROM cases_case "
        "WHERE archived_at IS NOT NULL AND state = 'archived') every GROUP BY day, branch_id, line"
    ).format(**_days, undecided=SQL(", ").join(Literal(State(s).value) for s in UNDECIDED)),
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
    parts = counter.parts | {"added": each("{0} = kept.{0} + EXCLUDED.{0}", counter.values)}
    with transaction.atomic(), connection.cursor() as cursor:
        if not take(Lock.FOLDING):  # one worker folds, a second one leaves at once
            return 0
        cursor.execute(
            SQL(
                "WITH taken AS (DELETE FROM {delta} WHERE id IN (SELECT id FROM {delta} ORDER BY id LIMIT %s) "
                "RETURNING {keys}, {values}), "
                "put AS (INSERT INTO {table} AS kept ({keys}, {values}) SELECT {keys}, {sums} FROM taken "
                "GROUP BY {keys} ORDER BY {keys} ON CONFLICT ({keys}) DO UPDATE SET {added}) SELECT count(*) FROM taken"
            ).format(**parts),
            [batch],
        )
        moved = cursor.fetchone()[0]
        if moved:
            # places where nothing stands any more are not read by every board for ever
            empty = each("{0} = 0", counter.values, between=" AND ")
            cursor.execute(SQL("DELETE FROM {table} WHERE {empty}").format(table=parts["table"], empty=empty))
    return moved


def differences(counter: Counter) -> list[dict[str, Any]]:
    """Where the counter and a count of the cases disagree, both taken at one moment. Reads every case: not for pages."""
    with connection.cursor() as cursor:
        cursor.execute(_compare(counter))
        found = [column.name for column in cursor.description]
        return [dict(zip(found, row, strict=True)) for row in cursor.fetchall()]


def mend(counter: Counter) -> int:
    """Append what is missing; steps at the same moment add their own, so nothing is counted twice."""
    missing = each("{true} - {held}", counter.values)
    with connection.cursor() as cursor:
        cursor.execute(
            SQL("INSERT INTO {delta} ({keys}, {values}) SELECT {keys}, {missing} FROM ({wrong}) wrong").format(
                **counter.parts, missing=missing, wrong=_compare(counter)
            )
        )
        return cursor.rowcount


def _compare(counter: Counter) -> Composable:
    return SQL(
        "SELECT {keys}, {columns} FROM ({truth}) t FULL JOIN ({held}) h USING ({keys}) WHERE {differ} ORDER BY {keys}"
    ).format(
        **counter.parts, held=counter.held,
        columns=each("coalesce(t.{0}, 0) AS {true}, coalesce(h.{0}, 0) AS {held}", counter.values),
        differ=each("coalesce(t.{0}, 0) <> coalesce(h.{0}, 0)", counter.values, between=" OR "),
    )  # fmt: skip


def prove(*, repair: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Differences per counter, empty when all agree; with `repair` they are made good."""
    found = {counter.table: differences(counter) for counter in COUNTERS}
    if repair:
        for counter in COUNTERS:
            if found[counter.table]:
                mend(counter)
    return found
