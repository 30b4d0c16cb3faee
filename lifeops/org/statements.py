"""Rows by statements that are put together once: for the few reads and writes that every step of a case makes.

The ORM puts its SQL together anew each time, which takes longer than PostgreSQL takes to answer. Here the text is kept;
columns, conversion and instances stay the ORM's. Signals are not sent: a model on which a history or a cache hangs is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, connection, models, transaction
from django.db.models.signals import post_save, pre_save
from psycopg2 import sql

M = TypeVar("M", bound=models.Model)
P = ParamSpec("P")
R = TypeVar("R")


def read(model: type[M], where: str, values: Sequence[Any] = ()) -> list[M]:
    """Rows of one table: `where` is written in the code, with a `%s` for each of `values`, and may end in order and lock."""
    return _rows(model, _select(model, where), values)


def read_one(model: type[M], where: str, values: Sequence[Any] = ()) -> M | None:
    """The first of the rows, or None."""
    return next(iter(read(model, where, values)), None)


def within_transaction() -> None:
    """A lock outside a transaction is let go of before it is of use: refused, as the ORM refuses it."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a row is locked within a transaction only")


def read_with(model: type[M], names: tuple[str, ...], where: str, values: Sequence[Any] = ()) -> list[M]:
    """`read` with the rows that required foreign keys point to ("version", then "version__product"); the table itself is `t`."""
    text, parts = _joined(model, names)
    with connection.cursor() as cursor:
        cursor.execute(text + where, values)
        found = cursor.fetchall()
    rows = []
    for row in found:
        made: dict[str, models.Model] = {}
        for name, kind, start, end in parts:
            columns, converters = _read_plan(kind)
            cells = _converted(row[start:end], converters) if converters else row[start:end]
            made[name] = kind.from_db(connection.alias, columns, cells)
            if name:
                parent, _, last = name.rpartition("__")
                setattr(made[parent], last, made[name])
        rows.append(made[""])
    return rows  # type: ignore[return-value]


def joins(function: Callable[P, R]) -> Callable[P, R]:
    """Atomic; within a transaction of the caller's a part of it, without a savepoint of its own: whoever catches its
    refusal gives up the whole."""
    whole = transaction.atomic(function)

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        return (function if connection.in_atomic_block else whole)(*args, **kwargs)

    return inner


@dataclass(frozen=True)
class Kept:
    """The SQL of a queryset, to be asked again with other values: `places` are values, or numbers of those to come."""

    text: str
    places: tuple[tuple[bool, Any], ...]

    @classmethod
    def of(cls, rows: models.QuerySet[Any], marks: Sequence[Any]) -> Kept:
        """A queryset of whole rows, built with marks (each unlike any other value) where a value is to come."""
        text, values = rows.query.sql_with_params()
        number = {mark: place for place, mark in enumerate(marks)}
        places = tuple((v in number, number.get(v, v)) if isinstance(v, Hashable) else (False, v) for v in values)
        if set(number.values()) != {place for comes, place in places if comes} or rows.query.select_related:
            raise ValueError(f"{rows.model.__name__}: this queryset cannot be kept")
        return cls(text, places)

    def read(self, model: type[M], values: Sequence[Any]) -> list[M]:
        return _rows(model, self.text, self._filled(values))

    def tuples(self, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.text, self._filled(values))
            return cursor.fetchall()

    def _filled(self, values: Sequence[Any]) -> list[Any]:
        return [values[place] if comes else place for comes, place in self.places]


#: What stands in a question for a value to come: unlike anything that is asked for.
_MARKS: dict[type, Callable[[int], Any]] = {
    int: lambda n: 31_337 + n, date: lambda n: date(1900, 1, 1) + timedelta(days=n), str: lambda n: f"\x02{n}\x03",
}  # fmt: skip


class Question:
    """A queryset that is asked again and again: built when first asked, with marks for the values (of these kinds)."""

    def __init__(self, *kinds: type) -> None:
        self.kinds = kinds

    def __call__(self, build: Callable[..., models.QuerySet[Any]]) -> Question:
        self.build = build
        return self

    @cached_property
    def _made(self) -> tuple[type[models.Model], Kept]:
        marks = [_MARKS[kind](n) for n, kind in enumerate(self.kinds)]
        rows = self.build(*marks)
        return rows.model, Kept.of(rows, marks)

    def read(self, *values: Any) -> list[Any]:
        """Whole rows."""
        model, kept = self._made
        return kept.read(model, values)

    def tuples(self, *values: Any) -> list[tuple[Any, ...]]:
        """What `values_list` gives; only of columns that need no conversion."""
        return self._made[1].tuples(values)

    def flat(self, *values: Any) -> list[Any]:
        return [row[0] for row in self.tuples(*values)]

    def exists(self, *values: Any) -> bool:
        return bool(self.tuples(*values))


def insert_many(rows: Sequence[models.Model]) -> None:
    """`bulk_create` of rows of one model, without signals."""
    if not rows:
        return
    _, fields = _insert_plan(type(rows[0]))
    prepared = [f.get_db_prep_save(f.pre_save(row, True), connection) for row in rows for f in fields]
    with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(_insert_text(type(rows[0]), len(rows)), prepared)
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias


def reach(row: models.Model, name: str) -> Any:
    """The row to which a foreign key points, read where it has not been, as `getattr` would."""
    field: Any = row._meta.get_field(name)
    if not field.is_cached(row):
        key = getattr(row, field.attname)
        found = None if key is None else read_one(field.related_model, f"{_key(field.related_model).column} = %s", [key])
        if key is None or found is not None:
            field.set_cached_value(row, found)
    return getattr(row, name)


def insert(row: models.Model) -> None:
    """`row.save(force_insert=True)` without signals."""
    text, fields = _insert_plan(type(row))
    given = [f.pre_save(row, True) for f in fields]
    if any(hasattr(value, "resolve_expression") for value in given):
        row.save(force_insert=True)  # a value that the database makes
        return
    prepared = [f.get_db_prep_save(value, connection) for f, value in zip(fields, given, strict=True)]
    with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(text, prepared)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def update(row: models.Model, names: Sequence[str]) -> None:
    """`row.save(update_fields=names)` without signals; names of fields or of their columns."""
    if not names:
        return
    text, fields = _update_plan(type(row), tuple(names))
    given = [f.get_db_prep_save(f.pre_save(row, False), connection) for f in fields]
    with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(text, [*given, row.pk])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{row._meta.label} {row.pk}: no such row")


def _rows(model: type[M], text: str, values: Sequence[Any]) -> list[M]:
    names, converters = _read_plan(model)
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        found = cursor.fetchall()
    if converters:
        found = [_converted(row, converters) for row in found]
    return [model.from_db(connection.alias, names, row) for row in found]


def _converted(row: tuple[Any, ...], converters: list[tuple[int, list[Any]]]) -> list[Any]:
    values = list(row)
    for place, found in converters:
        for convert in found:
            values[place] = convert(values[place], None, connection)
    return values


@cache
def _read_plan(model: type[models.Model]) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    fields: Any = model._meta.concrete_fields
    converters = [(place, f.get_db_converters(connection)) for place, f in enumerate(fields)]
    return [f.attname for f in fields], [pair for pair in converters if pair[1]]


@cache
def _select(model: type[models.Model], where: str) -> str:
    meta = model._meta
    columns = sql.SQL(", ").join(sql.Identifier(meta.db_table, f.column) for f in meta.concrete_fields)
    return _text(sql.SQL("SELECT {} FROM {} WHERE ").format(columns, sql.Identifier(meta.db_table))) + where


@cache
def _joined(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[tuple[str, Any, int, int]]]:
    kinds: dict[str, Any] = {"": model}
    tables = [sql.SQL("{} t").format(sql.Identifier(model._meta.db_table))]
    alias = {"": "t"}
    for name in names:
        parent, _, last = name.rpartition("__")
        field: Any = kinds[parent]._meta.get_field(last)
        kinds[name], alias[name] = field.related_model, f"t_{name}"
        tables.append(sql.SQL("JOIN {} {} ON {} = {}").format(
            sql.Identifier(kinds[name]._meta.db_table), sql.Identifier(alias[name]),
            sql.Identifier(alias[name], _key(kinds[name]).column), sql.Identifier(alias[parent], field.column),
        ))  # fmt: skip
    columns, parts, at = list[sql.Composable](), list[tuple[str, Any, int, int]](), 0
    for name, kind in kinds.items():
        fields = kind._meta.concrete_fields
        columns += [sql.Identifier(alias[name], f.column) for f in fields]
        parts.append((name, kind, at, at + len(fields)))
        at += len(fields)
    statement = sql.SQL("SELECT {} FROM {} WHERE ").format(sql.SQL(", ").join(columns), sql.SQL(" ").join(tables))
    return _text(statement), parts


@cache
def _insert_plan(model: type[models.Model]) -> tuple[str, list[Any]]:
    return _insert_text(model, 1), [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]


@lru_cache(maxsize=200)
def _insert_text(model: type[models.Model], count: int) -> str:
    _refuse_heard(model)
    meta = model._meta
    names = [sql.Identifier(f.column) for f in meta.concrete_fields if not isinstance(f, models.AutoField)]
    one = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(names)))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES {} RETURNING {}").format(
        sql.Identifier(meta.db_table), sql.SQL(", ").join(names), sql.SQL(", ").join([one] * count), sql.Identifier(_key(model).column)
    )
    return _text(statement)


@cache
def _update_plan(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, list[Any]]:
    _refuse_heard(model)
    meta = model._meta
    by_name = {f.attname: f for f in meta.concrete_fields} | {f.name: f for f in meta.concrete_fields}
    fields = [by_name[name] for name in names]
    sets = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(f.column), sql.Placeholder()) for f in fields)
    statement = sql.SQL("UPDATE {} SET {} WHERE {} = {}").format(
        sql.Identifier(meta.db_table), sets, sql.Identifier(_key(model).column), sql.Placeholder()
    )
    return _text(statement), fields


def _refuse_heard(model: type[models.Model]) -> None:
    """A history, or a cache to be emptied, would not learn of what is written here."""
    if pre_save.has_listeners(model) or post_save.has_listeners(model):
        raise TypeError(f"{model._meta.label}: has receivers, save() it")


def _key(model: type[models.Model]) -> Any:
    return model._meta.pk


def _text(statement: sql.Composable) -> str:
    connection.ensure_connection()
    return statement.as_string(connection.connection)
