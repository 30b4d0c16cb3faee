"""Many rows, each with its own values, in one statement: for sweeps, where a CASE per row and column costs too much."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from django.db import connection, models
from psycopg2 import sql


def write_columns(rows: Collection[models.Model], names: list[str]) -> None:
    """Save these fields of rows of one table that the caller has locked."""
    if not rows:
        return
    model = type(next(iter(rows)))
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    columns = [[f.get_db_prep_save(getattr(row, f.attname), connection) for row in rows] for f in fields]
    update_columns(model, names, columns)


def update_columns(model: type[models.Model], names: list[str], columns: list[list[Any]]) -> None:
    """The same of values that are no instances: a list of keys, then one for each of the fields. The state is not among them."""
    if "state" in names:
        raise TypeError("案件状态只能经由 perform 改变")
    with connection.cursor() as cursor:
        cursor.execute(_update_text(model, tuple(names)), columns)


@cache
def _update_text(model: type[models.Model], names: tuple[str, ...]) -> str:
    meta: Any = model._meta
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in names)]
    names_of = [sql.Identifier(f.column) for f in fields]
    types = [f.rel_db_type(connection) if f.primary_key else f.db_type(connection) for f in fields]
    statement = sql.SQL("UPDATE {table} t SET {sets} FROM unnest({arrays}) AS v({given}) WHERE t.{key} = v.{key}").format(
        table=sql.Identifier(meta.db_table), given=sql.SQL(", ").join(names_of), key=names_of[0],
        sets=sql.SQL(", ").join(sql.SQL("{0} = v.{0}").format(name) for name in names_of[1:]),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in types),
    )  # fmt: skip
    connection.ensure_connection()
    return statement.as_string(connection.connection)


def insert_columns(model: type[models.Model], columns: dict[str, list[Any]]) -> list[int]:
    """Rows of values that are no instances, by field; the other columns stay empty. Returns the keys."""
    meta: Any = model._meta
    fields: list[Any] = [meta.get_field(name) for name in columns]
    # as text, so that what is too long is refused and not cut
    types = ["text" if f.get_internal_type() == "CharField" else f.rel_db_type(connection) if f.is_relation else f.db_type(connection) for f in fields]
    statement = sql.SQL("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) RETURNING {key}").format(
        table=sql.Identifier(meta.db_table), names=sql.SQL(", ").join(sql.Identifier(f.column) for f in fields),
        arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in types), key=sql.Identifier(meta.pk.column),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, list(columns.values()))
        return [key for (key,) in cursor.fetchall()]
