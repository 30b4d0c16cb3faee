"""密钥轮换: every encrypted value under the newest key, in small batches, while people work.

A value is replaced only where it still is what was read, so a change made in the same moment wins. What was done is
kept per table: a run that is broken off goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connection, transaction
from psycopg2 import sql

from lifeops.policies.crypto import EncryptedTextField, is_newest, newest_key_print, reencrypt
from lifeops.policies.models.keys import KeyRotation

BATCH = 500


@dataclass(frozen=True)
class Table:
    """A table with encrypted columns and its key column."""

    name: str
    label: str
    key: str
    columns: tuple[str, ...]


class Unreadable(Exception):
    """A value fits none of the keys; the row is named, the value is not."""


def tables() -> list[Table]:
    """Every table of the system that has an encrypted column."""
    found: dict[str, Table] = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        columns = tuple(f.column for f in meta.local_fields if isinstance(f, EncryptedTextField))
        if columns and meta.managed and not meta.proxy:
            found[meta.db_table] = Table(meta.db_table, str(meta.verbose_name), meta.pk.column, columns)
    return sorted(found.values(), key=lambda t: t.name)


def batches(table: Table, after: int, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Rows with key and ciphertexts, by key."""
    statement = sql.SQL("SELECT {key}, {columns} FROM {table} WHERE {key} > %s AND COALESCE({columns}) IS NOT NULL ORDER BY {key} LIMIT %s").format(
        key=sql.Identifier(table.key), table=sql.Identifier(table.name), columns=sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [after, size])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def stale(table: Table, row: tuple[Any, ...]) -> list[tuple[str, str]]:
    """(column, ciphertext) of a row that is not under the newest key."""
    return [(c, v) for c, v in zip(table.columns, row[1:], strict=True) if v and not is_newest(v)]


def remaining(table: Table) -> int:
    """Values not under the newest key. Reads the whole table."""
    return sum(len(stale(table, row)) for rows in batches(table, 0, BATCH) for row in rows)


def rotate(table: Table, *, now: datetime, size: int = BATCH, most: int | None = None) -> int:
    """Go on with a table; returns how many values were encrypted anew. `most` ends after so many batches."""
    state, _ = KeyRotation.objects.get_or_create(key_print=newest_key_print(), table=table.name)
    if state.done_at is not None:
        return 0
    before, done = state.changed, 0
    for number, rows in enumerate(batches(table, state.last_pk, size), start=1):
        with transaction.atomic():
            state.changed += sum(_replace(table, row[0], column, token) for row in rows for column, token in stale(table, row))
            state.last_pk = rows[-1][0]
            state.save(update_fields=["last_pk", "changed"])
        done = number
        if most is not None and done >= most:
            return state.changed - before
    state.done_at = now
    state.save(update_fields=["done_at"])
    return state.changed - before


def _replace(table: Table, key: Any, column: str, token: str) -> int:
    try:
        fresh = reencrypt(token)
    except InvalidToken:
        raise Unreadable(f"{table.label}（{table.name}）第 {key} 行的 {column} 用现有密钥均不能解密") from None
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s").format(
                table=sql.Identifier(table.name), column=sql.Identifier(column), key=sql.Identifier(table.key)
            ),
            [fresh, key, token],
        )
        return cursor.rowcount


def again() -> None:
    """Forget how far the newest key has come: rows written under an older key meanwhile are found by a second pass."""
    KeyRotation.objects.filter(key_print=newest_key_print()).delete()
