"""The rows of `test_life_dates` once more, by the calendar of the database, which shares no line with ours."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.policies.test_life_dates import (
    AGES,
    ANNIVERSARIES,
    COOLING_OFF,
    GRACE,
    INSTALMENTS,
    STANDINGS,
    TERMS,
    WINDOW,
    YEARS,
    rows,
)

MONTHS_OF = {"annual": 12, "semiannual": 6, "quarterly": 3, "monthly": 1}
WORKED = (
    "(SELECT min(g)::date::text FROM generate_series({0}, {0} + interval '15 days', interval '1 day') g "
    "WHERE extract(isodow FROM g) < 6 AND NOT g BETWEEN '2026-10-01' AND '2026-10-07')"
)
COMPLETED = "(SELECT max(n) FROM generate_series(-1, 130) n WHERE (%s::date + n * interval '1 year')::date <= %s::date)"


def by_the_database() -> list[tuple[str, list[object], tuple[str, ...]]]:
    """(query, its arguments, what the row says)."""
    found: list[tuple[str, list[object], tuple[str, ...]]] = []
    found += [(f"SELECT {WORKED.format('%s::date + 15')}", [a, a], (b,)) for a, b in rows(COOLING_OFF)]
    found += [("SELECT (%s::date + 60)::text, (%s::date + 61)::text", [a, a], (b, c)) for a, b, c in rows(GRACE)]
    after_two_years = WORKED.format("(%s::date + interval '2 years')")
    found += [(f"SELECT {after_two_years}", [a, a], (b,)) for a, b in rows(WINDOW)]
    found += [("SELECT (%s::date + %s * interval '1 year')::date::text", [a, int(n)], (b,)) for a, n, b in rows(ANNIVERSARIES)]
    found += [
        ("SELECT (%s::date + %s * interval '1 month')::date::text", [a, MONTHS_OF[mode] * int(n)], (b,)) for a, mode, n, b in rows(INSTALMENTS)
    ]
    found += [(f"SELECT {COMPLETED}::text", [a, b], (age,)) for a, b, age in rows(AGES)]
    found += [(f"SELECT ({COMPLETED} + 1)::text", [a, b], (year,)) for a, b, year in rows(YEARS)]
    for a, term, age, last in rows(TERMS):
        years = int(term[3:]) - int(age) if term.startswith("TO_") else int(term[:-1])
        found.append(("SELECT ((%s::date + %s * interval '1 year')::date - 1)::text", [a, years], (last,)))
    standing = "SELECT CASE WHEN %s::date <= %s::date THEN 'paid' WHEN %s::date <= %s::date + 60 THEN 'in_grace' ELSE 'lapsed' END"
    found += [(standing, [day, due, day, due], (state,)) for due, day, state in rows(STANDINGS)]
    return found


@pytest.mark.django_db
def test_the_rows_agree_with_the_calendar_of_the_database():
    asked = by_the_database()
    assert len(asked) >= 190
    with connection.cursor() as cursor:
        for sql, given, said in asked:
            cursor.execute(sql, given)
            assert cursor.fetchone() == said, (sql, given)
