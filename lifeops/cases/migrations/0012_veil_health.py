"""What was said about health is taken out of the changes that events tell; what the hash is over is kept encrypted beside them."""

import json
from importlib import import_module

from django.db import migrations, transaction
from psycopg2.extras import execute_values

from lifeops.cases.models.event import veiled
from lifeops.policies.crypto import decrypt, encrypt

rule = import_module("lifeops.cases.migrations.0008_veiled_events")
BATCH = 1000
#: Events that tell an answer in the words of its question, and those from which one may have been taken.
TOLD = "SELECT id, data, sealed FROM cases_caseevent WHERE id > %s AND data ? 'changes' AND data::text ~ '第 [0-9]+ 项 ' ORDER BY id LIMIT %s"
SEALED = "SELECT id, data, sealed FROM cases_caseevent WHERE id > %s AND sealed IS NOT NULL ORDER BY id LIMIT %s"
PUT = "UPDATE cases_caseevent e SET data = v.data::jsonb, sealed = v.sealed FROM (VALUES %s) AS v (id, data, sealed) WHERE e.id = v.id"


def rewrite(schema_editor, ask, change):
    connection, last = schema_editor.connection, 0
    while True:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(ask, [last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.execute("SET LOCAL lifeops.veiling = 'on'")
            if found := [row for row in (change(*row) for row in rows) if row]:
                execute_values(cursor.cursor, PUT, found, template="(%s, %s, %s::text)", page_size=BATCH)
        last = rows[-1][0]


def veil(pk, text, token):
    data = json.loads(text)
    shown = veiled(data)
    kept = token or encrypt(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return None if shown == data else (pk, json.dumps(shown, ensure_ascii=False), kept)


def unveil(pk, text, token):
    whole = json.loads(decrypt(token))
    shown = veiled(whole, health=False)
    return pk, json.dumps(shown, ensure_ascii=False), None if shown == whole else token


def forward(apps, schema_editor):
    rewrite(schema_editor, TOLD, veil)


def backward(apps, schema_editor):
    rewrite(schema_editor, SEALED, unveil)


SHUT, OPEN = (rule.RULE.replace("{more}", more) for more in ("", rule.WHILE_VEILING))


class Migration(migrations.Migration):
    # each batch commits: no lock outlasts it
    atomic = False
    dependencies = [("cases", "0011_organisations")]
    operations = [
        migrations.RunSQL(OPEN, SHUT),
        migrations.RunPython(forward, backward, elidable=True),
        migrations.RunSQL(SHUT, OPEN),
    ]
