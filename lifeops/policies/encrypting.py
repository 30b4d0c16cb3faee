"""For migrations: columns that stood in plain text are encrypted where they lie, in batches that each commit.

A value is replaced only where it still is what was read. Broken off and begun again it goes on: what is encrypted already is
passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from psycopg2 import sql
from psycopg2.extras import execute_values

from lifeops.policies.crypto import decrypt, encrypt

BATCH = 1000
#: How every ciphertext of ours begins, and no address or mailbox.
MARK = "gAAAAA"


def encrypt_columns(schema_editor: Any, table: str, columns: Sequence[str], key: str = "id") -> None:
    for column in columns:
        _rewrite(schema_editor, table, column, key, "<> '' AND {c} NOT LIKE %s", encrypt)


def decrypt_columns(schema_editor: Any, table: str, columns: Sequence[str], key: str = "id") -> None:
    for column in columns:
        _rewrite(schema_editor, table, column, key, "LIKE %s", decrypt)


def _rewrite(schema_editor: Any, table: str, column: str, key: str, which: str, change: Callable[[str], str]) -> None:
    names: dict[str, sql.Composable] = {"t": sql.Identifier(table), "c": sql.Identifier(column), "k": sql.Identifier(key)}
    names["which"] = sql.SQL(which).format(**names)
    ask = sql.SQL("SELECT {k}, {c} FROM {t} WHERE {k} > %s AND {c} {which} ORDER BY {k} LIMIT %s").format(**names)
    put = sql.SQL("UPDATE {t} SET {c} = v.fresh FROM (VALUES %s) AS v (k, old, fresh) WHERE {t}.{k} = v.k AND {t}.{c} = v.old").format(**names)
    _in_batches(schema_editor, ask, [f"{MARK}%"], put, lambda pk, text: (pk, text, change(text)))


def encrypt_json(schema_editor: Any, table: str, source: str, target: str, key: str = "id") -> None:
    """Fill the empty encrypted column `target` from the JSON column `source`."""
    _copy(schema_editor, table, source, target, key, "text", lambda text: encrypt(json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))))


def decrypt_json(schema_editor: Any, table: str, source: str, target: str, key: str = "id") -> None:
    """The way back: the JSON column `target` from the encrypted column `source`."""
    _copy(schema_editor, table, source, target, key, "jsonb", decrypt)


def _copy(schema_editor: Any, table: str, source: str, target: str, key: str, kind: str, change: Callable[[str], str]) -> None:
    names: dict[str, sql.Composable] = {
        "t": sql.Identifier(table), "s": sql.Identifier(source), "g": sql.Identifier(target), "k": sql.Identifier(key), "kind": sql.SQL(kind)
    }  # fmt: skip
    ask = sql.SQL("SELECT {k}, {s} FROM {t} WHERE {k} > %s AND {g} IS NULL ORDER BY {k} LIMIT %s").format(**names)
    put = sql.SQL("UPDATE {t} SET {g} = v.fresh::{kind} FROM (VALUES %s) AS v (k, fresh) WHERE {t}.{k} = v.k").format(**names)
    _in_batches(schema_editor, ask, [], put, lambda pk, value: (pk, change(value)))


def _in_batches(
    schema_editor: Any, ask: sql.Composable, given: Sequence[str], put: sql.Composable, row: Callable[[Any, str], tuple[Any, ...]]
) -> None:
    """Both statements name tables and columns by `sql.Identifier`, values go beside them; `row` makes a row of VALUES of what was read."""
    connection, last = schema_editor.connection, 0
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(ask, [last, *given, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            execute_values(cursor.cursor, put, [row(*read) for read in rows], page_size=BATCH)
        last = rows[-1][0]
