"""The scratch database of a bench run: the cast, the default rules, and waiting cases by the hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import setup_test_environment, teardown_test_environment

from lifeops.cases.models import Case, Clock
from tests.cast import Cast, make_cast
from tests.conftest import load_defaults
from tests.factories import handed_over
from tests.screening.listing import in_force

#: People on the list in force.
LISTED = 1000


@contextmanager
def scratch() -> Iterator[Cast]:
    """A database of its own, dropped at the end."""
    setup_test_environment(debug=False)
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        load_defaults()
        cast = make_cast()
        # as in life, everybody of a case is held against a list that names others
        in_force(cast, *(f"名单人{number},,,,19{number % 90 + 10:02d}-01-02," for number in range(LISTED)))
        yield cast
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
        teardown_test_environment()


def pattern(cast: Cast) -> Case:
    """A real claim in the pool, of which the others are copies."""
    return handed_over(cast)


def fill(case: Case, count: int, line: str, item: str) -> None:
    """So many rows of a line like the pattern, each with its running clock; due times spread over a month."""
    columns = [f.column for f in Case._meta.concrete_fields if f.column != "id"]
    made = {
        "number": f"'{case.number}-{line[0]}-' || g",
        "line": f"'{line}'",
        "item": f"'{item}'",
        "due_at": "now() + (g %% 43200) * interval '1 minute'",
        "rank": "CASE WHEN g %% 50 = 0 THEN 0 WHEN g %% 10 = 0 THEN 1 ELSE 2 END",
    }
    clock = Clock.objects.running().filter(case=case).order_by("pk").first()
    clock_columns = [f.column for f in Clock._meta.concrete_fields if f.column != "id"]
    clock_made = {"case_id": "c.id", "next_at": "c.due_at", "due_at": "c.due_at", "warn_at": "c.due_at", "level": "0"}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # counters and foreign keys of copies need no proof here
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(columns)}) SELECT {', '.join(made.get(c, 'p.' + c) for c in columns)} "
            "FROM cases_case p, generate_series(1, %s) g WHERE p.id = %s", [count, case.pk],
        )
        cursor.execute(
            f"INSERT INTO cases_clock ({', '.join(clock_columns)}) "
            f"SELECT {', '.join(clock_made.get(c, 'k.' + c) for c in clock_columns)} "
            "FROM cases_clock k, cases_case c WHERE k.id = %s AND c.number LIKE %s AND c.id <> %s "
            "AND NOT EXISTS (SELECT 1 FROM cases_clock x WHERE x.case_id = c.id)", [clock.pk, f"{case.number}-{line[0]}-%", case.pk],
        )
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE cases_case")
        cursor.execute("VACUUM ANALYZE cases_clock")
