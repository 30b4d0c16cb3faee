"""A company around the one case of a test: thousands of cases of another unit, so that a plan that walks through them shows."""

from __future__ import annotations

from typing import Any

from django.db import connection

from lifeops.cases.models import Case, Request

MANY = 6_000


def company(case: Case, letter: Request, unit: Any) -> None:
    """So many archived cases of another unit like this one, each with a letter that is done."""
    cases = [f.column for f in Case._meta.concrete_fields if f.column != "id"]
    made = {"number": "'FAR-' || g", "branch_id": str(unit.pk), "branch_path": f"'{unit.path}'", "state": "'archived'", "assignee_id": "NULL", "due_at": "NULL"}
    letters = [f.column for f in Request._meta.concrete_fields if f.column != "id"]
    of_it = {"number": "'FARQ-' || c.id", "case_id": "c.id", "branch_id": str(unit.pk), "state": "'closed'", "next_urge_at": "NULL"}
    # put together of the models' own columns and of what stands above: copies need neither triggers nor foreign keys
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO cases_case ({', '.join(cases)}) SELECT {', '.join(made.get(c, 'p.' + c) for c in cases)} "
            "FROM cases_case p, generate_series(1, %s) g WHERE p.id = %s", [MANY, case.pk],
        )
        cursor.execute(
            f"INSERT INTO cases_request ({', '.join(letters)}) SELECT {', '.join(of_it.get(c, 'q.' + c) for c in letters)} "
            "FROM cases_request q, cases_case c WHERE q.id = %s AND c.number LIKE 'FAR-%%'", [letter.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("ANALYZE cases_case, cases_request, cases_caseevent")
