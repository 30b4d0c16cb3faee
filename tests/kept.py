"""Rows that many tests begin with, made once per session by the code that makes them and put back as they were.

The rules take seconds to load and the cast a tenth of one; as rows they are back in one statement per table. Numbers are
those of the first time, and the counters of the tables stand behind them.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

#: Written by Django itself after each emptying of the tables.
DJANGOS_OWN = ("django_migrations", "django_content_type", "auth_permission")
Kept = dict[str, str]


def counted() -> dict[str, int]:
    """Rows per table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in DJANGOS_OWN:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                found[table] = cursor.fetchone()[0]
    return found


def keep(before: dict[str, int] | None = None) -> Kept:
    """The rows of all tables that were empty `before`, as text."""
    kept = {}
    with connection.cursor() as cursor:
        for table, rows in counted().items():
            had = (before or {}).get(table, 0)
            if rows == had:
                continue
            assert had == 0, f"{table}: rows were added to others, which cannot be told apart"
            cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t')
            kept[table] = cursor.fetchone()[0]
    return kept


def put_back(kept: Kept) -> None:
    """The rows again, in each table that is empty."""
    # keys are checked at the end of the transaction, so the order does not matter
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in kept.items():
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM json_populate_recordset(NULL::"{table}", %s)'
                f' WHERE NOT EXISTS (SELECT FROM "{table}")', [rows],
            )


def emptied() -> bool:
    """Empty all tables but Django's own, for tests whose rows were committed; False where this user may not.

    Django truncates every table, which makes some 800 files anew, and asks for its permissions afterwards: a second per test.
    Here only the tables that have rows lose them, and Django's own are not touched.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            return False
        # names of tables cannot be parameters; these are the database's own, quoted by Django
        quoted = connection.ops.quote_name
        tables = [quoted(name) for name in connection.introspection.table_names(cursor) if name not in DJANGOS_OWN]
        with transaction.atomic():
            # as TRUNCATE does: whoever is still writing ends first
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
            cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables))
            filled = [name for (name,) in cursor.fetchall()]
            # neither foreign keys nor the triggers of tables that only grow are asked: all goes
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name in filled:
                cursor.execute(f"DELETE FROM {name}")
    return True


def made(make: Any) -> Kept:
    """What `make` puts into the tables; nothing of it stays."""
    with transaction.atomic():
        before = counted()
        make()
        kept = keep(before)
        transaction.set_rollback(True)
    return kept
