"""Addresses and mailboxes in the changes that events tell are masked; what the hash is over is kept encrypted beside them."""

import json
from importlib import import_module

from django.db import migrations, transaction
from psycopg2.extras import execute_values

from lifeops.cases.models.event import VEILED, veiled
from lifeops.policies.crypto import decrypt, encrypt

rule = import_module("lifeops.cases.migrations.0008_veiled_events")
BATCH = 1000
PLAIN = "SELECT id, data FROM cases_caseevent WHERE id > %s AND sealed IS NULL AND data ? 'changes' AND data::text ~ %s ORDER BY id LIMIT %s"
SEALED = "SELECT id, sealed FROM cases_caseevent WHERE id > %s AND sealed IS NOT NULL AND %s <> '' ORDER BY id LIMIT %s"
PUT = "UPDATE cases_caseevent e SET data = v.data::jsonb, sealed = v.sealed FROM (VALUES %s) AS v (id, data, sealed) WHERE e.id = v.id"


def rewrite(schema_editor, ask, change):
    connection, last = schema_editor.connection, 0
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(ask, [last, "|".join(VEILED), BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.execute("SET LOCAL lifeops.veiling = 'on'")
            if found := [row for row in (change(*row) for row in rows) if row]:
                execute_values(cursor.cursor, PUT, found, template="(%s, %s, %s::text)", page_size=BATCH)
        last = rows[-1][0]


def veil(pk, text):
    data = json.loads(text)
    shown = veiled(data)
    return None if shown == data else (pk, json.dumps(shown, ensure_ascii=False), encrypt(json.dumps(data, ensure_ascii=False, separators=(",", ":"))))


def forward(apps, schema_editor):
    rewrite(schema_editor, PLAIN, veil)


def backward(apps, schema_editor):
    rewrite(schema_editor, SEALED, lambda pk, token: (pk, decrypt(token), None))


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False
    dependencies = [("cases", "0008_veiled_events")]
    operations = [
        migrations.RunPython(forward, backward, elidable=True),
        migrations.RunSQL(rule.RULE.replace("{more}", ""), rule.RULE.replace("{more}", rule.WHILE_VEILING)),
    ]
