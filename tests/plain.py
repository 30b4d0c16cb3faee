"""What of people's numbers, addresses and mailboxes can be read in the database without the keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from psycopg2 import sql

from lifeops.policies.crypto import EncryptedTextField

#: Shorter values occur by chance in other words.
LEAST = 6
TEXT = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'ARRAY')"
#: Of encrypted rows and letters: what is a person's own; the other words of a paper stand elsewhere too.
OWN = ("id_number", "account", "payee_account", "addressee_address", "address", "phone", "email", "note")


def secrets() -> dict[str, str]:
    """Every clear value that the models encrypt → where it stands."""
    found: dict[str, str] = {}
    for model in apps.get_models(include_auto_created=True):
        names = [f.attname for f in model._meta.local_fields if isinstance(f, EncryptedTextField)]
        for row in model._base_manager.values_list(*names) if names and model._meta.managed and not model._meta.proxy else ():
            for name, value in zip(names, row, strict=True):
                found |= {text: f"{model._meta.label}.{name}" for text in told(value) if len(text) >= LEAST and "*" not in text}
    return found


def told(value: Any, own: bool = True) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from told(inner, name in OWN)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner, own and not isinstance(inner, str))
    elif isinstance(value, str) and own:
        yield value.strip()


def readable(database: Any = connection) -> dict[str, str]:
    """Table and column → all that it says."""
    found = {}
    with database.cursor() as cursor:
        cursor.execute(TEXT)
        for table, column in cursor.fetchall():
            # names from the catalogue of the database, quoted
            cursor.execute(sql.SQL("SELECT string_agg({c}::text, E'\\n') FROM {t}").format(c=sql.Identifier(column), t=sql.Identifier(table)))
            found[f"{table}.{column}"] = cursor.fetchone()[0] or ""
    return found


def in_plain_text() -> set[tuple[str, str]]:
    """(where it is kept encrypted, column in which it can be read all the same)."""
    known = secrets()
    assert known, "nothing to look for"
    return {(source, column) for column, text in readable().items() if text for secret, source in known.items() if secret in text}
